package pool_test

import (
	"context"
	"fmt"

	"github.com/forebay-go/forebay/pool"
)

// What a submit does that finds the queue full is the pool's policy. Here the one worker is
// busy, one task waits, and one too many comes.
func ExampleWithOnFull() {
	ctx := context.Background()
	for _, policy := range []pool.FullPolicy{
		pool.RejectWhenFull, pool.CallerRunsWhenFull, pool.DropOldestWhenFull,
	} {
		p := pool.New[string, int](pool.WithWorkers(1), pool.WithQueue(1), pool.WithOnFull(policy))
		started, finish := make(chan struct{}), make(chan struct{})
		p.Submit(ctx, func(context.Context, string) (int, error) {
			close(started)
			<-finish
			return 0, nil
		}, "busy")
		<-started

		waiting := p.Submit(ctx, countWords, "waits in the queue")
		last := p.Submit(ctx, countWords, "one too many")
		_, settled := last.Try()
		fmt.Println(policy, "- settled when Submit returns:", settled)
		close(finish)
		n, err := waiting.Await(ctx)
		fmt.Println("  the one that waited:", n, err)
		n, err = last.Await(ctx)
		fmt.Println("  one too many:", n, err)
		_ = p.Close()
	}
	// Output:
	// RejectWhenFull - settled when Submit returns: true
	//   the one that waited: 4 <nil>
	//   one too many: 0 pool: queue is full
	// CallerRunsWhenFull - settled when Submit returns: true
	//   the one that waited: 4 <nil>
	//   one too many: 3 <nil>
	// DropOldestWhenFull - settled when Submit returns: false
	//   the one that waited: 0 pool: dropped from a full queue
	//   one too many: 3 <nil>
}
