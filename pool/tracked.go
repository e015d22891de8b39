package pool

import (
	"context"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/internal/frame"
	"github.com/forebay-go/forebay/internal/promise"
	"github.com/forebay-go/forebay/internal/sched"
	"github.com/forebay-go/forebay/internal/seats"
)

// A tracked task is one that others follow through its life: a group, hooks, a pool that
// shares another's workers. It costs more than a plain one, and plain ones pay nothing for
// it: the owner of a task's cell is either the task or the tracked one around it.
type tracked[T, R any] struct {
	task[T, R]
	e       *engine
	group   *team         // or nil
	seats   *seats.Seats  // that the task needs before it is queued, or nil
	waiter  *seats.Waiter // for them, or nil
	record  *record       // what hooks are told, or nil
	index   int           // in the group
	begun   bool          // counted as running, in a view
	mute    bool          // nobody has the future: from Go, or refused by TrySubmit
	apart   bool          // hooks of the submit have a goroutine of their own
	holding *holding      // why it was not queued at once, or nil
	after   func()        // called when the future of an accepted task is settled, or nil

	// unqueued: it was held, and its awaiter runs it, so no worker will count its entry.
	unqueued bool
}

// newTracked makes a tracked task. home is the engine's or a group's.
func (p *Pool[T, R]) newTracked(ctx context.Context, home *frame.Home, fn func(context.Context, T) (R, error), arg T) *tracked[T, R] {
	x := &tracked[T, R]{e: &p.engine, seats: home.Seats}
	if x.seats != nil {
		x.waiter = x.seats.NewWaiter(x, x.granted)
	}
	x.fn, x.arg = fn, arg
	x.cell.Own(x, home.ID)
	x.Init(ctx, home)
	if p.engine.hooks.timed() {
		x.record = p.engine.newRecord()
	}
	if v := p.engine.view; v != nil {
		v.enter() // that it may be closed is found out when the task is to be queued
	}
	return x
}

// begin is called before the task's function. crash: a panic is to crash the process.
func (x *tracked[T, R]) begin() (crash bool) {
	if x.e.view != nil {
		x.begun = true
		x.e.view.running.Add(1)
	}
	if x.mute && x.group == nil {
		return x.e.crashOnGo()
	}
	return x.e.crashOnPanic
}

// announced returns fn with the Started hook before it, whose failure is like one of fn.
func (x *tracked[T, R]) announced(fn func(context.Context, T) (R, error)) func(context.Context, T) (R, error) {
	if x.record == nil {
		return fn
	}
	return func(ctx context.Context, arg T) (R, error) {
		x.e.hookStarted(x.record)
		return fn(ctx, arg)
	}
}

// note is called when the function has returned, or will never be called, before anything
// is cancelled because of that.
func (x *tracked[T, R]) note(state promise.State, err error) {
	if x.group != nil {
		x.group.note(x.index, state, err)
	}
}

// ending is called after that, before the future is settled.
func (x *tracked[T, R]) ending(state promise.State, err error) {
	if x.holding.refuse() {
		x.e.rejected.Add(1)
		x.e.hookRejected(err, true)
		return
	}
	if x.group != nil && err != nil {
		x.group.failed()
	}
	if x.begun {
		x.e.view.running.Add(-1)
	}
	if x.e.view != nil || x.unqueued {
		x.e.outside.add(state)
	}
	if x.record != nil {
		x.e.hookFinished(x.record, state, err)
	}
}

// settled is called after the future was settled. looked: somebody had asked for it.
func (x *tracked[T, R]) settled(state promise.State, err error, looked bool) {
	group := x.group
	if group != nil {
		x.group = nil // which the future would keep alive, with all its results
		group.leave()
		looked = true // Wait is
	}
	if x.e.view != nil {
		x.e.view.leave()
	}
	if !x.holding.refuse() && x.after != nil {
		x.after()
	}
	if x.holding != nil {
		x.holding.end()
	}
	switch {
	case x.mute && state == promise.Panicked && group == nil:
		x.e.panicHandler(err.(*future.PanicError))
	case err != nil && !x.mute && !looked && x.e.unobserved != nil:
		x.cell.Unobserved(x.e.unobserved)
	}
}

