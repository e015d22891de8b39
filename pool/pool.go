// Package pool runs functions on a bounded number of goroutines and hands out a typed
// future for each.
//
//	p := pool.New[string, int](pool.WithWorkers(8))
//	defer p.Close()
//	f := p.Submit(ctx, countWords, "README.md")
//	n, err := f.Await(ctx)
//
// # Three contexts
//
// The ctx of a submit is the task's: it limits the wait for room in the queue, and the
// context that the function gets is derived from it. The ctx of Await limits one wait and
// leaves the task alone. The ctx inside a task is the one that the function gets; it ends
// when the submit ctx ends, on [future.Future.Cancel], when the pool is stopped, and when
// the function has returned.
//
// # Inside a task
//
// Pass the task's ctx, or one derived from it, to everything that the task submits or
// awaits: that is how the pool knows. Then a submit never waits for room, awaiting a task
// that has not started runs it right there, and awaiting a running one lends the worker's
// slot to others. A pool of one worker computes a recursion of any depth. For other waits,
// on a lock, a channel or the network, [Block] lends the slot.
//
// # When not to use it
//
// For a few goroutines with one error, use golang.org/x/sync/errgroup. For a pipeline of
// stages, use channels. A task that holds a lock while it awaits another that wants the
// lock waits for itself, here as anywhere.
package pool

import (
	"context"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/internal/queue"
)

// A Func is what a Pool[T, R] runs. Its ctx is the task's own context.
type Func[T, R any] = func(ctx context.Context, arg T) (R, error)

// A Pool runs functions from T to R on a bounded number of workers. Tasks wait in a bounded
// queue, first in, first out; tasks submitted by one goroutine start in the order of
// submission if there is one worker. All methods may be called by any number of goroutines
// at once.
//
// A pool is made by [New] and ended by Close, Shutdown or Stop. Workers are goroutines,
// started when there is work and ended when there has been none for a while; a pool that
// is idle for long has none.
//
// In the terminology of the Go memory model, a submit synchronizes before the start of its
// task, the return of the task's function synchronizes before any Await, Try or Done that
// observes its future settled, and all of it before Close, Shutdown and Stop return.
type Pool[T, R any] struct {
	engine engine
	queue  *queue.Queue[entry[T, R]] // nil: made by Share
}

// New makes a pool. It starts no goroutine.
func New[T, R any](opts ...Option) *Pool[T, R] {
	p := new(Pool[T, R])
	p.engine.init(work[T, R]{p}, ownLine[T, R]{p}, opts)
	if p.engine.unbounded {
		p.queue = queue.NewUnbounded(p.engine.queue, p.over)
	} else {
		p.queue = queue.New(p.engine.queue, p.over)
	}
	return p
}

// Submit queues fn to be called with arg, and returns the future of its result. It waits
// while the queue is full, until there is room, ctx ends, or the pool closes; inside a task
// of the pool it never waits. WithOnFull can make it do something else than wait.
//
// It never returns nil. A task that is refused has a future settled with [ErrClosed],
// [ErrFull], or a [*future.CancelError] if ctx or the pool's context has ended. An accepted
// task runs, unless it is cancelled before it has started, or dropped under
// DropOldestWhenFull.
//
// ctx is the task's, see the package's comment. A panic of fn is recovered and becomes a
// [*future.PanicError], and a call of [runtime.Goexit] becomes [future.ErrGoexit]. fn should
// leave its goroutine as it found it: an OS thread that it locks must be unlocked.
//
// Submit costs one allocation, for task and future together.
func (p *Pool[T, R]) Submit(ctx context.Context, fn func(context.Context, T) (R, error), arg T) *future.Future[R] {
	check("Submit", ctx, fn)
	t, e := p.newTask(ctx, fn, arg)
	_ = p.submitted(t, p.admit(ctx, &e, &t.Frame))
	return t.future()
}

// TrySubmit is Submit without the wait, and without the settled future: a refusal is its
// error, [ErrFull], [ErrClosed] or a [*future.CancelError], and the future is nil then. On a
// full queue it makes room under DropOldestWhenFull, and under any other policy says
// ErrFull, inside a task too.
func (p *Pool[T, R]) TrySubmit(ctx context.Context, fn func(context.Context, T) (R, error), arg T) (*future.Future[R], error) {
	check("TrySubmit", ctx, fn)
	t, e := p.newTask(ctx, fn, arg)
	err := p.tryAdmit(ctx, &e, &t.Frame)
	if x := t.tracked(); err != nil && x != nil {
		x.mute = true
	}
	if p.submitted(t, err) != nil {
		return nil, err
	}
	return t.future(), nil
}

// Go is Submit without a future: the value and the error of fn are dropped, though the
// error counts in Stats and for WithFailFast. It waits for room as Submit does, and returns
// [ErrClosed], [ErrFull] or a [*future.CancelError] if the task is refused. If it returns
// nil, fn will be called, unless ctx or the pool's context ends before, or the task is dropped
// under DropOldestWhenFull; then nobody is told.
//
// A panic of fn goes to the handler of [WithPanicHandler]; without one it crashes the
// process, as it would in a go statement.
//
// Go allocates nothing itself, and its task next to nothing: workers make contexts in blocks. In a
// shared pool, and with [WithHooks] or [WithUnobserved], Go allocates its task.
func (p *Pool[T, R]) Go(ctx context.Context, fn func(context.Context, T) (R, error), arg T) error {
	check("Go", ctx, fn)
	if !p.engine.tracks {
		return p.admit(ctx, &entry[T, R]{ctx: ctx, fn: fn, arg: arg}, nil)
	}
	t, e := p.newTask(ctx, fn, arg)
	t.tracked().mute = true
	return p.submitted(t, p.admit(ctx, &e, &t.Frame))
}

// Do submits fn and awaits its result, both with ctx. If ctx ends, Do returns without
// waiting for fn, whose context has ended too.
func (p *Pool[T, R]) Do(ctx context.Context, fn func(context.Context, T) (R, error), arg T) (R, error) {
	check("Do", ctx, fn)
	t, e := p.newTask(ctx, fn, arg)
	_ = p.submitted(t, p.admit(ctx, &e, &t.Frame))
	return t.future().Await(ctx)
}

// newTask makes a task, and the entry that is to be queued for it.
func (p *Pool[T, R]) newTask(ctx context.Context, fn func(context.Context, T) (R, error), arg T) (*task[T, R], entry[T, R]) {
	if p.engine.tracks {
		x := p.newTracked(ctx, &p.engine.home, fn, arg)
		return &x.task, entry[T, R]{ctx: x}
	}
	t := &task[T, R]{fn: fn, arg: arg}
	t.cell.Own(t, p.engine.home.ID)
	t.Init(ctx, &p.engine.home)
	return t, entry[T, R]{ctx: t}
}

// submitted ends a submit. err is why the task was refused, if it was.
func (p *Pool[T, R]) submitted(t *task[T, R], err error) error {
	refused := err != nil && t.reject(err)
	if err != nil && !refused {
		p.engine.rejected.Add(^uint64(0)) // it was held, and somebody has claimed it: that is what counts
	}
	if x := t.tracked(); x != nil {
		apart := x.apart || x.holding != nil
		if refused {
			p.engine.hookRejected(err, apart)
		} else if x.record != nil {
			p.engine.hookQueued(x.record, apart)
		}
	}
	return err
}

func check[T, R any](method string, ctx context.Context, fn func(context.Context, T) (R, error)) {
	if ctx == nil {
		panic("pool: " + method + ": ctx is nil")
	}
	if fn == nil {
		panic("pool: " + method + ": fn is nil")
	}
}
