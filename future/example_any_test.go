package future_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/forebay-go/forebay/future"
)

// Any takes the first success; failures count only if there is nothing else.
func ExampleAny() {
	ctx := context.Background()
	down := future.Rejected[string](errors.New("mirror is down"))
	fmt.Println(future.Any(ctx, down, future.Resolved("page")))
	_, _, err := future.Any(ctx, down, down)
	fmt.Println(err)
	// Output:
	// 1 page <nil>
	// future: item 0: mirror is down
	// future: item 1: mirror is down
}
