package pool_test

import (
	"context"
	"testing"

	"github.com/forebay-go/forebay/pool"
)

// A task waits, in its own way, for the one that was submitted after it, and holds its worker meanwhile.
// Two workers are enough for any number of such pairs as long as tasks start about in order, which L4
// does not promise. A worker that took several tasks at once would hang here: each of the two with
// the first of a pair, and both second ones out of reach. So would shards.
func TestL6_PairsThatMeet(t *testing.T) {
	ctx := context.Background()
	p := pool.New[int, int](pool.WithWorkers(2), pool.WithQueue(256))
	for range scaled(2000) {
		for range 100 {
			_ = p.Go(ctx, inc, 0)
		}
		done := make(gate)
		_ = p.Go(ctx, done.hold, 0)
		_ = p.Go(ctx, func(context.Context, int) (int, error) {
			done.open()
			return 0, nil
		}, 0)
	}
	_ = p.Close()
}
