package pool

import (
	"context"
	"fmt"
	"sync"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/internal/frame"
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
// A Group is made by [Pool.Group] or [Pool.Scope] and ended by Wait or Stop; if neither is
// called, its context is never released. All methods may be called by several goroutines at
// once, by tasks of the group too, as long as it has not ended.
//
// A Submit costs one allocation of some words more than that of the pool, and two locks.
type Group[T, R any] struct {
	team
	pool *Pool[T, R]
	ctx  context.Context // the tasks'
	home *frame.Home     // the pool's, or one with the group's seats

	mu      sync.Mutex
	futures []*future.Future[R] // of Submit
}

// A GroupOption configures a group; see [Limit] and [JoinErrors].
type GroupOption interface{ applyGroup(*groupConfig) }

type groupOption func(*groupConfig)

func (o groupOption) applyGroup(c *groupConfig) { o(c) }

type groupConfig struct{ limit, errors int }

// Limit lets at most n of a group's tasks be queued or run at once, as SetLimit does.
func Limit(n int) GroupOption { return groupOption(func(c *groupConfig) { c.limit = n }) }

// JoinErrors makes Wait return the errors of up to max tasks, at least 1, joined by
// [errors.Join] in the order of submission, and not just the first one. Errors of tasks that
// only ended because the first failure cancelled the group are left out: of those that never
// ran, and those that returned context.Canceled or the context's cause.
func JoinErrors(max int) GroupOption {
	if max < 1 {
		panic(fmt.Sprintf("pool: JoinErrors: max is %d, want 1 or more", max))
	}
	return groupOption(func(c *groupConfig) { c.errors = max })
}

// Group returns a new group, and the context of its tasks. It is derived from ctx, and ends when
// a task fails, and when Wait or Stop returns.
//
// The group remembers ctx. If that is the context of a task of this pool, or derived from it,
// submits to the group never wait, and Wait lends the task's slot.
func (p *Pool[T, R]) Group(ctx context.Context, opts ...GroupOption) (*Group[T, R], context.Context) {
	checkNotNil("Group", "ctx", ctx == nil)
	c := groupConfig{limit: -1}
	for i, o := range opts {
		checkNotNil("Group", fmt.Sprintf("option %d", i), o == nil)
		o.applyGroup(&c)
	}
	g := &Group[T, R]{pool: p, home: &p.engine.home}
	g.max = c.errors
	g.opened, _ = frame.From(ctx)
	g.nested = g.opened != nil && g.opened.On(p.engine.sched)
	g.ctx, g.cancel = context.WithCancelCause(ctx)
	g.SetLimit(c.limit)
	return g, g.ctx
}

// Scope calls body with a new group and its context, and returns when body and all the group's
// tasks have ended. It returns body's error, or else the group's. An error of body cancels the
// tasks, and a panic does too, before it goes on.
func (p *Pool[T, R]) Scope(ctx context.Context, body func(ctx context.Context, g *Group[T, R]) error, opts ...GroupOption) error {
	checkNotNil("Scope", "ctx", ctx == nil)
	checkNotNil("Scope", "body", body == nil)
	g, gctx := p.Group(ctx, opts...)
	defer g.Stop() // a panic, or runtime.Goexit
	if err := body(gctx, g); err != nil {
		g.cancel(err)
		g.Stop()
		return err
	}
	_, err := g.Wait()
	return err
}

// SetLimit lets at most n of the group's tasks be queued or run at once; a negative n is no
// limit, and 0 lets none. As elsewhere, a task that waits in Await or Block does not count. At
// the limit, Submit and Go wait, until a task ends or the group's context does; in a group
// that was opened inside a task they hold the task back instead. SetLimit panics if tasks of
// the group have not ended.
func (g *Group[T, R]) SetLimit(n int) {
	if k := g.count(); k > 0 {
		panic(fmt.Sprintf("pool: SetLimit: n is %d while %d tasks of the group have not ended", n, k))
	}
	g.home = &g.pool.engine.home
	if n >= 0 {
		home := *g.home
		home.Seats = seats.New(n, home.Seats)
		g.home = &home
	}
}

// Submit submits a task to the group. It waits for room in the pool's queue as [Pool.Submit]
// does. A task that is refused fails the group, and its future is settled with the reason; only
// after the end of the group a future settled with [ErrClosed] is all that comes of it.
func (g *Group[T, R]) Submit(fn func(context.Context, T) (R, error), arg T) *future.Future[R] {
	check("Submit", g.ctx, fn)
	x := g.newTask(fn, arg, func(x *tracked[T, R]) { g.futures = append(g.futures, x.future()) })
	_ = g.pool.submitted(&x.task, g.admit(x))
	return x.future()
}

// Go is Submit without a future, whose value Wait does not return either. The group keeps
// nothing of the task but its error.
func (g *Group[T, R]) Go(fn func(context.Context, T) (R, error), arg T) {
	check("Go", g.ctx, fn)
	x := g.newTask(fn, arg, func(x *tracked[T, R]) { x.mute = true })
	_ = g.pool.submitted(&x.task, g.admit(x))
}

// TryGo is Go without a wait. It returns false, and nothing has happened, if the group is at
// its limit or has ended, its context has, or the pool does not take the task.
func (g *Group[T, R]) TryGo(fn func(context.Context, T) (R, error), arg T) bool {
	check("TryGo", g.ctx, fn)
	x := g.newTask(fn, arg, func(x *tracked[T, R]) { x.mute = true })
	err := g.tryAdmit(x)
	if err != nil && x.group != nil {
		x.group = nil
		defer g.leave()
	}
	return g.pool.submitted(&x.task, err) == nil
}

// newTask makes a task of the group. note is called under g.mu, in the order of submission.
func (g *Group[T, R]) newTask(fn func(context.Context, T) (R, error), arg T, note func(*tracked[T, R])) *tracked[T, R] {
	x := g.pool.newTracked(g.ctx, g.home, fn, arg)
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.enter() {
		g.leave()
		x.mute = true
		return x
	}
	x.group, x.index = &g.team, g.submits
	g.submits++
	note(x)
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
		if cause := x.Dead(); cause != nil {
			return g.pool.refuse(g.pool.deadError(cause))
		}
		held, st := x.sit(false)
		if held && g.pool.engine.view != nil {
			g.pool.engine.accepted.Add(1)
		}
		if held || st != queue.OK {
			return g.pool.refuse(answer(st))
		}
	} else if err := g.waitForSeats(x); err != nil {
		return g.pool.refuse(err)
	}
	return g.pool.admit(g.ctx, &e, &x.Frame)
}

