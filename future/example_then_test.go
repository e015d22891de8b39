package future_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/forebay-go/forebay/future"
)

// Then goes on with a result when it is there; a failure passes the function by.
func ExampleThen() {
	ctx := context.Background()
	parse := func(_ context.Context, s string) (int, error) { return strconv.Atoi(s) }
	double := func(_ context.Context, n int) (int, error) { return 2 * n, nil }

	text := future.NewPromise[string]()
	n := future.Then(ctx, future.Then(ctx, text.Future(), parse), double)
	text.Resolve("21")
	fmt.Println(n.Await(ctx))

	n = future.Then(ctx, future.Rejected[int](errors.New("no number")), double)
	fmt.Println(n.Await(ctx))
	// Output:
	// 42 <nil>
	// 0 no number
}
