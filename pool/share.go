package pool

import (
	"context"
	"sync/atomic"

	"github.com/forebay-go/forebay/internal/frame"
	"github.com/forebay-go/forebay/internal/queue"
	"github.com/forebay-go/forebay/internal/seats"
)

// A view is what a pool made by Share has of its own.
type view struct {
	latch                 // those inside are its tasks
	seats   *seats.Seats  // its limit
	room    queue.Room    // where submitters wait who could not even be held
	started atomic.Uint64 // tasks whose function was called
	stop    func() bool   // ends the wait for the ctx of WithContext
}

// Share returns a pool of other types on the workers and in the queue of p, with a limit, a
// context, counters and an end of its own. Use it where one limit on all work is wanted, and
// another on some of it: on what talks to one host, say. p may be shared itself; then all the
// limits hold.
//
// At most its own limit of a shared pool's tasks are in the queue or run; WithWorkers sets it,
// and it is p's limit otherwise. Tasks beyond it are held, as many as the queue takes, and the
// OnFull policy says what happens then. DropOldestWhenFull drops the oldest task that is held,
// or, if it is the queue that is full, the oldest in the queue, whosesoever.
//
// The options are those of p, and opts on top of them. The ones that are about workers and
// the queue (WithQueue, WithUnboundedQueue, WithIdleTimeout, WithWorkerInit) are p's alone, and
// Share panics if it is given one.
//
// Close, Shutdown and Stop end the shared pool and leave p as it is. Those of p end its shared
// pools too. A submit costs a lock more than one to p, and Go an allocation.
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
	e.config = from.config.shared(from.limit(), opts)
	var outer *seats.Seats
	if from.view != nil {
		outer = from.view.seats
	}
	e.view = &view{seats: seats.New(e.workers, outer)}
	e.tracks = true
	e.intake, e.shutIn = context.WithCancel(context.Background())

	ctx, cancel := context.WithCancelCause(from.home.Ctx)
	e.cancel = cancel
	base := from.home.Base
	e.view.stop = func() bool { return true }
	if e.base != from.base {
		base = e.base
		e.view.stop = context.AfterFunc(base, func() { cancel(context.Cause(base)) })
	}
	e.home = frame.Home{
		ID: from.home.ID, Sched: e.sched, Seats: e.view.seats,
		Ctx: ctx, Base: base, Pool: e, Counters: new(frame.Counters),
	}

	e.mu.Lock()
	defer e.mu.Unlock()
	if e.views == nil {
		e.views = make(map[*engine]bool)
	}
	e.views[e] = true
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

// viewsOf returns the shared pools made from e, directly or not.
func (e *engine) viewsOf() (views []*engine) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for v := range e.views {
		if v != e && v.within(e) {
			views = append(views, v)
		}
	}
	return views
}

// toLine gives a view's task its seats and queues it by queueIt, or holds it.
func (e *engine) toLine(x viewTask, bounded bool, queueIt func(job) queue.Status) queue.Status {
	if e.view.closed() || e.line.closed() {
		return queue.Closed
	}
	held, st := x.sit(bounded)
	if !held && st == queue.OK {
		e.viewsQueued.Add(1)
		if st = queueIt(x); st == queue.OK {
			e.viewsPushed.Add(1)
		} else {
			e.viewsQueued.Add(-1)
		}
	}
	if st == queue.OK {
		e.accepted.Add(1)
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
