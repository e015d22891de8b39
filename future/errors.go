package future

import (
	"context"
	"errors"
	"fmt"
)

var (
	// ErrNotReady is what a [*WaitError] is: the result was not there when the wait ended.
	ErrNotReady = errors.New("future: not ready")
	// ErrCanceled is what a [*CancelError] is: the work never ran.
	ErrCanceled = errors.New("future: canceled")
	// ErrGoexit is the error of work that ended its goroutine with runtime.Goexit, as
	// t.FailNow does.
	ErrGoexit = errors.New("future: function called runtime.Goexit")
	// ErrAbandoned is the error of a promise given up by Abandon.
	ErrAbandoned = errors.New("future: promise abandoned")
	// ErrNoFutures is the error of asking for one of no futures.
	ErrNoFutures = errors.New("future: no futures")
)

// A WaitError says that a wait gave up because its ctx ended. It tells nothing about the
// future, which goes on. It is [ErrNotReady], the ctx's error and the ctx's cause, by
// errors.Is; it is never [ErrCanceled], not even if the cause is.
type WaitError struct {
	Err   error // ctx.Err()
	Cause error // context.Cause(ctx)
}

func (e *WaitError) Error() string { return fmt.Sprintf("future: wait ended: %v", e.Cause) }

// Is reports whether target is one of the errors that e stands for.
func (e *WaitError) Is(target error) bool {
	return target == ErrNotReady ||
		target != ErrCanceled && (errors.Is(e.Err, target) || errors.Is(e.Cause, target))
}

// As finds target in the cause. A [*CancelError] there stays hidden: it is another task's.
func (e *WaitError) As(target any) bool {
	if _, hidden := target.(**CancelError); hidden {
		return false
	}
	return errors.As(e.Err, target) || errors.As(e.Cause, target)
}

// A CancelError says that the work was cancelled before it started: it never ran. It is
// [ErrCanceled], [context.Canceled] and its cause, by errors.Is; it is never
// [ErrNotReady], not even if the cause is.
type CancelError struct {
	Cause error // of the ctx that ended, or what Cancel was called with
}

func (e *CancelError) Error() string {
	return fmt.Sprintf("future: canceled before it ran: %v", e.Cause)
}

// Is reports whether target is one of the errors that e stands for.
func (e *CancelError) Is(target error) bool {
	return target == ErrCanceled || target == context.Canceled ||
		target != ErrNotReady && errors.Is(e.Cause, target)
}

// As finds target in the cause. A [*WaitError] there stays hidden: it is another wait's.
func (e *CancelError) As(target any) bool {
	if _, hidden := target.(**WaitError); hidden {
		return false
	}
	return errors.As(e.Cause, target)
}

// An IndexError says which of several failed.
type IndexError struct {
	Index int
	Err   error
}

func (e *IndexError) Error() string { return fmt.Sprintf("future: item %d: %v", e.Index, e.Err) }

// Unwrap returns Err.
func (e *IndexError) Unwrap() error { return e.Err }

// A PanicError is a panic that was recovered and became the result of the work. It is never
// panicked again by us: that is for whoever awaits to decide.
type PanicError struct {
	Value any    // what panic was called with
	Stack []byte // the goroutine's, as [runtime/debug.Stack] formats it
}

// Error includes the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v\n\n%s", e.Value, e.Stack) }

// Unwrap returns Value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
