package pool_test

import (
	"context"
	"fmt"
	"time"

	"github.com/forebay-go/forebay/pool"
)

// The timeout of a task counts from its start: the time in the queue is not its fault.
func ExampleWithTaskTimeout() {
	p := pool.New[string, string](pool.WithTaskTimeout(time.Millisecond))
	defer p.Close()
	_, err := p.Do(context.Background(), func(ctx context.Context, name string) (string, error) {
		<-ctx.Done() // work that takes longer, and looks at its ctx
		return name, ctx.Err()
	}, "slow")
	fmt.Println(err)
	// Output: context deadline exceeded
}

// The end of the pool's context is the end of all of its tasks.
func ExampleWithContext() {
	ctx, cancel := context.WithCancel(context.Background())
	p := pool.New[string, int](pool.WithContext(ctx))
	defer p.Close()
	cancel()
	_, err := p.Do(context.Background(), countWords, "never counted")
	fmt.Println(err)
	// Output: future: canceled before it ran: context canceled
}
