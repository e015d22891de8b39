package future_test

import (
	"context"
	"fmt"

	"github.com/forebay-go/forebay/future"
)

// The results come in the order in which they settle.
func ExampleAsCompleted() {
	a, b, c := future.NewPromise[string](), future.NewPromise[string](), future.NewPromise[string]()
	b.Resolve("b was there")
	for i, r := range future.AsCompleted(context.Background(), a.Future(), b.Future(), c.Future()) {
		fmt.Println(i, r.Value, r.Err)
		if i == 1 {
			c.Resolve("c came then")
			a.Resolve("a came last")
		}
	}
	// Output:
	// 1 b was there <nil>
	// 2 c came then <nil>
	// 0 a came last <nil>
}

// When ctx ends, each of those that have not settled says so, once.
func ExampleAsCompleted_ctx() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for i, r := range future.AsCompleted(ctx, future.NewPromise[int]().Future(), future.Resolved(7)) {
		fmt.Println(i, r.Value, r.Err)
	}
	// Output:
	// 1 7 <nil>
	// 0 0 future: wait ended: context canceled
}
