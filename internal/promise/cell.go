// Package promise is the cell behind futures and promises: a state, a result, and those
// who wait for it. It decides nothing: which error a cancelled task gets, and who may run
// it, is the business of packages future and pool, which see the same cell from its
// reading and its writing side.
//
// # The word
//
//	 4     3      2..0
//	swept waited  state
//
//	Pending -> Claimed -> Canceled, Dropped, Succeeded, Failed    (never runs; a promise resolved)
//	Pending -> Running -> Succeeded, Failed, Panicked, Canceled
//
// Claim is a compare-and-swap from Pending, so one claimant wins; it alone may touch what
// belongs to the task, and it must settle the cell. Settle writes the result and then
// moves the state by an atomic addition, which synchronizes it with every load that sees
// the cell settled.
//
// # Waiting
//
//	Waiter   A1 install the channel, A2 set waited; settled already: done; A3 receive
//	         (a listener sets waited first and is linked then, under the mutex that B2 takes)
//	Settler  B1 add to the word; B2 if waited was set before: close the channel, fire listeners
//
// A2 and B1 change one word, so one comes first: if A2, B2 sees waited and, behind it,
// the channel; if B1, the waiter learns from A2 that it need not wait.
package promise

import (
	"context"
	"runtime"
)

// A State is where a cell is in its life.
type State uint32

const (
	Pending State = iota
	Claimed       // about to be settled, will not run
	Running
	Succeeded
	Failed
	Panicked
	Canceled // never ran: cancelled or refused
	Dropped  // never ran: made room for a newer one
)

const (
	stateMask = 1<<3 - 1
	waited    = 1 << 3 // somebody waits, or has
	swept     = 1 << 4 // the queue entry that lost the claim was taken out
)

// Settled reports whether s is final.
func (s State) Settled() bool { return s >= Succeeded }

// An Owner is what stands behind a cell that is more than a value to come: a task.
type Owner interface {
	// Cancel claims and settles the cell if it is pending, and then returns true; else it
	// asks the running task to stop.
	Cancel(cause error) bool
	// RunHere runs the task, if it is still pending, on the calling goroutine: in the slot of
	// the task that ctx belongs to, which waits for it and has lent the slot. When the task has
	// ended, also if it ends the goroutine, back is told whether the slot is still there.
	RunHere(ctx context.Context, back SlotHolder) bool
	// RunElsewhere runs the task, if it is still pending, on another goroutine, in the slot
	// that the caller has in hand, for the task that ctx belongs to. back reports whether the slot is with that goroutine when
	// the task has settled.
	RunElsewhere(ctx context.Context, back func(slot bool) bool) bool
}

// A SlotHolder lent its slot to a task and gets it back.
type SlotHolder interface {
	// Return is called once, when the task has settled. slot: the slot is in hand.
	Return(slot bool)
}

// A Cell holds the result of type R that somebody writes once and anybody may read. The
// zero Cell is pending.
type Cell[R any] struct {
	word      atomicUint32
	home      uint32      // set by Own, like owner
	done      atomicValue // chan struct{}, made by the first who needs it
	listeners atomicPointer[listeners]
	value     R
	failure   *failure // nil: no error
	owner     Owner    // nil: nobody to ask
}

// Own says, before the cell is shared, what stands behind it, and, as a number, on whose
// workers it runs.
func (c *Cell[R]) Own(owner Owner, home uint32) { c.owner, c.home = owner, home }

// Owner returns what stands behind the cell, or nil.
func (c *Cell[R]) Owner() Owner { return c.owner }

// Home returns the number given to Own.
func (c *Cell[R]) Home() uint32 { return c.home }

// A failure is an error behind a pointer: cells are many, and few of them fail.
type failure struct {
	err    error
	looked atomicBool // somebody has asked for the result since the cell was settled
}

func (f *failure) look() {
	if !f.looked.Load() {
		f.looked.Store(true)
	}
}

// Unobserved arranges that report is called with the error of a cell that has failed, when
// nobody has looked at it and the collector has found that nobody can.
func (c *Cell[R]) Unobserved(report func(error)) {
	runtime.AddCleanup(c, func(f *failure) {
		if !f.looked.Load() {
			go report(f.err)
		}
	}, c.failure)
}

// Look notes that somebody wants to know the cell's result.
func (c *Cell[R]) Look() {
	if !c.Settled() && c.wait() {
		return // Settle will see it
	}
	if c.failure != nil {
		c.failure.look()
	}
}

// Waited reports whether anybody has waited for the cell.
func (c *Cell[R]) Waited() bool { return c.word.Load()&waited != 0 }

// State returns the cell's state.
func (c *Cell[R]) State() State { return State(c.word.Load() & stateMask) }

// Settled reports whether the result is there.
func (c *Cell[R]) Settled() bool { return c.State().Settled() }

// Result returns the result of a settled cell.
func (c *Cell[R]) Result() (R, error) {
	if f := c.failure; f != nil {
		f.look()
		return c.value, f.err
	}
	return c.value, nil
}

// Claim moves a pending cell to state to, Claimed or Running. Only one claim succeeds.
func (c *Cell[R]) Claim(to State) bool {
	for {
		old := c.word.Load()
		if old&stateMask != 0 {
			return false
		}
		if c.word.CompareAndSwap(old, old+uint32(to)) {
			return true
		}
	}
}

// Settle ends a claim: it moves the cell to a final state and wakes whoever waits. It
// reports whether it woke somebody, and whether Sweep came before.
func (c *Cell[R]) Settle(to State, v R, err error) (woke, wasSwept bool) {
	if c.value = v; err != nil {
		c.failure = &failure{err: err}
	}
	from := c.State() // only the claimant changes it
	word := c.word.Add(uint32(to - from))
	if word&waited != 0 {
		c.wake()
	}
	return word&waited != 0, word&swept != 0
}

// Sweep notes that the cell's queue entry is gone and returns the state: of whether the
// cell is settled then, and Settle's wasSwept, exactly one is true.
func (c *Cell[R]) Sweep() State { return State(c.word.Or(swept) & stateMask) }

// wait sets waited, and returns false if the cell was settled before.
func (c *Cell[R]) wait() bool { return !State(c.word.Or(waited) & stateMask).Settled() }

// Done returns a channel that is closed when the cell is settled. Once closed, it is the one
// that was returned before, if there was one.
func (c *Cell[R]) Done() <-chan struct{} {
	done, _ := c.done.Load().(chan struct{})
	if c.Settled() {
		c.Look()
		select {
		case <-done:
			return done
		default: // nobody asked before, or the settler is just about to close it
			return closed
		}
	}
	if done == nil {
		done = make(chan struct{})
		if !c.done.CompareAndSwap(nil, done) {
			done = c.done.Load().(chan struct{})
		}
	}
	if !c.wait() {
		c.Look()
		return closed
	}
	return done
}

var closed = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

func (c *Cell[R]) wake() {
	if done, _ := c.done.Load().(chan struct{}); done != nil {
		close(done)
	}
	if l := c.listeners.Load(); l != nil {
		l.fire()
	}
}
