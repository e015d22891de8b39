package future_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/forebay-go/forebay/future"
)

// Cancelling work that runs is a request: its ctx ends, and the future settles with whatever
// the work makes of that.
func ExampleFuture_Cancel() {
	f := future.Go(context.Background(), func(ctx context.Context) (string, error) {
		<-ctx.Done()
		return "stopped because of " + context.Cause(ctx).Error(), nil
	})
	fmt.Println("will never run:", f.Cancel(errors.New("rain")))
	fmt.Println(f.Await(context.Background()))
	// Output:
	// will never run: false
	// stopped because of rain <nil>
}

// Cancelling what has not started settles it.
func ExampleFuture_Cancel_pending() {
	f := future.NewPromise[string]().Future()
	fmt.Println("will never run:", f.Cancel(errors.New("rain")), f.State())
	_, err := f.Await(context.Background())
	fmt.Println(err)
	// Output:
	// will never run: true Canceled
	// future: canceled before it ran: rain
}
