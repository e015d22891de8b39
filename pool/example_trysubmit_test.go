package pool_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/forebay-go/forebay/pool"
)

// TrySubmit never waits: a server that is full says so at once.
func ExamplePool_TrySubmit() {
	ctx := context.Background()
	p := pool.New[string, int](pool.WithWorkers(1), pool.WithQueue(1))
	defer p.Close()

	started, finish := make(chan struct{}), make(chan struct{})
	p.Submit(ctx, func(context.Context, string) (int, error) {
		close(started)
		<-finish
		return 0, nil
	}, "")
	<-started
	p.Submit(ctx, countWords, "fills the queue")

	_, err := p.TrySubmit(ctx, countWords, "one too many")
	fmt.Println(errors.Is(err, pool.ErrFull), err)
	close(finish)
	// Output: true pool: queue is full
}
