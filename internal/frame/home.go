package frame

import (
	"context"

	"github.com/forebay-go/forebay/internal/sched"
	"github.com/forebay-go/forebay/internal/seats"
)

// A Home is what all frames of a pool, or of a part of one, have in common.
type Home struct {
	ID    uint32 // of Sched: a number that keeps nothing alive
	Sched *sched.Scheduler
	Seats *seats.Seats    // without which the tasks may not run either, or nil
	Ctx   context.Context // ends when the pool is stopped
	Base  context.Context // whose values tasks see behind those of their submit ctx
	Pool  any             // whatever the pool wants to find again from a frame
	*Counters
}

// Counters are what the frames of a pool count together.
type Counters struct {
	_      [128]byte
	broken atomicInt64 // frames that were cancelled, or over before others let go of them
	_      [128]byte
	Lent   atomicInt64 // lends that are parked
	_      [128]byte
}

// release gives a slot up, and the seats with it.
func (h *Home) release() {
	if h.Seats != nil {
		h.Seats.Give()
	}
	h.Sched.Release()
}

// acquire waits for the seats and a slot. The seats come first: nobody who has a slot waits
// for seats.
func (h *Home) acquire() {
	if h.Seats != nil {
		h.Seats.Sit()
	}
	h.Sched.Acquire()
}
