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
//	born      newTask, in Submit
//	queued    admit, in admission.go
//	claimed   Cell.Claim, by the worker that popped it (work.Run), its awaiter (RunIn), or
//	          Cancel. One wins. Only the winner touches fn and arg. The queue entry of a task
//	          claimed by another than its popper is a tombstone.
//	run       run
//	settled   end
//	forgotten fn and arg when run begins, the context in Frame.End, before it is settled
type task[T, R any] struct {
	cell  promise.Cell[R]
	frame frame.Frame
	fn    func(context.Context, T) (R, error)
	arg   T
}

func (p *Pool[T, R]) newTask(ctx context.Context, fn func(context.Context, T) (R, error), arg T) *task[T, R] {
	t := &task[T, R]{fn: fn, arg: arg}
	t.cell.Own(t, p.engine.home.ID)
	t.frame.Init(ctx, &p.engine.home)
	return t
}

func (t *task[T, R]) future() *future.Future[R] { return (*future.Future[R])(&t.cell) }

// reject settles a task that was not accepted, and so does not count.
func (t *task[T, R]) reject(err error) {
	var zero R
	t.cell.Claim(promise.Claimed)
	t.forget()
	t.frame.End()
	t.cell.Settle(promise.Canceled, zero, err)
}

func (t *task[T, R]) forget() (fn func(context.Context, T) (R, error), arg T) {
	var zero T
	fn, arg = t.fn, t.arg
	t.fn, t.arg = nil, zero
	return fn, arg
}

// run runs a task that the caller has claimed, in the slot of back. values are the worker's.
// count is where the popper of the task counts its end; nil: it was not popped. It reports
// whether an awaiter woke.
func (t *task[T, R]) run(values context.Context, count *tally, back promise.SlotHolder) (woke bool) {
	e := t.engine()
	fn, arg := t.forget()
	if cause := t.frame.Dead(); cause != nil {
		var zero R
		woke, _ = t.end(e, count, back, zero, promise.Canceled, &future.CancelError{Cause: cause})
		return woke
	}
	ctx, stop := e.dress(&t.frame, values)
	call(fn, ctx, arg, e.crashOnPanic, func(v R, state promise.State, err error) {
		if stop != nil {
			stop()
		}
		woke, _ = t.end(e, count, back, v, state, err)
	})
	return woke
}

// end settles a claimed task: its context ends, the pool takes note, the future's readers
// are told, and then the slot goes back.
func (t *task[T, R]) end(e *engine, count *tally, back promise.SlotHolder, v R, state promise.State, err error) (woke, swept bool) {
	slot := t.frame.End()
	e.ended(state, err)
	if count != nil {
		count.add(state)
	}
	woke, swept = t.cell.Settle(state, v, err)
	if swept {
		e.outside.add(state)
	}
	back.Return(slot)
	return woke, swept
}

// noSlot stands for the slot of a task that will not run.
type noSlot struct{}

func (noSlot) Return(bool) {}

// kill ends a task that the caller has claimed and that will not run.
func (t *task[T, R]) kill(e *engine, count *tally, state promise.State, err error) {
	var zero R
	t.forget()
	if _, swept := t.end(e, count, noSlot{}, zero, state, err); swept {
		e.sched.Leave() // see sweep
	}
}

// engine returns the engine of the pool. The caller has claimed the task.
func (t *task[T, R]) engine() *engine { return t.frame.Home().Pool.(*engine) }

// Cancel implements promise.Owner.
func (t *task[T, R]) Cancel(cause error) bool {
	if !t.cell.Claim(promise.Claimed) {
		t.frame.Cancel(cause)
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
	values := t.engine().valuesOf(ctx)
	if t.engine().crashOnPanic {
		bare(func() { t.run(values, nil, back) })
	} else {
		t.run(values, nil, back)
	}
	return true
}

// RunElsewhere implements promise.Owner.
func (t *task[T, R]) RunElsewhere(back func(slot bool) bool) bool {
	if !t.cell.Claim(promise.Running) {
		return false
	}
	e := t.engine()
	e.sched.Run(func(w *sched.Worker) {
		w.Woke = t.run(e.local(w).ctx, nil, borrower{w, back})
		pprof.SetGoroutineLabels(e.labels)
	})
	return true
}

// A borrower is a worker that runs its first task in a slot which it may have to give back.
type borrower struct {
	*sched.Worker
	back func(slot bool) bool
}

func (b borrower) Return(slot bool) { b.Worker.Return(b.back(slot)) }

// drop ends an entry that was popped to make room.
func (p *Pool[T, R]) drop(e *entry[T, R]) {
	outside := &p.engine.outside
	switch t := e.task; {
	case t == nil:
		outside.add(promise.Dropped)
	case t.cell.Claim(promise.Claimed):
		t.kill(&p.engine, outside, promise.Dropped, ErrDropped)
	default:
		p.sweep(t, outside)
	}
}

// sweep counts a popped entry out that somebody else had claimed: now if its task has ended;
// else whoever ends it will see that it was swept, and count it. A task that is being
// cancelled is not settled yet, and with its entry gone nothing but the pool's patience
// keeps Close from returning before it is: Hold.
func (p *Pool[T, R]) sweep(t *task[T, R], count *tally) {
	canceling := t.cell.State() == promise.Claimed
	if canceling {
		p.engine.sched.Hold()
	}
	if s := t.cell.Sweep(); s.Settled() {
		count.add(s)
		if canceling {
			p.engine.sched.Leave()
		}
	}
}

// over reports that an entry in the overflow has become pointless, and counts it out. It is
// called with the queue's mutex held, so it leaves the case to sweep that needs another.
func (p *Pool[T, R]) over(e entry[T, R]) bool {
	if e.task == nil {
		return false
	}
	switch e.task.cell.State() {
	case promise.Pending, promise.Claimed:
		return false
	}
	if s := e.task.cell.Sweep(); s.Settled() {
		p.engine.outside.add(s)
	}
	p.engine.room.Freed()
	return true
}
