package pool

import (
	"context"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/internal/frame"
	"github.com/forebay-go/forebay/internal/promise"
	"github.com/forebay-go/forebay/internal/queue"
)

// admit queues an entry, or does with it what the policy says when the queue is full. An
// error says that the entry was refused.
func (p *Pool[T, R]) admit(ctx context.Context, e *entry[T, R]) error {
	if cause := p.dead(ctx, e); cause != nil {
		return p.refuse(p.deadError(cause))
	}
	if p.engine.onFull == BlockWhenFull && e.task != nil && e.task.frame.Nested() {
		return p.refuse(p.pushOver(e))
	}
	st := p.push(e)
	if st == queue.OK {
		return nil
	}
	return p.refuse(p.full(ctx, e, st))
}

// tryAdmit is admit without a wait.
func (p *Pool[T, R]) tryAdmit(ctx context.Context, e *entry[T, R]) error {
	if cause := p.dead(ctx, e); cause != nil {
		return p.refuse(p.deadError(cause))
	}
	st := p.offer(e)
	if st == queue.Full && p.engine.onFull == DropOldestWhenFull {
		return p.refuse(p.dropOldest(e))
	}
	return p.refuse(answer(st))
}

// dead returns the cause if the task's context, or the pool's, has ended.
func (p *Pool[T, R]) dead(ctx context.Context, e *entry[T, R]) error {
	if e.task != nil {
		return e.task.frame.Dead()
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if ctx := p.engine.home.Ctx; ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

func (p *Pool[T, R]) deadError(cause error) error {
	if p.queue.Closed() {
		return ErrClosed
	}
	return &future.CancelError{Cause: cause}
}

// refuse counts a submit that ends with an error.
func (p *Pool[T, R]) refuse(err error) error {
	if err != nil {
		p.engine.rejected.Add(1)
	}
	return err
}

// answer is what a submit says that got st.
func answer(st queue.Status) error {
	switch st {
	case queue.Closed:
		return ErrClosed
	case queue.Full:
		return ErrFull
	}
	return nil
}

// push queues an entry if there is room. It may be told Busy.
func (p *Pool[T, R]) push(e *entry[T, R]) queue.Status { return p.notify(p.queue.Push(e)) }

// offer queues an entry if there is room.
func (p *Pool[T, R]) offer(e *entry[T, R]) queue.Status { return p.notify(p.queue.Offer(e)) }

// notify tells the workers of an entry that was queued.
func (p *Pool[T, R]) notify(st queue.Status) queue.Status {
	if st == queue.OK {
		p.engine.sched.Notify()
	}
	return st
}

// pushOver queues an entry that must not wait for room.
func (p *Pool[T, R]) pushOver(e *entry[T, R]) error {
	return answer(p.notify(p.queue.PushOver(e)))
}

// full does what the policy says about an entry that was not simply queued.
func (p *Pool[T, R]) full(ctx context.Context, e *entry[T, R], st queue.Status) error {
	if p.engine.onFull == BlockWhenFull && st != queue.Closed {
		return p.block(ctx, e)
	}
	if st == queue.Busy {
		st = p.offer(e)
	}
	switch {
	case st != queue.Full || p.engine.onFull == RejectWhenFull:
		return answer(st)
	case p.engine.onFull == CallerRunsWhenFull:
		return p.callerRuns(ctx, e)
	default:
		return p.dropOldest(e)
	}
}

// block waits for room, but never inside a task of this pool: that task holds a slot which
// the tasks in the queue may need.
func (p *Pool[T, R]) block(ctx context.Context, e *entry[T, R]) error {
	fr, _ := frame.From(ctx)
	switch {
	case fr == nil:
		return p.waitForRoom(ctx, e)
	case fr.On(p.engine.sched):
		return p.pushOver(e)
	}
	// A task of another pool: our tasks may be waiting for room in its queue.
	return fr.Block(func() error { return p.waitForRoom(ctx, e) })
}

// waitForRoom is the producer's side of queue.Room. A queue that is Busy counts as full: the
// pop that is about to release its slot has still to report to the room.
func (p *Pool[T, R]) waitForRoom(ctx context.Context, e *entry[T, R]) error {
	room := &p.engine.room
	w := room.Join()
	for {
		if st := p.push(e); st == queue.OK || st == queue.Closed {
			room.Quit(w)
			return p.through(st)
		}
		select {
		case <-w.C:
			if st := p.push(e); st == queue.OK || st == queue.Closed {
				return p.through(st)
			}
			room.Rejoin(w)
		case <-ctx.Done():
			room.Quit(w)
			return &future.CancelError{Cause: context.Cause(ctx)}
		case <-p.engine.home.Ctx.Done():
			room.Quit(w)
			return p.deadError(context.Cause(p.engine.home.Ctx))
		}
	}
}

// through is the end of a wait for room that was not given up.
func (p *Pool[T, R]) through(st queue.Status) error {
	if p.queue.Len() < p.queue.Cap() {
		p.engine.room.Freed()
	}
	return answer(st)
}

// dropOldest makes room for e, again if somebody else takes it. Between a pop and the end
// of the popped task the pool must not go down: Enter.
func (p *Pool[T, R]) dropOldest(e *entry[T, R]) error {
	if !p.engine.sched.Enter() {
		return ErrClosed
	}
	defer p.engine.sched.Leave()
	for {
		var old entry[T, R]
		switch p.queue.Pop(&old) {
		case queue.OK:
			p.drop(&old)
		case queue.Busy:
			// The oldest is not in its slot yet, and its submitter may be asleep: not our wait.
			return p.pushOver(e)
		}
		if st := p.offer(e); st != queue.Full {
			return answer(st)
		}
	}
}

// callerRuns runs an entry on the submitting goroutine: in the slot of the task that
// submits, or outside the limit.
func (p *Pool[T, R]) callerRuns(ctx context.Context, e *entry[T, R]) error {
	if !p.engine.sched.Enter() {
		return ErrClosed
	}
	defer p.engine.sched.Leave()
	p.engine.accepted.Add(1)
	p.engine.callers.Add(1)
	defer p.engine.callers.Add(-1)
	if e.task != nil {
		e.task.cell.Claim(promise.Running)
	}
	fr, _ := frame.From(ctx)
	if fr != nil && !fr.On(p.engine.sched) {
		// A task of another pool, whose slot e may need: it may await a task of that pool.
		return fr.Block(func() error {
			p.runHere(ctx, e, noSlot{}, false)
			return nil
		})
	}
	if fr != nil {
		if slot, ok := fr.Lend(); ok {
			p.runHere(ctx, e, fr, slot)
			return nil
		}
	}
	p.runHere(ctx, e, noSlot{}, false)
	return nil
}

// runHere runs an entry on the calling goroutine, or, if its panic is to crash the process,
// on one that the caller waits for.
func (p *Pool[T, R]) runHere(ctx context.Context, e *entry[T, R], back promise.SlotHolder, slot bool) {
	f := new(frame.Frame)
	if e.task != nil {
		f = &e.task.frame
	}
	if !slot {
		f.Outside()
	}
	values := p.engine.valuesOf(ctx)
	if !p.engine.crashOnPanic && (e.task != nil || !p.engine.crashOnGo()) {
		p.runEntry(e, f, values, back)
		return
	}
	elsewhere := *e // a copy, so that entries are not allocated for the sake of this line
	bare(func() { p.runEntry(&elsewhere, f, values, back) })
}

func (p *Pool[T, R]) runEntry(e *entry[T, R], f *frame.Frame, values context.Context, back promise.SlotHolder) {
	if e.task != nil {
		e.task.run(values, &p.engine.outside, back)
	} else {
		p.runGo(e, f, values, &p.engine.outside, back)
	}
}
