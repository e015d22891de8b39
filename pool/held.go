package pool

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/internal/promise"
)

// A holding is a task that has been handed out and is not accepted yet, for want of its
// argument or of its weight of the budget. It ends in one of two ways, and state, which
// changes once, says in which:
//
//	admitted  by admitHeld. From then on the task is like any other.
//	refused   its context has ended, or intake has, its future was cancelled, or its argument has
//	          failed. The submit counts as refused, and hooks hear of it as such.
//
// Whoever admits or gives up changes the state first. A Cancel claims the cell first, and finds
// out (refuse) when it counts: so the task of an admitted holding is counted where all others
// are, whoever has claimed it.
type holding struct {
	pending *latch
	state   atomic.Int32
	left    atomic.Bool // pending
	noEntry bool        // admitted, refused by the queue, and claimed by another; set before Sweep

	mu    sync.Mutex
	over  bool
	stops []func() bool // what is registered elsewhere for the task
}

const (
	waiting int32 = iota
	admitted
	refused
)

// hold holds x back. It returns nil if intake has ended.
func (p *Pool[T, R]) hold(x *tracked[T, R]) *holding {
	e := &p.engine
	if !e.pending.enter() {
		e.pending.leave()
		return nil
	}
	h := &holding{pending: &e.pending}
	x.holding = h
	giveUp := func() {
		if h.refuse() && x.cell.Claim(promise.Claimed) {
			x.cancelHeld()
		}
	}
	h.add(context.AfterFunc(e.intake, giveUp))
	h.add(context.AfterFunc(&x.Frame, giveUp))
	return h
}

// waits reports that the task has not been admitted, so that nobody may run it. A task that was
// never held does not wait.
func (h *holding) waits() bool { return h != nil && h.state.Load() != admitted }

// refuse reports that the task was not admitted, and will not be.
func (h *holding) refuse() bool {
	return h != nil && (h.state.CompareAndSwap(waiting, refused) || h.state.Load() == refused)
}

// add notes what to undo at the end.
func (h *holding) add(stop func() bool) {
	h.mu.Lock()
	over := h.over
	if !over {
		h.stops = append(h.stops, stop)
	}
	h.mu.Unlock()
	if over {
		stop()
	}
}

// undo takes back what was registered. It comes before the task's context ends, which would
// call for no reason what waits for that.
func (h *holding) undo() {
	h.mu.Lock()
	stops := h.stops
	h.over, h.stops = true, nil
	h.mu.Unlock()
	for _, stop := range stops {
		stop()
	}
}

// end ends the holding, once: the task was queued, or is settled.
func (h *holding) end() {
	h.undo()
	if h.left.CompareAndSwap(false, true) {
		h.pending.leave()
	}
}

// cancelHeld settles a task that is held, because its context has ended, or intake. The caller
// has claimed it.
func (x *tracked[T, R]) cancelHeld() {
	var err error = ErrClosed
	if cause := x.Dead(); cause != nil && !x.e.closed() {
		err = &future.CancelError{Cause: cause}
	}
	x.kill(x.e, nil, promise.Canceled, err)
}

// admitHeld queues a task that was held, beyond the capacity of a full queue, unless it was
// refused before. From here on its awaiter may run it.
func (p *Pool[T, R]) admitHeld(x *tracked[T, R]) bool {
	h := x.holding
	h.pending.enter() // until it is counted, though who claims it may have ended the holding before
	defer h.pending.leave()
	h.undo()
	if x.record != nil {
		x.record.queued.Queued = time.Now() // who refuses it does not read that
	}
	if !h.state.CompareAndSwap(waiting, admitted) {
		return false
	}
	_ = p.submitted(&x.task, p.refuse(p.pushOver(&entry[T, R]{ctx: x})))
	if !h.noEntry { // else it is not settled yet, and no queue keeps Close waiting: see settled
		h.end()
	}
	return true
}
