package future_test

import (
	"context"
	"fmt"

	"github.com/forebay-go/forebay/future"
)

// Join2 waits for two results of different types.
func ExampleJoin2() {
	ctx := context.Background()
	name := future.Go(ctx, func(context.Context) (string, error) { return "answer", nil })
	value := future.Go(ctx, func(context.Context) (int, error) { return 42, nil })
	fmt.Println(future.Join2(ctx, name, value))
	// Output: answer 42 <nil>
}

func ExampleJoin3() {
	fmt.Println(future.Join3(context.Background(), future.Resolved(1), future.Resolved("two"), future.Resolved(3.0)))
	// Output: 1 two 3 <nil>
}
