package pool_test

import (
	"context"
	"fmt"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

func ExamplePool_SubmitAll() {
	ctx := context.Background()
	p := pool.New[string, int]()
	defer p.Close()
	length := func(_ context.Context, s string) (int, error) { return len(s), nil }
	fs := p.SubmitAll(ctx, length, []string{"ring", "overflow", "room"})
	fmt.Println(future.All(ctx, fs...))
	// Output: [4 8 4] <nil>
}
