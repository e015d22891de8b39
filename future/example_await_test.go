package future_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/forebay-go/forebay/future"
)

// A wait that ends early leaves the future as it was: it can be awaited again.
func ExampleFuture_Await() {
	p := future.NewPromise[string]()
	f := p.Future()

	hurried, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := f.Await(hurried)
	fmt.Println(errors.Is(err, future.ErrNotReady), f.State())

	p.Resolve("here")
	fmt.Println(f.Await(context.Background()))
	fmt.Println(f.Await(hurried)) // what is there beats a ctx that has ended
	// Output:
	// true Pending
	// here <nil>
	// here <nil>
}

func ExampleFuture_Try() {
	p := future.NewPromise[int]()
	_, ok := p.Future().Try()
	fmt.Println(ok)
	p.Resolve(7)
	r, ok := p.Future().Try()
	fmt.Println(r.Value, r.Err, ok)
	// Output:
	// false
	// 7 <nil> true
}
