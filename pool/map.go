package pool

import (
	"context"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/internal/frame"
	"github.com/forebay-go/forebay/internal/unwind"
)

// Map calls fn for every arg and returns the results, aligned with args: the result slice has
// the length of args whatever happens. What an item returned is in its place, also beside an
// error; an item that did not return, or did not run, leaves the zero value.
//
// An item that fails, by an error, a panic ([*future.PanicError]) or [runtime.Goexit]
// ([future.ErrGoexit]), ends the Map: no further item starts, and the contexts of those that
// run end. Map returns when they have returned. Its error is the first failure by
// completion, always as a [*future.IndexError], which is also the cause that the running
// items see. When ctx ends, or the pool is stopped, it is the same: the error is that of the
// first item that failed because of it, or if all that ran succeeded, a [*future.CancelError]
// with the cause, for an item that did not start. If the pool refuses the Map, item 0 has
// the error, [ErrClosed] or [ErrFull]. A Map of nothing succeeds and starts nothing.
//
// The items are not tasks of their own: as many tasks as there are workers, or args if these
// are fewer, take one item at a time, so a slow one holds up no other. They are started one
// by the other, as long as items are left. These tasks are what Stats counts and hooks are told
// of, as failed if one of their items panicked, and what waits in the queue; all but the first
// may go beyond its capacity. WithTaskTimeout applies to each
// item. A ctx of an item ends at the end of the task that ran it.
//
// Inside a task of the pool, called with its ctx, Map runs items itself, in the task's slot:
// so it needs no room in the queue and no other worker, and a Map inside a Map is as good as
// a loop. Then runtime.Goexit in an item that it runs ends the calling task, as in a call. It is
// not so in a task of a group with a limit, nor between a shared pool and its parent, nor while
// another goroutine of the task is in a wait: there the first runner is a task of its own, which
// the policy of [WithOnFull] may refuse or drop.
//
// It costs an allocation for the results and O(workers) for the tasks; an item costs none.
func (p *Pool[T, R]) Map(ctx context.Context, fn func(context.Context, T) (R, error), args []T) ([]R, error) {
	check("Map", ctx, fn)
	m := &mapping[T, R]{pool: p, fn: fn, args: args, out: make([]R, len(args))}
	if len(args) == 0 {
		return m.out, nil
	}
	m.limit = min(p.engine.limit(), len(args))
	m.runners.Store(1)
	if p.engine.taskTimeout > 0 {
		m.fn = m.timed(fn)
	}

	var err error
	if slot := p.slotOf(ctx); slot != nil {
		err = m.here(ctx, slot)
	} else {
		err = m.onWorkers(ctx)
	}
	if first := m.failure.Load(); first != nil {
		return m.out, first
	}
	if err != nil { // no runner came to run
		return m.out, &future.IndexError{Index: 0, Err: err}
	}
	return m.out, nil
}

// A mapping is one call of Map. Its items are run by runners, tasks that share the index of
// the next item. The first is the lead; each that starts recruits one more, a helper, if
// items are left for it. So a short Map, or one on a busy pool, leaves one useless task in
// the queue and not one for every worker.
type mapping[T, R any] struct {
	pool  *Pool[T, R]
	fn    func(context.Context, T) (R, error)
	args  []T
	out   []R
	limit int // of runners

	// Set before there is a helper. Helpers are submitted with ctx, and cancel ends it.
	ctx    context.Context
	cancel func(cause error)

	_    [128]byte
	next atomic.Int64 // the item to be taken next
	_    [128]byte

	failure atomic.Pointer[future.IndexError] // the first
	runners atomic.Int64                      // recruited, or refused: the limit is reached
	mu      sync.Mutex
	helpers []*future.Future[R]
}

// onWorkers runs the items on workers only, and waits. The error is the lead's.
func (m *mapping[T, R]) onWorkers(ctx context.Context) error {
	var none T
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	m.ctx, m.cancel = ctx, cancel
	defer m.join() // also when the caller runs the lead, which ends the goroutine
	_, err := join(ctx, m.pool.submitJoined(ctx, m.run, none))
	return err
}

// here is onWorkers with the caller as the lead, in the slot of its task.
func (m *mapping[T, R]) here(ctx context.Context, slot *frame.Frame) error {
	var none T
	e := &m.pool.engine
	t, _ := m.pool.newTask(ctx, m.lead, none)
	t.joined()
	e.accepted.Add(1)
	_ = m.pool.submitted(t, nil)
	if e.view == nil { // a view's tasks are counted at their end, others by whoever pops them
		defer func() { e.outside.add(t.cell.State()) }()
	}
	t.cell.Owner().RunHere(ctx, slot)
	_, err := t.cell.Result()
	return err
}

