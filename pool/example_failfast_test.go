package pool_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/forebay-go/forebay/pool"
)

// The first failure stops the rest, and Close returns it.
func ExampleWithFailFast() {
	ctx := context.Background()
	p := pool.New[string, int](pool.WithWorkers(1), pool.WithFailFast())
	finish := make(chan struct{})
	p.Submit(ctx, func(context.Context, string) (int, error) {
		<-finish
		return 0, errors.New("the gate is stuck")
	}, "")
	queued := p.Submit(ctx, countWords, "never counted")
	close(finish)

	_, err := queued.Await(ctx)
	fmt.Println(queued.State(), err)
	fmt.Println(p.Close())
	// Output:
	// Canceled future: canceled before it ran: the gate is stuck
	// the gate is stuck
}
