package future_test

import (
	"errors"
	"fmt"

	"github.com/forebay-go/forebay/future"
)

// State looks at a future and does not wait.
func ExampleFuture_State() {
	p := future.NewPromise[int]()
	f := p.Future()
	fmt.Println(f.State())
	p.Resolve(7)
	fmt.Println(f.State())
	fmt.Println(future.Rejected[int](errors.New("no")).State())
	// Output:
	// Pending
	// Succeeded
	// Failed
}