// tooLate counts a task in that was to be rejected, and was claimed before, by a Cancel or its
// awaiter. Of a view, whoever claimed it counts it out. Else it is as if its entry had been swept,
// though there is none: the later of the two counts it out.
func (x *tracked[T, R]) tooLate() {
	x.e.accepted.Add(1)
	x.holding.noEntry = true
	if x.e.view == nil {
		if s := x.cell.Sweep(); s.Settled() {
			x.e.outside.add(s)
		}
	}
}

// reject settles a claimed task that was not accepted. The group counts it all the same: nobody
// else may be told.
func (x *tracked[T, R]) reject(err error) {
	if x.group != nil {
		x.group.note(x.index, promise.Canceled, err)
		x.group.failed()
	}
	x.settleRejected(err)
	x.settled(promise.Canceled, err, false)
	x.unseat()
}

// A tracked task is a job and an owner as a task is, but for the seats and the view.

// take implements job.
func (x *tracked[T, R]) take(w *sched.Worker, e *engine, l *local) (woke bool) {
	var back promise.SlotHolder = w
	if x.seats != nil {
		back = seat{w, x.seats}
	}
	if x.e.view == nil {
		if x.waiter != nil {
			x.waiter.TryStart() // it may: only shared pools lose seats, by Resize
		}
		if x.cell.Claim(promise.Running) {
			return x.run(l.ctx, &l.ended, back)
		}
		x.sweep(e, &l.ended)
		return false
	}
	e.viewsQueued.Add(-1)
	if x.sentBack() {
		return false
	}
	return x.cell.Claim(promise.Running) && x.run(l.ctx, nil, back)
}

// drop implements job.
func (x *tracked[T, R]) drop(e *engine) {
	if x.e.view == nil {
		x.task.drop(e)
		return
	}
	e.viewsQueued.Add(-1)
	if x.cell.Claim(promise.Claimed) {
		x.kill(x.e, nil, promise.Dropped, ErrDropped)
	}
}

// runHere implements job.
func (x *tracked[T, R]) runHere(values context.Context, back promise.SlotHolder) {
	x.cell.Claim(promise.Running)
	x.unseat()
	if x.e.view == nil {
		x.runBare(values, &x.e.outside, back)
	} else {
		x.runBare(values, nil, back)
	}
}

// evict drops a task of a view that is held, unless it was claimed before. It makes room in
// either case: who has claimed it may take long to be through with it, or be waiting for that room.
func (x *tracked[T, R]) evict() {
	claimed := x.cell.Claim(promise.Claimed)
	stood := x.waiter.Leave()
	if claimed {
		x.kill(x.e, nil, promise.Dropped, ErrDropped)
	}
	if stood {
		x.e.sched.Leave()
	}
}

// over implements job.
func (x *tracked[T, R]) over(e *engine) bool {
	if x.e.view == nil {
		return x.task.over(e)
	}
	claimed := x.cell.State() != promise.Pending
	if claimed {
		e.viewsQueued.Add(-1)
	}
	return claimed
}

// RunHere implements promise.Owner.
func (x *tracked[T, R]) RunHere(ctx context.Context, back promise.SlotHolder) bool {
	from := seatsOf(ctx)
	if !x.claimFor(from) {
		return false
	}
	x.runClaimed(ctx, pass(from, x.seats, x.e.sched).holder(back))
	return true
}

// RunElsewhere implements promise.Owner.
func (x *tracked[T, R]) RunElsewhere(ctx context.Context, back func(slot bool) bool) bool {
	from := seatsOf(ctx)
	if !x.claimFor(from) {
		return false
	}
	p := pass(from, x.seats, x.e.sched)
	x.lendTo(func(slot bool) bool { return p.keep(back(p.back(slot))) })
	return true
}
