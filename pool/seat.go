package pool

import (
	"context"

	"github.com/forebay-go/forebay/internal/frame"
	"github.com/forebay-go/forebay/internal/promise"
	"github.com/forebay-go/forebay/internal/queue"
	"github.com/forebay-go/forebay/internal/sched"
	"github.com/forebay-go/forebay/internal/seats"
)

// Tasks of a group with a limit, and of a pool that shares another's workers, need seats
// before they are queued. Without free ones such a task is held: it is accepted, and is
// queued by whoever gives the last seat that it needs. Until then it keeps the scheduler
// from going down, and it is queued then even if the queue has been closed.
//
// Seats go along with the slot: they are taken back to run on after a wait, and given up by
// whatever gives the slot up. A task that is run by its awaiter runs in the awaiter's seats if
// it needs the same ones, and its own, or its place in the line, are somebody else's; if it
// needs others, it runs in its own, and the awaiter's are free meanwhile.
//
// Who ends a claimed task without running it, or runs it in other seats, gives its seats back by
// unseat; who runs it, by Give. After a Resize to fewer a worker can pop a task that may not
// start: it is held again (sentBack), and an awaiter leaves it to that worker.

// sit gets x its seats, or holds it, unless as many are held already as the queue would take
// and bounded is set. The status is OK, Full, or Closed. x has a waiter: it is a view's, or one of
// a group with a limit.
func (x *tracked[T, R]) sit(bounded bool) (held bool, st queue.Status) {
	if x.waiter.TryEnter() {
		return false, queue.OK
	}
	most := 0
	if bounded {
		most = x.e.line.capacity()
	}
	if !x.e.sched.Enter() {
		return false, queue.Closed
	}
	in, full := x.waiter.Hold(most)
	if in || full {
		x.e.sched.Leave()
	}
	if full {
		return false, queue.Full
	}
	return !in, queue.OK
}

// lineUp gets x its seats and returns nil, or a channel that will be closed when it has got them.
func (x *tracked[T, R]) lineUp() <-chan struct{} {
	if x.waiter.TryEnter() {
		return nil
	}
	there := make(chan struct{})
	x.waiter.Grant = func() { close(there) }
	if x.waiter.Enter() {
		return nil
	}
	return there
}

// sentBack reports that x, which was popped, must not run yet: a Resize has left too few seats.
// It is held again.
func (x *tracked[T, R]) sentBack() bool {
	if x.waiter == nil || x.waiter.TryStart() {
		return false
	}
	x.waiter.Grant = x.granted // a group may have had another use for it; nobody is going to call it now
	x.e.sched.Hold()
	if x.waiter.Start() {
		x.e.sched.Leave()
		return false
	}
	return true
}

// hasSeats reports whether x needs no more seats.
func (x *tracked[T, R]) hasSeats() bool { return x.waiter == nil || x.waiter.Seated() }

// granted is called when a held task has got its seats.
func (x *tracked[T, R]) granted() {
	x.requeue()
	x.e.sched.Leave()
}

// requeue queues an accepted task.
func (x *tracked[T, R]) requeue() {
	if x.e.view != nil {
		x.e.viewsQueued.Add(1)
		x.e.viewsPushed.Add(1)
	} else {
		x.e.accepted.Add(^uint64(0)) // the queue counts it from now on
		x.e.countHeld(-1)
	}
	x.e.line.requeue(x)
}

// unseat gives the task's seats back, or its place in the line, and then reports that it was
// held. The caller has claimed the task, or its submit has not returned.
func (x *tracked[T, R]) unseat() (held bool) {
	return x.waiter != nil && x.waiter.Quit()
}

// claimFor claims a task that is to run in the slot of one that waits and has the seats from.
func (x *tracked[T, R]) claimFor(from *seats.Seats) bool {
	if x.holding.waits() || from != x.seats && x.waiter != nil && !x.waiter.TryStart() {
		return false
	}
	if !x.cell.Claim(promise.Running) {
		return false
	}
	if from == x.seats && x.unseat() {
		x.unqueued = true
		x.e.countHeld(-1)
		x.e.sched.Leave() // the awaiter's slot keeps it up now
	}
	return true
}

// A seat is a slot that comes with seats.
type seat struct {
	promise.SlotHolder
	seats *seats.Seats
}

func (s seat) Return(slot bool) {
	if slot {
		s.seats.Give()
	}
	s.SlotHolder.Return(slot)
}

// seatsOf returns the seats of the task that ctx belongs to, which has a lend.
func seatsOf(ctx context.Context) *seats.Seats {
	fr, _ := frame.From(ctx)
	return fr.Home().Seats
}

// A passage is that of a slot from a task that waits to the task that it waits for. They may
// need different seats.
type passage struct {
	from, to *seats.Seats
	sched    *sched.Scheduler
}

// pass takes a passage. The second task has its seats, if they are not the same.
func pass(from, to *seats.Seats, s *sched.Scheduler) passage {
	if from != to && from != nil {
		from.Give()
	}
	return passage{from, to, s}
}

// back is the way back: without seats for the first task, the slot is given up too.
func (p passage) back(slot bool) bool {
	if p.from == p.to || !slot {
		return slot
	}
	if p.to != nil {
		p.to.Give()
	}
	if p.from != nil && !p.from.TrySit() {
		p.sched.Release()
		return false
	}
	return true
}

// keep is called when the first task did not want the slot back.
func (p passage) keep(slot bool) bool {
	if slot && p.from != nil {
		p.from.Give()
	}
	return slot
}

// holder returns the slot's way back.
func (p passage) holder(back promise.SlotHolder) promise.SlotHolder {
	if p.from == p.to {
		return back
	}
	return passing{p, back}
}

type passing struct {
	passage
	first promise.SlotHolder
}

func (p passing) Return(slot bool) { p.first.Return(p.back(slot)) }
