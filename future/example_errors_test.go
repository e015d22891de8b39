package future_test

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/forebay-go/forebay/future"
)

// One errors.Is tells a wait that ended from work that was cancelled.
func Example_errors() {
	tell := func(err error) string {
		switch {
		case errors.Is(err, future.ErrNotReady):
			return "the wait ended; the work goes on"
		case errors.Is(err, future.ErrCanceled):
			return "the work never ran"
		default:
			return "the work failed: " + err.Error()
		}
	}
	hurried, cancel := context.WithCancel(context.Background())
	cancel()

	pending := future.NewPromise[int]().Future()
	_, err := pending.Await(hurried)
	fmt.Println(tell(err))
	pending.Cancel(nil)
	_, err = pending.Await(hurried)
	fmt.Println(tell(err))
	_, err = future.Rejected[int](io.ErrUnexpectedEOF).Await(hurried)
	fmt.Println(tell(err))
	// Output:
	// the wait ended; the work goes on
	// the work never ran
	// the work failed: unexpected EOF
}

// A WaitError is the ctx's error and its cause.
func ExampleWaitError() {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("the user left"))
	_, err := future.NewPromise[int]().Future().Await(ctx)
	var wait *future.WaitError
	if errors.As(err, &wait) {
		fmt.Println(wait.Err, "/", wait.Cause)
	}
	// Output: context canceled / the user left
}

// What was panicked with, if it is an error, is found by errors.Is; the stack is there too.
func ExamplePanicError() {
	f := future.Go(context.Background(), func(context.Context) (int, error) { panic(io.EOF) })
	_, err := f.Await(context.Background())
	var pe *future.PanicError
	fmt.Println(errors.Is(err, io.EOF), errors.As(err, &pe), len(pe.Stack) > 0)
	// Output: true true true
}
