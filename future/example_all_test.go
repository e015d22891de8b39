package future_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/forebay-go/forebay/future"
)

func ExampleAll() {
	ctx := context.Background()
	square := func(n int) *future.Future[int] {
		return future.Go(ctx, func(context.Context) (int, error) { return n * n, nil })
	}
	fmt.Println(future.All(ctx, square(1), square(2), square(3)))
	// Output: [1 4 9] <nil>
}

// The first failure ends the wait, and its error says which it was. The others go on.
func ExampleAll_failure() {
	pending := future.NewPromise[int]().Future()
	_, err := future.All(context.Background(), pending, future.Rejected[int](errors.New("no network")))
	var which *future.IndexError
	fmt.Println(errors.As(err, &which), which.Index, which.Err, pending.State())
	// Output: true 1 no network Pending
}
