package pool

import (
	"context"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/internal/frame"
	"github.com/forebay-go/forebay/internal/promise"
	"github.com/forebay-go/forebay/internal/queue"
	"github.com/forebay-go/forebay/internal/seats"
)

// admit queues an entry, or does with it what the policy says when the queue is full. f is its
// task's context, nil if it has none yet. An error says that the entry was refused.
func (p *Pool[T, R]) admit(ctx context.Context, e *entry[T, R], f *frame.Frame) error {
	if cause := p.dead(ctx, f); cause != nil {
		return p.refuse(p.deadError(cause))
	}
	if p.engine.onFull == BlockWhenFull && f != nil && f.Nested() {
		return p.refuse(p.pushOver(e))
	}
	st := p.push(e)
	if st == queue.OK {
		return nil
	}
	return p.refuse(p.full(ctx, e, st))
}

// tryAdmit is admit without a wait.
func (p *Pool[T, R]) tryAdmit(ctx context.Context, e *entry[T, R], f *frame.Frame) error {
	if cause := p.dead(ctx, f); cause != nil {
		return p.refuse(p.deadError(cause))
	}
	st := p.offer(e)
	if st == queue.Full && p.engine.onFull == DropOldestWhenFull {
		return p.refuse(p.dropOldest(e))
	}
	return p.refuse(answer(st))
}

