package pool_test

import (
	"context"
	"testing"

	"github.com/forebay-go/forebay/pool"
)

// A task of a group that was made inside another adds to that group. What CallerRunsWhenFull would
// make it run there, in a slot that it does not know to lend, may wait for what is in the queue.
func TestL6_GroupOfCallerRuns(t *testing.T) {
	for _, limit := range []int{-1, 3} {
		bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1), pool.WithOnFull(pool.CallerRunsWhenFull)), func(t *testing.T, p *intPool) {
			inTask(t, p, func(ctx context.Context) {
				queued := p.Submit(ctx, inc, 1)
				g, _ := p.Group(ctx, pool.Limit(limit))
				f := g.Submit(func(_ context.Context, n int) (int, error) {
					g.Submit(func(ctx context.Context, _ int) (int, error) { return queued.Await(ctx) }, 0)
					return n, nil
				}, 7)
				rs, err := g.Wait()
				if len(rs) != 2 || err != nil {
					t.Errorf("Wait: got %v, %v, want two results", rs, err)
				}
				wantValue(t, "the task that added one", f, 7)
				wantValue(t, "the task in the queue", queued, 2)
			})
		})
	}
}
