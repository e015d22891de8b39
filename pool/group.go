package pool

import (
	"context"
	"fmt"
	"math"
	"sync"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/internal/frame"
	"github.com/forebay-go/forebay/internal/promise"
	"github.com/forebay-go/forebay/internal/queue"
	"github.com/forebay-go/forebay/internal/seats"
)

// A Group is a number of tasks that are one piece of work: if one fails, so does the group.
// It is shaped after [golang.org/x/sync/errgroup.Group].
//
// The first task that fails, by an error, a panic, runtime.Goexit, or because it was refused or
// cancelled, is recorded as the group's error. Then the group's context ends with that error
// as its cause, then the task's future is settled, and only then the task's slot is free: no
// task of the group that is still queued runs after that. Tasks that run are asked to stop by
// their ctx.
//
// A panic in a task is recovered and is the group's error, a [*future.PanicError], also if the
// task is from Go: the handler of [WithPanicHandler] is not asked.
//
// A Group is made by [Pool.Group] or [Pool.Scope] and ended by Wait or Stop; if neither is
// called, its context is not released before the one that it was made from. All methods may be
// called by several goroutines at once. Tasks of the group may submit to it; but they must not
// call Wait or Stop, which would wait for them.
//
// A group cannot tell who calls it, only where it was made. Submits to one that was not made
// inside a task of the pool may wait, for room in the queue or at the limit, and a task that does
// so holds a slot which those in the queue may need. So a task that adds to such a group does it
// inside [Block], or makes a group of its own, with its ctx.
//
// What a task of the group does synchronizes before the return of Wait and Stop. A Submit costs
// one allocation of some words more than that of the pool, and two locks; with a limit, two more
// of each.
type Group[T, R any] struct {
	team
	pool *Pool[T, R]

	mu      sync.Mutex          // comes before the latch's
	home    *frame.Home         // the pool's, or one with the group's seats
	submits int                 // tasks ever submitted
	futures []*future.Future[R] // of Submit
}

// A GroupOption configures a group; see [Limit] and [JoinErrors].
type GroupOption interface{ applyGroup(*groupConfig) }

type groupOption func(*groupConfig)

func (o groupOption) applyGroup(c *groupConfig) { o(c) }

type groupConfig struct{ limit, errors int }

// Limit lets at most n of a group's tasks be queued or run at once, as SetLimit does.
func Limit(n int) GroupOption { return groupOption(func(c *groupConfig) { c.limit = n }) }

// JoinErrors makes Wait, and Scope, return the errors of up to max tasks, at least 1, joined by
// [errors.Join] in the order of submission, and not just the first one. The first failure is
// always among them. Left out are the errors of tasks that only ended because it cancelled the
// group: of those that never ran, and those that returned the context's error or its cause.
func JoinErrors(max int) GroupOption {
	if max < 1 {
		panic(fmt.Sprintf("pool: JoinErrors: max is %d, want 1 or more", max))
	}
	return groupOption(func(c *groupConfig) { c.errors = max })
}

// Group returns a new group, and the context of its tasks. It is derived from ctx, and ends when
// a task fails, and when Wait or Stop returns.
//
// The group remembers ctx. If that is the context of a task of this pool, of a shared one of it,
// or derived from it, submits to the group never wait, and Wait and Stop lend the task's slot.
func (p *Pool[T, R]) Group(ctx context.Context, opts ...GroupOption) (*Group[T, R], context.Context) {
	checkNotNil("Group", "ctx", ctx == nil)
	c := groupConfig{limit: -1}
	for i, o := range opts {
		checkNotNil("Group", fmt.Sprintf("option %d", i), o == nil)
		o.applyGroup(&c)
	}
	g := &Group[T, R]{pool: p}
	g.max = c.errors
	g.opened, _ = frame.From(ctx)
	g.nested = g.opened != nil && g.opened.On(p.engine.sched)
	g.ctx, g.cancel = context.WithCancelCause(ctx)
	g.SetLimit(c.limit)
	return g, g.ctx
}