// dead returns the cause if the task's context, or the pool's, has ended.
func (p *Pool[T, R]) dead(ctx context.Context, f *frame.Frame) error {
	if f != nil {
		return f.Dead()
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
	if p.engine.closed() {
		return ErrClosed
	}
	return &future.CancelError{Cause: cause}
}

// refuse counts a submit that ends with an error.
func (p *Pool[T, R]) refuse(err error) error {
	if err != nil {
		p.engine.rejected.Add(1) // its hook is called by submitted, when the task is settled
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
func (p *Pool[T, R]) push(e *entry[T, R]) queue.Status {
	if p.queue == nil {
		return p.engine.toLine(e.viewTask(), true, p.engine.line.push)
	}
	return p.notify(p.queue.Push(e))
}

// offer queues an entry if there is room.
func (p *Pool[T, R]) offer(e *entry[T, R]) queue.Status {
	if p.queue == nil {
		return p.engine.toLine(e.viewTask(), true, p.engine.line.offer)
	}
	return p.notify(p.queue.Offer(e))
}

// pushOver queues an entry that must not wait for room.
func (p *Pool[T, R]) pushOver(e *entry[T, R]) error {
	if p.queue == nil {
		return answer(p.engine.toLine(e.viewTask(), false, p.engine.line.pushOver))
	}
	return answer(p.notify(p.queue.PushOver(e)))
}

// notify tells the workers of an entry that was queued.
func (p *Pool[T, R]) notify(st queue.Status) queue.Status {
	if st == queue.OK {
		p.engine.sched.Notify()
	}
	return st
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
// pop that is about to release its slot has still to report to the room. A view's task that has
// got seats meanwhile goes from the room of those that could not be held to the queue's.
func (p *Pool[T, R]) waitForRoom(ctx context.Context, e *entry[T, R]) error {
	room := p.roomFor(e)
	w := room.Join()
	for {
		if st := p.push(e); st == queue.OK || st == queue.Closed {
			room.Quit(w)
			return p.through(e, st)
		}
		if now := p.roomFor(e); now != room {
			room.Quit(w)
			room, w = now, now.Join()
			continue
		}
		select {
		case <-w.C:
			if st := p.push(e); st == queue.OK || st == queue.Closed {
				return p.through(e, st)
			}
			room.Rejoin(w)
		case <-ctx.Done():
			room.Quit(w)
			p.giveSeatsUp(e)
			return &future.CancelError{Cause: context.Cause(ctx)}
		case <-p.engine.home.Ctx.Done():
			room.Quit(w)
			p.giveSeatsUp(e)
			return p.deadError(context.Cause(p.engine.home.Ctx))
		}
	}
}

// giveSeatsUp gives up the seats of an entry that is refused: now, and not when a task that submits
// it has its slot back, which somebody may have who is waiting for them.
func (p *Pool[T, R]) giveSeatsUp(e *entry[T, R]) {
	if x, ok := e.ctx.(*tracked[T, R]); ok {
		x.unseat()
	}
}

// through is the end of a wait for room that was not given up.
func (p *Pool[T, R]) through(e *entry[T, R], st queue.Status) error {
	if room := p.roomFor(e); room != &p.engine.room || p.engine.line.hasRoom() {
		room.Freed()
	}
	if st == queue.Closed {
		p.giveSeatsUp(e)
	}
	return answer(st)
}

// roomFor is where an entry waits for what it is missing.
func (p *Pool[T, R]) roomFor(e *entry[T, R]) *queue.Room {
	if p.queue == nil && !e.viewTask().hasSeats() {
		return &p.engine.view.room
	}
	return &p.engine.room
}

// dropOldest makes room for e, again if somebody else takes it. Between a pop and the end
// of the popped task the pool must not go down: Enter.
func (p *Pool[T, R]) dropOldest(e *entry[T, R]) error {
	if !p.engine.sched.Enter() {
		return ErrClosed
	}
	defer p.engine.sched.Leave()
	for {
		oldest, st := p.takeOldest(e)
		if st == queue.Busy {
			// The oldest is not in its slot yet, and its submitter may be asleep: not our wait.
			return p.pushOver(e)
		}
		st = p.offer(e)
		if oldest != nil {
			p.engine.line.drop(oldest) // only now: its seats may put another task in its place
		}
		switch st {
		case queue.Full:
			continue
		case queue.Closed:
			p.engine.room.Freed() // a view has been, and the place is anybody's
		}
		return answer(st)
	}
}

// takeOldest makes room where e needs it: in the queue, for a task that is then to be dropped,
// if it is not nil; or among those that are held.
func (p *Pool[T, R]) takeOldest(e *entry[T, R]) (oldest job, st queue.Status) {
	if p.queue != nil || e.viewTask().hasSeats() {
		return p.engine.line.popOldest()
	}
	if oldest, _ := p.engine.view.seats.Oldest().(viewTask); oldest != nil {
		oldest.evict()
	}
	return nil, queue.OK
}

// callerRuns runs an entry on the submitting goroutine: in the slot of the task that
// submits, or outside the limit.
func (p *Pool[T, R]) callerRuns(ctx context.Context, e *entry[T, R]) error {
	if !p.engine.sched.Enter() {
		return ErrClosed
	}
	defer p.engine.sched.Leave()
	fr, _ := frame.From(ctx)
	switch {
	case fr == nil:
		p.runHere(ctx, e, noSlot{}, false)
	case !fr.On(p.engine.sched):
		// A task of another pool, whose slot e may need: it may await a task of that pool.
		return fr.Block(func() error {
			p.runHere(ctx, e, noSlot{}, false)
			return nil
		})
	default:
		slot, ok := fr.Lend()
		if ok && (!slot || fr.Home().Seats != p.seatsFor(e)) {
			// It would not have the seats that the slot goes with. Or the slot is with somebody else
			// already, who may be the one that submits: a task that runs inside of ctx's, in a group
			// with its ctx. That one would not lend the slot while what runs here waits for others.
			fr.Return(slot)
			return p.pushOver(e)
		}
		if !ok {
			p.runHere(ctx, e, noSlot{}, false) // the task is over
		} else {
			p.runHere(ctx, e, fr, slot)
		}
	}
	return nil
}

// seatsFor returns the seats that an entry's task needs, or nil.
func (p *Pool[T, R]) seatsFor(e *entry[T, R]) *seats.Seats {
	if j := e.job(); j != nil {
		return j.taskFrame().Home().Seats
	}
	return p.engine.home.Seats
}

// runHere runs an entry on the calling goroutine, or, if its panic is to crash the process,
// on one that the caller waits for.
func (p *Pool[T, R]) runHere(ctx context.Context, e *entry[T, R], back promise.SlotHolder, slot bool) {
	p.engine.accepted.Add(1)
	p.engine.callers.Add(1)
	defer p.engine.callers.Add(-1)
	values := p.engine.valuesOf(ctx)
	if j := e.job(); j != nil {
		if !slot {
			j.taskFrame().Outside()
		}
		j.runHere(values, back)
		return
	}
	link := frame.NewLink(e.ctx, &p.engine.home)
	if !slot {
		link.Outside()
	}
	if !p.engine.crashOnGo() {
		p.runGo(e, link, values, &p.engine.outside, back)
	} else {
		elsewhere := *e // a copy, so that entries are not allocated for the sake of this line
		bare(func() { p.runGo(&elsewhere, link, values, &p.engine.outside, back) })
	}
}