// lead is a runner that helpers are tasks inside of: they end with its context, and it waits
// for them. That costs no context until something fails.
func (m *mapping[T, R]) lead(ctx context.Context, none T) (R, error) {
	f, _ := frame.From(ctx)
	m.ctx, m.cancel = f, f.Cancel
	defer func() {
		if m.pool.engine.crashOnPanic && unwind.ByPanic() {
			return // the process is about to end, and must not wait
		}
		m.join()
	}()
	return m.run(ctx, none)
}

// patience is after how many items a runner asks for the channel of its context, which costs
// about a microsecond to make, to look at instead of asking the context, which costs ten
// times as much as the look.
const patience = 32

// run runs items until none is left or the context ends. The error is that of the item that
// failed: it makes the runner a failed task in Stats and for WithFailFast.
func (m *mapping[T, R]) run(ctx context.Context, _ T) (none R, err error) {
	i := -1 // the item that runs
	defer func() {
		if i < 0 || m.pool.engine.crashOnPanic && unwind.ByPanic() {
			return
		}
		err = future.ErrGoexit
		if r := recover(); r != nil {
			err = &future.PanicError{Value: r, Stack: debug.Stack()}
		}
		m.fail(i, err)
	}()
	m.recruit()

	f, _ := frame.From(ctx) // and not ctx, which may have a timeout
	fn, args, out := m.fn, m.args, m.out
	var done <-chan struct{}
	for ran := 0; ; ran++ {
		k := int(m.next.Add(1) - 1)
		if k >= len(args) {
			return none, nil
		}
		if ran == patience {
			done = f.Done()
		}
		if ended(f, done) {
			m.fail(k, &future.CancelError{Cause: context.Cause(f)})
			return none, nil // no item failed
		}
		i = k
		v, err := fn(ctx, args[k])
		i = -1
		out[k] = v
		if err != nil {
			m.fail(k, err)
			return none, err
		}
	}
}

// ended reports whether the context of f has ended. done is its channel, or nil.
func ended(f *frame.Frame, done <-chan struct{}) bool {
	if done == nil {
		return f.Err() != nil
	}
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// recruit submits one more runner if that can be of use: the caller is about to take an item.
func (m *mapping[T, R]) recruit() {
	if int(m.next.Load())+1 >= len(m.args) || m.runners.Add(1) > int64(m.limit) {
		return
	}
	f := m.pool.submitOver(m.ctx, m.run)
	m.mu.Lock()
	m.helpers = append(m.helpers, f)
	m.mu.Unlock()
}

// fail records an item's failure, if it is the first, and then cancels the rest.
func (m *mapping[T, R]) fail(i int, err error) {
	if e := (&future.IndexError{Index: i, Err: err}); m.failure.CompareAndSwap(nil, e) {
		m.cancel(e)
	}
}

// join waits for the helpers when the lead has ended. Then every item is taken, or none may
// start any more, so a helper that has not started is not needed. A helper is in the list
// before the runner that recruited it has ended, and so before the loop comes to its end.
func (m *mapping[T, R]) join() {
	for i := 0; ; i++ {
		m.mu.Lock()
		if i == len(m.helpers) {
			m.mu.Unlock()
			return
		}
		f := m.helpers[i]
		m.mu.Unlock()
		if f.State() == future.Pending {
			f.Cancel(nil) // if it has just started, it is about to find that nothing is left
		}
		_, _ = f.Await(context.WithoutCancel(m.ctx))
	}
}

// timed is fn with the pool's limit on the time of a task, which here is that of an item.
func (m *mapping[T, R]) timed(fn func(context.Context, T) (R, error)) func(context.Context, T) (R, error) {
	return func(ctx context.Context, arg T) (R, error) {
		f, _ := frame.From(ctx)
		ctx, stop := m.pool.engine.dress(f, frame.Values(ctx))
		defer stop()
		return fn(ctx, arg)
	}
}

// slotOf begins a wait of the task of this pool that ctx belongs to, and returns its frame,
// if the task's slot is in the caller's hand then. Else it returns nil, and nothing has begun.
func (p *Pool[T, R]) slotOf(ctx context.Context) *frame.Frame {
	f, _ := frame.From(ctx)
	if f == nil || !f.On(p.engine.sched) {
		return nil
	}
	slot, ok := f.Lend()
	if slot && f.Home().Seats == p.engine.home.Seats {
		return f
	}
	if ok {
		// Another goroutine of the task is in a wait, and has lent the slot; or the slot comes
		// without the seats that a shared pool's tasks need.
		f.Return(slot)
	}
	return nil
}
