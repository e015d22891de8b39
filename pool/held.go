package pool

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/internal/promise"
)

// A holding is a task that has been handed out and is not queued, for want of its argument or
// of its weight of the budget. It ends by admitHeld, or when the task is settled without having
// run: when its context ends, when intake does, when its future is cancelled.
type holding struct {
	pending *latch
	left    atomic.Bool // pending

	mu    sync.Mutex
	over  bool
	stops []func() bool // what is registered elsewhere for the task
}

// hold holds x back. It returns nil if intake has ended.
func (p *Pool[T, R]) hold(x *tracked[T, R]) *holding {
	e := &p.engine
	if !e.pending.enter() {
		e.pending.leave()
		return nil
	}
	if e.view != nil {
		e.accepted.Add(1)
	}
	h := &holding{pending: &e.pending}
	x.unarmed.Store(true)
	x.holding = h
	giveUp := func() {
		if x.cell.Claim(promise.Claimed) {
			x.cancelHeld()
		}
	}
	h.add(context.AfterFunc(e.intake, giveUp))
	h.add(context.AfterFunc(&x.Frame, giveUp))
	return h
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
	if cause := x.Dead(); cause != nil {
		err = &future.CancelError{Cause: cause}
	}
	x.kill(x.e, nil, promise.Canceled, err)
}

// admitHeld queues a task that was held, beyond the capacity of a full queue. From here on its
// awaiter may run it.
func (p *Pool[T, R]) admitHeld(x *tracked[T, R], h *holding) {
	if p.engine.view != nil {
		p.engine.accepted.Add(^uint64(0)) // pushOver counts it again
	}
	x.unarmed.Store(false)
	err := p.refuse(p.pushOver(&entry[T, R]{ctx: x}))
	_ = p.submitted(&x.task, err)
	h.end()
}