// Scope calls body with a new group and its context, and returns when body and all the group's
// tasks have ended. An error of body fails the group, as that of a task does: it cancels the tasks,
// and Scope returns it, unless a task has failed before. Then that one's error is what Scope
// returns, as it is, or see [JoinErrors], where body comes last.
//
// A panic of body, or runtime.Goexit, cancels the tasks too, and goes on when they have ended.
func (p *Pool[T, R]) Scope(ctx context.Context, body func(ctx context.Context, g *Group[T, R]) error, opts ...GroupOption) error {
	checkNotNil("Scope", "ctx", ctx == nil)
	checkNotNil("Scope", "body", body == nil)
	g, gctx := p.Group(ctx, opts...)
	defer g.Stop() // a panic, or runtime.Goexit
	if err := body(gctx, g); err != nil {
		g.note(math.MaxInt, promise.Failed, err)
		g.failed()
	}
	_, err := g.Wait()
	return err
}

// SetLimit lets at most n of the group's tasks be queued or run at once; a negative n is no
// limit, and 0 lets none. As elsewhere, a task that waits in Await or Block does not count, and
// the limit does not see a task that CallerRunsWhenFull makes its submitter run. SetLimit panics
// if tasks of the group have not ended.
//
// At the limit, Submit and Go wait, until a task ends, the group's context does, or the pool
// closes. In a group that was made inside a task they hold the task back instead: it is
// accepted, and is queued when its turn comes. In a shared pool, they are at the limit also when
// the pool is at its own.
func (g *Group[T, R]) SetLimit(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if k := g.count(); k > 0 {
		panic(fmt.Sprintf("pool: SetLimit: n is %d while %d tasks of the group have not ended", n, k))
	}
	g.home = &g.pool.engine.home
	if n < 0 {
		return
	}
	home := *g.home
	home.Seats = seats.New(n, home.Seats)
	g.home = &home
	if n == 0 && g.nested {
		// Nobody will ever give a seat. When the context has ended, those who are held may go:
		// they are cancelled, and not run, by whoever takes them from the queue.
		context.AfterFunc(g.ctx, func() { home.Seats.Resize(-1) })
	}
}

// Submit submits a task to the group, with the group's context. It waits for room in the pool's
// queue as [Pool.Submit] does, until the group's context ends. A task that is refused fails the
// group, and its future is settled with the reason. After the end of the group that is
// [ErrClosed], and nothing else comes of it.
func (g *Group[T, R]) Submit(fn func(context.Context, T) (R, error), arg T) *future.Future[R] {
	check("Submit", g.ctx, fn)
	x := g.newTask(fn, arg, true)
	_ = g.pool.submitted(&x.task, g.admit(x))
	return x.future()
}

// Go is Submit without a future, whose value Wait does not return either. The group keeps
// nothing of the task but its error. After the end of the group Go does nothing.
func (g *Group[T, R]) Go(fn func(context.Context, T) (R, error), arg T) {
	check("Go", g.ctx, fn)
	x := g.newTask(fn, arg, false)
	_ = g.pool.submitted(&x.task, g.admit(x))
}

// TryGo is Go without a wait. It returns false, and the group has not failed, if the group is at
// its limit or has ended, its context has, or the pool does not take the task.
func (g *Group[T, R]) TryGo(fn func(context.Context, T) (R, error), arg T) bool {
	check("TryGo", g.ctx, fn)
	x := g.newTask(fn, arg, false)
	err := g.tryAdmit(x)
	if err != nil && x.group != nil {
		x.group = nil
		defer g.leave()
	}
	return g.pool.submitted(&x.task, err) == nil
}

