package pool

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/forebay-go/forebay/internal/frame"
	"github.com/forebay-go/forebay/internal/queue"
	"github.com/forebay-go/forebay/internal/seats"
)

// A view is what a pool made by Share has of its own.
type view struct {
	latch                // those inside are its tasks
	from    *engine      // of the pool that it was made from
	seats   *seats.Seats // its limit
	follows bool         // the limit is that of from; guarded by crew.mu
	room    queue.Room   // where submitters wait who could not even be held
	running atomic.Int64 // functions that were called and have not returned
	stop    func() bool  // ends the wait for the ctx of WithContext
}

// Share returns a pool of other types on the workers and in the queue of p, with a limit, a
// context, counters and an end of its own. Use it where one limit on all work is wanted, and
// another on some of it: on what talks to one host, say. p may be shared itself; then all the
// limits hold, and a task that is beyond a limit of p, and not beyond its own, is held at p's, where
// p's policy may find it. Tasks of p and of its shared pools may submit to each other and await each other
// as if they were of one pool, whatever the limits.
//
// WithWorkers sets the limit. Without it, it is p's limit, also after p.Resize. At most that
// many tasks of the shared pool are in the queue or run. Tasks beyond it are held, as many as
// the queue takes, and the OnFull policy says what happens then. DropOldestWhenFull drops the
// oldest task that is held, or, if it is the queue that is full, the oldest in the queue,
// whosesoever. CallerRunsWhenFull does not make a task of another pool than this one run what it
// submits here, for that would not count for its limit: such a task is held or queued beyond the
// capacity.
//
// The options are those of p, and opts on top of them: WithFailFast and WithContext stop the
// shared pool only. The ones that are about workers and the queue (WithQueue,
// WithUnboundedQueue, WithIdleTimeout, WithWorkerInit) are p's alone, and Share panics if it is
// given one.
//
// Close, Shutdown and Stop end the shared pool and leave p as it is. They wait for tasks of the
// shared pool that are in the queue until a worker has got to them, cancelled or not; so a task
// of p that calls Close or Stop should do it in [Block]. Those of p end its shared pools too, and
// p keeps a shared pool in memory until one or the other is ended. Of a p that is closed, Share
// makes a closed pool.
//
// A submit costs some locks more than one to p, and Go an allocation.
func Share[T, R, T0, R0 any](p *Pool[T0, R0], opts ...Option) *Pool[T, R] {
	if p == nil {
		panic("pool: Share: p is nil")
	}
	s := new(Pool[T, R])
	s.engine.share(&p.engine, opts)
	return s
}

func (e *engine) share(from *engine, opts []Option) {
	e.crew = from.crew
	given := from.config
	given.base = nil
	e.config = given.shared(opts)
	e.view = &view{from: from, follows: e.workers == 0}
	var outer *seats.Seats
	if from.view != nil {
		outer = from.view.seats
	}
	e.tracks = true
	e.intake, e.shutIn = context.WithCancel(context.Background())
	base := e.base
	if e.base == nil {
		e.base = from.base
	}

	e.mu.Lock()
	defer e.mu.Unlock()
	if e.view.follows {
		e.workers = from.limit()
	}
	e.view.seats = seats.New(e.workers, outer)
	e.view.seats.Left = func() { e.view.room.Freed() }
	e.home = frame.Home{
		ID: from.home.ID, Sched: e.sched, Seats: e.view.seats,
		Ctx: e.context(from.home.Ctx, base), Base: e.base, Pool: e, Counters: new(frame.Counters),
	}
	if from.closed() { // under e.mu it either is, or will find the new one in views
		e.view.close(true)
		e.pending.close(true)
		e.shutIn()
		return
	}
	if e.views == nil {
		e.views = make(map[*engine]bool)
	}
	e.views[e] = true
}

// context returns the context of a view: it ends with that of the pool that it is made from, and
// with its own base, if there is one.
func (e *engine) context(from, base context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(from)
	e.cancel = cancel
	e.view.stop = func() bool { return true }
	if base != nil {
		e.view.stop = context.AfterFunc(base, func() { cancel(context.Cause(base)) })
	} else if _, ok := from.(*viewCtx); !ok {
		return ctx
	}
	return &viewCtx{Context: ctx, cancel: cancel, from: from, base: base}
}

// A viewCtx is a context that ends at once when one of two others does, as if it had been derived
// from both: whoever has cancelled one of them, and then submits, is refused. That it ends by
// itself, for those who have its Done, takes a goroutine.
type viewCtx struct {
	context.Context // derived from from
	cancel          context.CancelCauseFunc
	from, base      context.Context // base may be nil
}

func (c *viewCtx) look() {
	if c.Context.Err() != nil {
		return
	}
	for _, ctx := range [...]context.Context{c.from, c.base} {
		if ctx != nil && ctx.Err() != nil {
			c.cancel(context.Cause(ctx))
		}
	}
}

// Err implements context.Context.
func (c *viewCtx) Err() error {
	c.look()
	return c.Context.Err()
}

// Done implements context.Context.
func (c *viewCtx) Done() <-chan struct{} {
	c.look()
	return c.Context.Done()
}

// Deadline implements context.Context.
func (c *viewCtx) Deadline() (deadline time.Time, ok bool) {
	deadline, ok = c.Context.Deadline()
	if c.base != nil {
		if d, has := c.base.Deadline(); has && (!ok || d.Before(deadline)) {
			return d, true
		}
	}
	return deadline, ok
}

// limit is how many tasks may run at once.
func (e *engine) limit() int {
	if e.view != nil {
		return e.view.seats.Limit()
	}
	return e.sched.Counts().Limit
}

// within reports whether the pool is o, or one that shares o's workers because it was made
// from o by Share.
func (e *engine) within(o *engine) bool {
	if o.view == nil {
		return e.crew == o.crew
	}
	return e.view != nil && e.view.seats.Within(o.view.seats)
}

// viewsOf returns the shared pools made from e, directly or not. e.mu is held.
func (e *engine) viewsOf() (views []*engine) {
	for v := range e.views {
		if v != e && v.within(e) {
			views = append(views, v)
		}
	}
	return views
}

// family returns e and the shared pools made from it, directly or not.
func (e *engine) family() []*engine {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]*engine{e}, e.viewsOf()...)
}

// resized gives the shared pools made from e, which has a new limit, the same if they have none
// of their own. e.mu is held.
func (e *engine) resized(limit int) {
	for v := range e.views {
		if v.view.from == e && v.view.follows {
			v.view.seats.Resize(limit)
			v.resized(limit)
		}
	}
}

// toLine gives a view's task its seats and queues it by queueIt, or holds it.
func (e *engine) toLine(x viewTask, bounded bool, queueIt func(job) queue.Status) queue.Status {
	if e.view.closed() || e.line.closed() {
		return queue.Closed
	}
	// What is queued is counted before: it may end, and Close return, before a count after it.
	e.accepted.Add(1)
	held, st := x.sit(bounded)
	if !held && st == queue.OK {
		e.viewsQueued.Add(1)
		e.viewsPushed.Add(1)
		if st = queueIt(x); st != queue.OK {
			e.viewsQueued.Add(-1)
			e.viewsPushed.Add(^uint64(0))
		}
	}
	if st != queue.OK {
		e.accepted.Add(^uint64(0))
	}
	return st
}

// A viewTask is a tracked task of any types.
type viewTask interface {
	job
	sit(bounded bool) (held bool, st queue.Status) // see there
	hasSeats() bool                                // no more than a place in the queue is missing
	evict()                                        // drops it
}
