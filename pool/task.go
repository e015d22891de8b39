package pool

import (
	"context"
	"runtime/pprof"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/internal/frame"
	"github.com/forebay-go/forebay/internal/promise"
	"github.com/forebay-go/forebay/internal/sched"
)

// A task is one object from Submit to the end of its future: the future's cell, the
// function's context, and what to call. The order of its life:
//
//	born      Submit and its like; a tracked one in tracked.go
//	queued    admit, in admission.go
//	claimed   Cell.Claim, by the worker that popped it (take), its awaiter (RunHere), or
//	          Cancel. One wins. Only the winner touches fn and arg. The queue entry of a task
//	          claimed by another than its popper is a tombstone.
//	run       run
//	settled   end
//	forgotten fn and arg when run begins, the context in Frame.End, before it is settled
type task[T, R any] struct {
	cell promise.Cell[R]
	frame.Frame
	fn  func(context.Context, T) (R, error)
	arg T
}

func (t *task[T, R]) future() *future.Future[R] { return (*future.Future[R])(&t.cell) }

// tracked returns the tracked task that t is part of, or nil.
func (t *task[T, R]) tracked() *tracked[T, R] {
	x, _ := t.cell.Owner().(*tracked[T, R])
	return x
}

// engine returns the engine of the pool. The caller has claimed the task.
func (t *task[T, R]) engine() *engine { return t.Home().Pool.(*engine) }

// taskFrame implements job.
func (t *task[T, R]) taskFrame() *frame.Frame { return &t.Frame }

// reject settles a task that was not accepted, and so does not count. It returns false if the
// task was claimed before, by a Cancel or its awaiter, which only one that was held can be.
func (t *task[T, R]) reject(err error) bool {
	if !t.cell.Claim(promise.Claimed) {
		t.tracked().tooLate()
		return false
	}
	if x := t.tracked(); x != nil {
		x.reject(err)
	} else {
		t.settleRejected(err)
	}
	return true
}

func (t *task[T, R]) settleRejected(err error) {
	var zero R
	t.forget()
	t.End()
	t.cell.Settle(promise.Canceled, zero, err)
}

func (t *task[T, R]) forget() (fn func(context.Context, T) (R, error), arg T) {
	var zero T
	fn, arg = t.fn, t.arg
	t.fn, t.arg = nil, zero
	return fn, arg
}

// take implements job.
func (t *task[T, R]) take(w *sched.Worker, e *engine, l *local) (woke bool) {
	if t.cell.Claim(promise.Running) {
		return t.run(l.ctx, &l.ended, w)
	}
	t.sweep(e, &l.ended)
	return false
}

// run runs a task that the caller has claimed, in the slot of back. values are the worker's.
// count is where the popper of the task counts its end; nil: it was not popped. It reports
// whether an awaiter woke.
func (t *task[T, R]) run(values context.Context, count *tally, back promise.SlotHolder) (woke bool) {
	e := t.engine()
	fn, arg := t.forget()
	if cause := t.Dead(); cause != nil {
		var zero R
		woke, _ = t.end(e, count, back, zero, promise.Canceled, &future.CancelError{Cause: cause})
		return woke
	}
	crash := e.crashOnPanic
	if x := t.tracked(); x != nil {
		crash, fn = x.begin(), x.announced(fn)
	}
	ctx, stop := e.dress(&t.Frame, values)
	call(fn, ctx, arg, crash, func(v R, state promise.State, err error) {
		stop()
		woke, _ = t.end(e, count, back, v, state, err)
	})
	return woke
}

// end settles a claimed task: its context ends, the pool takes note, the future's readers
// are told, and then the slot goes back. It reports whether an awaiter woke, and whether the
// task's queue entry had been swept.
func (t *task[T, R]) end(e *engine, count *tally, back promise.SlotHolder, v R, state promise.State, err error) (woke, swept bool) {
	slot := t.End()
	x := t.tracked()
	if x != nil {
		x.note(state, err)
	}
	e.ended(state, err)
	if count != nil {
		count.add(state)
	}
	if x == nil {
		woke, swept = t.settle(e, v, state, err)
		back.Return(slot)
		return woke, swept
	}
	defer back.Return(slot)
	defer func() { // also if a hook ends the goroutine
		woke, swept = t.settle(e, v, state, err)
		x.settled(state, err, woke)
	}()
	x.ending(state, err)
	return
}

func (t *task[T, R]) settle(e *engine, v R, state promise.State, err error) (woke, swept bool) {
	if woke, swept = t.cell.Settle(state, v, err); swept {
		e.outside.add(state)
	}
	return woke, swept
}

// noSlot stands for the slot of a task that will not run.
type noSlot struct{}