// newTask makes a task of the group, or, if that has ended, of none. handle: its future will be
// handed out.
func (g *Group[T, R]) newTask(fn func(context.Context, T) (R, error), arg T, handle bool) *tracked[T, R] {
	g.mu.Lock()
	defer g.mu.Unlock()
	x := g.pool.newTracked(g.ctx, g.home, fn, arg)
	x.mute = !handle
	if !g.enter() {
		g.leave()
		return x
	}
	x.group, x.index = &g.team, g.submits
	g.submits++
	if handle {
		g.futures = append(g.futures, x.future())
	}
	return x
}

// admit queues a task, after it has waited at the group's limit, or holds it there.
func (g *Group[T, R]) admit(x *tracked[T, R]) error {
	if x.group == nil {
		return g.pool.refuse(ErrClosed)
	}
	e := entry[T, R]{ctx: x}
	if x.seats == nil || x.seats == g.pool.engine.home.Seats {
		return g.pool.admit(g.ctx, &e, &x.Frame)
	}
	if g.nested {
		if cause := x.Dead(); cause != nil || g.pool.engine.closed() {
			return g.pool.refuse(g.pool.deadError(cause))
		}
		g.pool.engine.accepted.Add(1) // before: see toLine
		g.pool.engine.countHeld(1)
		held, st := x.sit(false)
		if held {
			return nil
		}
		g.pool.engine.countHeld(-1)
		g.pool.engine.accepted.Add(^uint64(0))
		if st != queue.OK {
			return g.pool.refuse(answer(st))
		}
	} else if there := x.lineUp(); there != nil {
		// The opener's slot comes back only when x is in the queue, or its seat is free: with a seat,
		// and nowhere, x would hold up the one that has the slot, if that needs the seat.
		return g.whileLent(func() error {
			err := g.pool.refuse(g.waitForSeats(there))
			if err == nil {
				err = g.pool.admit(g.ctx, &e, &x.Frame)
			}
			if err != nil {
				x.unseat()
			}
			return err
		})
	}
	return g.pool.admit(g.ctx, &e, &x.Frame)
}

// waitForSeats waits at the group's limit.
func (g *Group[T, R]) waitForSeats(there <-chan struct{}) error {
	stop := g.pool.engine.home.Ctx
	select {
	case <-there:
		return nil
	case <-g.ctx.Done():
		return g.pool.deadError(context.Cause(g.ctx))
	case <-stop.Done():
		return g.pool.deadError(context.Cause(stop))
	case <-g.pool.engine.intake.Done():
		return ErrClosed
	}
}

// tryAdmit is admit without a wait.
func (g *Group[T, R]) tryAdmit(x *tracked[T, R]) error {
	if x.group == nil {
		return g.pool.refuse(ErrClosed)
	}
	if x.seats != nil && x.seats != g.pool.engine.home.Seats && !x.waiter.TryEnter() {
		return g.pool.refuse(ErrFull)
	}
	return g.pool.tryAdmit(g.ctx, &entry[T, R]{ctx: x}, &x.Frame)
}

// Wait waits until all tasks of the group have ended, and ends the group. It returns the
// results of Submit in the order of submission, one for each, whatever happens: for a task that
// failed, what the function returned beside its error, or the zero value. The error is that of
// the first task that failed, as it is, or see [JoinErrors]. Until the last task has ended, tasks
// may submit more. To call Wait again, or after Stop, is fine, and returns the same.
//
// It takes no ctx, for it never leaves a task behind. In a group that was made inside a task it
// lends that one's slot.
func (g *Group[T, R]) Wait() ([]R, error) {
	g.join(false)
	g.cancel(nil)
	g.mu.Lock()
	futures := g.futures // never changed any more
	g.mu.Unlock()
	var rs []R
	for _, f := range futures {
		r, _ := f.Try()
		rs = append(rs, r.Value)
	}
	return rs, g.err()
}

// Stop cancels the tasks of the group, waits until they have ended, and ends the group. After
// Wait it does nothing, so it can be deferred. It does not wait for a call of Submit or Go in
// another goroutine to return, but frees one that is blocked.
func (g *Group[T, R]) Stop() {
	g.cancel(nil)
	g.join(true)
}
