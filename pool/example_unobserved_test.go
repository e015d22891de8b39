package pool_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/forebay-go/forebay/pool"
)

// The future of the task is thrown away, and its failure with it: not without a word.
func ExampleWithUnobserved() {
	heard := make(chan error)
	p := pool.New[int, int](pool.WithUnobserved(func(err error) { heard <- err }))
	p.Submit(context.Background(), func(context.Context, int) (int, error) {
		return 0, errors.New("disk full")
	}, 0)
	_ = p.Close()
	for {
		runtime.GC() // sooner or later it runs anyway
		select {
		case err := <-heard:
			fmt.Println("nobody has looked at:", err)
			return
		default:
		}
	}
	// Output: nobody has looked at: disk full
}