func (noSlot) Return(bool) {}

// kill ends a task that the caller has claimed and that will not run.
func (t *task[T, R]) kill(e *engine, count *tally, state promise.State, err error) {
	if x := t.tracked(); x != nil && x.holding != nil {
		x.holding.undo()
	}
	var zero R
	t.forget()
	_, leave := t.end(e, count, noSlot{}, zero, state, err) // swept: see sweep
	if x := t.tracked(); x != nil {
		if x.holding != nil && x.holding.noEntry {
			leave = false // nobody has called Hold
		}
		if x.unseat() {
			leave = true // see sit
			if e.view == nil {
				e.outside.add(state)
				e.countHeld(-1)
			}
		}
	}
	if leave {
		e.sched.Leave()
	}
}

// Cancel implements promise.Owner.
func (t *task[T, R]) Cancel(cause error) bool {
	if !t.cell.Claim(promise.Claimed) {
		t.Frame.Cancel(cause)
		return false
	}
	t.kill(t.engine(), nil, promise.Canceled, &future.CancelError{Cause: cause})
	return true
}

// RunHere implements promise.Owner.
func (t *task[T, R]) RunHere(ctx context.Context, back promise.SlotHolder) bool {
	if !t.cell.Claim(promise.Running) {
		return false
	}
	if from := seatsOf(ctx); from != nil {
		back = pass(from, nil, t.engine().sched).holder(back)
	}
	t.runClaimed(ctx, back)
	return true
}

// runClaimed runs a claimed task on the goroutine of the task that ctx belongs to.
func (t *task[T, R]) runClaimed(ctx context.Context, back promise.SlotHolder) {
	t.runBare(t.engine().valuesOf(ctx), nil, back)
}

// runHere implements job.
func (t *task[T, R]) runHere(values context.Context, back promise.SlotHolder) {
	t.cell.Claim(promise.Running)
	t.runBare(values, &t.engine().outside, back)
}

// runBare is run, on the calling goroutine, or, if a panic is to crash the process, on one of
// its own that the caller waits for.
func (t *task[T, R]) runBare(values context.Context, count *tally, back promise.SlotHolder) {
	crash := t.engine().crashOnPanic
	if x := t.tracked(); x != nil && x.mute && x.group == nil {
		crash = x.e.crashOnGo()
	}
	if crash {
		bare(func() { t.run(values, count, back) })
	} else {
		t.run(values, count, back)
	}
}

// RunElsewhere implements promise.Owner.
func (t *task[T, R]) RunElsewhere(ctx context.Context, back func(slot bool) bool) bool {
	if !t.cell.Claim(promise.Running) {
		return false
	}
	if from := seatsOf(ctx); from != nil {
		p, lender := pass(from, nil, t.engine().sched), back
		back = func(slot bool) bool { return p.keep(lender(p.back(slot))) }
	}
	t.lendTo(back)
	return true
}

// lendTo runs a claimed task on a worker of its own, in the caller's slot.
func (t *task[T, R]) lendTo(back func(slot bool) bool) {
	e := t.engine()
	e.sched.Run(func(w *sched.Worker) {
		w.Woke = t.run(e.local(w).ctx, nil, borrower{w, back})
		pprof.SetGoroutineLabels(e.labels)
	})
}

// A borrower is a worker that runs its first task in a slot which it may have to give back.
type borrower struct {
	*sched.Worker
	back func(slot bool) bool
}

func (b borrower) Return(slot bool) { b.Worker.Return(b.back(slot)) }

// drop implements job.
func (t *task[T, R]) drop(e *engine) {
	if t.cell.Claim(promise.Claimed) {
		t.kill(e, &e.outside, promise.Dropped, ErrDropped)
	} else {
		t.sweep(e, &e.outside)
	}
}

// sweep counts a popped entry out that somebody else had claimed: now if its task has ended;
// else whoever ends it will see that it was swept, and count it. A task that is being
// cancelled is not settled yet, and with its entry gone nothing but the pool's patience
// keeps Close from returning before it is: Hold.
func (t *task[T, R]) sweep(e *engine, count *tally) {
	canceling := t.cell.State() == promise.Claimed
	if canceling {
		e.sched.Hold()
	}
	if s := t.cell.Sweep(); s.Settled() {
		count.add(s)
		if canceling {
			e.sched.Leave()
		}
	}
}

// over implements job. It leaves the case to sweep that needs another mutex.
func (t *task[T, R]) over(e *engine) bool {
	switch t.cell.State() {
	case promise.Pending, promise.Claimed:
		return false
	}
	if s := t.cell.Sweep(); s.Settled() {
		e.outside.add(s)
	}
	return true
}
