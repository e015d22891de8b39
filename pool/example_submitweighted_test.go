package pool_test

import (
	"context"
	"fmt"

	"github.com/forebay-go/forebay/pool"
)

// Four workers, but never more than 100 MB of buffers at once.
func ExamplePool_SubmitWeighted() {
	ctx := context.Background()
	p := pool.New[int64, int64](pool.WithWorkers(4), pool.WithBudget(100))
	defer p.Close()
	load := func(_ context.Context, megabytes int64) (int64, error) { return megabytes, nil }
	f := p.SubmitWeighted(ctx, 70, load, 70)
	g := p.SubmitWeighted(ctx, 50, load, 50) // waits until the first has ended
	fmt.Println(f.Await(ctx))
	fmt.Println(g.Await(ctx))
	// Output:
	// 70 <nil>
	// 50 <nil>
}
