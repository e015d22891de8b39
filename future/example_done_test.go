package future_test

import (
	"context"
	"fmt"

	"github.com/forebay-go/forebay/future"
)

// Done goes into a select, beside whatever else is waited for.
func ExampleFuture_Done() {
	quit := make(chan struct{})
	f := future.Go(context.Background(), func(context.Context) (string, error) { return "result", nil })
	select {
	case <-f.Done():
		r, _ := f.Try()
		fmt.Println(r.Value, r.Err)
	case <-quit:
		fmt.Println("quit")
	}
	// Output: result <nil>
}
