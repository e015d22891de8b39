package pool_test

import (
	"context"
	"fmt"

	"github.com/forebay-go/forebay/pool"
)

// A task that waits for something lends its slot meanwhile: here, on one worker, for what
// another task sends.
func ExampleBlock() {
	ctx := context.Background()
	p := pool.New[string, string](pool.WithWorkers(1))
	defer p.Close()

	water := make(chan string)
	wheel := p.Submit(ctx, func(ctx context.Context, name string) (string, error) {
		var got string
		pool.Block(ctx, func() { got = <-water })
		return name + " got " + got, nil
	}, "wheel")
	p.Submit(ctx, func(_ context.Context, name string) (string, error) {
		water <- "water from " + name
		return "", nil
	}, "gate")

	fmt.Println(wheel.Await(ctx))
	// Output: wheel got water from gate <nil>
}
