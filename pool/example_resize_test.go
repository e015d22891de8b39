package pool_test

import (
	"context"
	"fmt"

	"github.com/forebay-go/forebay/pool"
)

// More workers take effect at once: here two tasks that meet, on a pool that had one worker.
func ExamplePool_Resize() {
	ctx := context.Background()
	p := pool.New[string, string](pool.WithWorkers(1))
	defer p.Close()

	meet := make(chan string)
	a := p.Submit(ctx, func(_ context.Context, name string) (string, error) {
		meet <- name
		return "gave", nil
	}, "water")
	b := p.Submit(ctx, func(context.Context, string) (string, error) { return "got " + <-meet, nil }, "")

	p.Resize(2)
	fmt.Println(a.Await(ctx))
	fmt.Println(b.Await(ctx))
	fmt.Println(p.Stats().Limit)
	// Output:
	// gave <nil>
	// got water <nil>
	// 2
}
