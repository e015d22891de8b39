package future_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/forebay-go/forebay/future"
)

func ExampleGo() {
	ctx := context.Background()
	left := future.Go(ctx, func(context.Context) (int, error) { return 40, nil })
	right := future.Go(ctx, func(context.Context) (int, error) { return 2, nil })
	a, _ := left.Await(ctx)
	b, _ := right.Await(ctx)
	fmt.Println(a + b)
	// Output: 42
}

// A panic becomes an error, and so does runtime.Goexit: a future always settles.
func ExampleGo_panic() {
	f := future.Go(context.Background(), func(context.Context) (int, error) { panic("out of luck") })
	_, err := f.Await(context.Background())
	var pe *future.PanicError
	fmt.Println(errors.As(err, &pe), pe.Value)
	// Output: true out of luck
}