// waitForSeats waits at the group's limit.
func (g *Group[T, R]) waitForSeats(x *tracked[T, R]) error {
	there := make(chan struct{})
	x.waiter.Grant = func() { close(there) }
	if x.waiter.Enter() {
		return nil
	}
	stop := g.pool.engine.home.Ctx
	wait := func() error {
		select {
		case <-there:
			return nil
		case <-g.ctx.Done():
			return g.pool.deadError(context.Cause(g.ctx))
		case <-stop.Done():
			return g.pool.deadError(context.Cause(stop))
		}
	}
	if g.opened != nil { // a task of another pool
		return g.opened.Block(wait)
	}
	return wait()
}

// tryAdmit is admit without a wait.
func (g *Group[T, R]) tryAdmit(x *tracked[T, R]) error {
	if x.group == nil {
		return ErrClosed
	}
	if x.seats != nil && x.seats != g.pool.engine.home.Seats {
		if !x.waiter.TryEnter() {
			return ErrFull
		}
	}
	return g.pool.tryAdmit(g.ctx, &entry[T, R]{ctx: x}, &x.Frame)
}

// Wait waits until all tasks of the group have ended, and ends the group. It returns the
// results of Submit in the order of submission, a zero value or what the function returned
// beside its error for those that failed, and the group's error: the first one, as it is, or see
// [JoinErrors]. To call it again is fine. Until the last task has ended, tasks may submit
// more.
//
// It takes no ctx, for it never leaves a task behind. Inside a task it lends the slot.
func (g *Group[T, R]) Wait() ([]R, error) {
	g.join(false)
	g.cancel(nil)
	g.mu.Lock()
	defer g.mu.Unlock()
	var rs []R
	for _, f := range g.futures {
		r, _ := f.Try()
		rs = append(rs, r.Value)
	}
	return rs, g.err()
}

// Stop cancels the tasks of the group, waits until they have ended, and ends the group. After
// Wait it does nothing, so it can be deferred.
func (g *Group[T, R]) Stop() {
	g.cancel(nil)
	g.join(true)
}
