package pool_test

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// Go is for work whose result nobody awaits.
func ExamplePool_Go() {
	ctx := context.Background()
	p := pool.New[int, struct{}]()
	var sum atomic.Int64
	for i := range 5 {
		if err := p.Go(ctx, func(_ context.Context, n int) (struct{}, error) {
			sum.Add(int64(n))
			return struct{}{}, nil
		}, i); err != nil {
			fmt.Println(err)
		}
	}
	_ = p.Close() // waits for all of them
	fmt.Println(sum.Load())
	// Output: 10
}

// A panic in Go has no future to go to.
func ExampleWithPanicHandler() {
	p := pool.New[int, int](pool.WithPanicHandler(func(e *future.PanicError) {
		fmt.Println("a task panicked:", e.Value)
	}))
	_ = p.Go(context.Background(), func(context.Context, int) (int, error) { panic("out of water") }, 0)
	_ = p.Close()
	// Output: a task panicked: out of water
}
