// Package future has the typed handle of a result that is still to come.
//
// A [Future] is read: awaited, by anybody, any number of times. A [Promise] is its writing
// side. Most futures come from Submit of package pool; this package works without a pool
// too: [Go] runs a function on a goroutine of its own, and a Promise is resolved by hand.
//
// Waiting is not cancelling. A wait that ends early leaves the future untouched; only
// Cancel, and the ctx that the work was started with, reach the work. So it is with many
// futures at once, by [All], [Settle], [Any], [Race], [AsCompleted] and [Join2]: these cancel
// nothing, and leave nothing behind at a future that they no longer wait for. [Then] goes on
// with a result when it is there.
package future

import (
	"context"
	"fmt"

	"github.com/forebay-go/forebay/internal/promise"
)

// A Future is a result of type R that will be there later: a value or an error. It settles
// exactly once, and its result never changes. All methods may be called by any number of
// goroutines at once. Futures are handed out by pointer and must not be copied.
//
// In the terminology of [the Go memory model], what the work did before it returned
// synchronizes before every Await, Try, Done, State or AfterFunc that observes the future
// settled.
//
// A settled future keeps its result and nothing else: not the function, not its argument,
// not its context. (That of a task which a pool keeps track of for others keeps the pool too: see
// pool.Group, pool.Share, WithHooks, WithUnobserved, SubmitAfter and SubmitWeighted.)
//
// [the Go memory model]: https://go.dev/ref/mem
type Future[R any] promise.Cell[R]

// A Result is what a future settles with. If Err is not nil, Value is whatever the function
// returned beside the error.
type Result[R any] struct {
	Value R
	Err   error
}

func (f *Future[R]) cell() *promise.Cell[R] { return (*promise.Cell[R])(f) }

// Await waits for the result and returns it. ctx limits this wait and nothing else: if it
// ends first, Await returns a [*WaitError] and the future can be awaited again. A result
// that is there beats a ctx that has ended.
//
// Inside a task of a pool, ctx should be the task's, or derived from it. Then waiting lends
// the task's slot to other tasks, and a task of the same pool that has not started is not
// waited for at all: Await runs it, like a call. (If that task ends its goroutine with
// [runtime.Goexit], the caller ends too, as in a call, and both futures settle with
// [ErrGoexit]. If ctx can end sooner than the caller's own, the task runs on another
// goroutine in the caller's slot, so that Await can return when ctx ends.)
//
// Awaiting a settled future costs a load; a wait that parks costs one channel, and inside a
// task the task's cancel context.
func (f *Future[R]) Await(ctx context.Context) (R, error) {
	if ctx == nil {
		panic("future: Await: ctx is nil")
	}
	c := f.cell()
	if !c.Settled() {
		if err := wait(ctx, c); err != nil {
			var zero R
			return zero, err
		}
	}
	return c.Result()
}

// Try returns the result if it is there. It never blocks.
func (f *Future[R]) Try() (Result[R], bool) {
	c := f.cell()
	if !c.Settled() {
		return Result[R]{}, false
	}
	v, err := c.Result()
	return Result[R]{v, err}, true
}

// Done returns a channel that is closed when the future is settled, for use in a select.
// It is made by the first call. To wait inside a task of a pool, prefer Await, which lends
// the task's slot meanwhile.
func (f *Future[R]) Done() <-chan struct{} { return f.cell().Done() }

// State returns the future's state. It may change at any time, but a settled state is final.
func (f *Future[R]) State() State { return stateOf(f.cell().State()) }

// Cancel asks that the work be given up, with cause as the reason ([context.Canceled] if
// nil). It returns true if the work had not started: then it never will, and the future is
// settled with a [*CancelError]. If the work is running, Cancel ends its context and
// returns false; the future settles with whatever the work then returns. On a settled
// future it does nothing and returns false.
//
// Cancelling the future of a [Promise] settles it: the promise's own calls come too late.
func (f *Future[R]) Cancel(cause error) bool {
	c := f.cell()
	if c.Settled() {
		return false
	}
	if cause == nil {
		cause = context.Canceled
	}
	if c.Owner() != nil {
		return c.Owner().Cancel(cause)
	}
	var zero R
	return settle(c, promise.Canceled, zero, &CancelError{Cause: cause})
}

// AfterFunc arranges to call fn with the result, on a goroutine of its own, when the future
// is settled: at once, if it is already. Calling stop makes sure that fn is not called; it
// returns false if fn was started, or stopped before. stop does not wait for fn, and costs
// O(1). A panic of fn crashes the process, like that of any goroutine.
func (f *Future[R]) AfterFunc(fn func(Result[R])) (stop func() bool) {
	if fn == nil {
		panic("future: AfterFunc: fn is nil")
	}
	c := &callback[R]{cell: f.cell(), fn: fn}
	c.Target = c
	if !c.cell.Listen(&c.Listener) {
		c.Fire(0)
	}
	return c.Unlisten
}

// A callback is a function of AfterFunc.
type callback[R any] struct {
	promise.Listener
	cell *promise.Cell[R]
	fn   func(Result[R])
}

// Fire implements promise.Target.
func (c *callback[R]) Fire(int) promise.Chain {
	v, err := c.cell.Result()
	go c.fn(Result[R]{v, err})
	return promise.Chain{}
}

// settle claims a cell and settles it, unless somebody else has claimed it.
func settle[R any](c *promise.Cell[R], to promise.State, v R, err error) bool {
	if !c.Claim(promise.Claimed) {
		return false
	}
	c.Settle(to, v, err)
	return true
}

// A State says where a future is in its life.
type State uint8

// The states. Pending and Running change; the others are final.
const (
	Pending   State = iota // not started, or a promise not resolved
	Running                // the function has been called and has not returned
	Succeeded              // settled without an error
	Failed                 // settled with an error: returned, a panic, or runtime.Goexit
	Canceled               // settled without having run: cancelled, refused, or dropped
)

func (s State) String() string {
	if s > Canceled {
		return fmt.Sprintf("State(%d)", uint8(s))
	}
	return [...]string{"Pending", "Running", "Succeeded", "Failed", "Canceled"}[s]
}

func stateOf(s promise.State) State {
	return [...]State{
		promise.Pending:   Pending,
		promise.Claimed:   Pending,
		promise.Running:   Running,
		promise.Succeeded: Succeeded,
		promise.Failed:    Failed,
		promise.Panicked:  Failed,
		promise.Canceled:  Canceled,
		promise.Dropped:   Canceled,
	}[s]
}
