package pool_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/pool"
)

// A task opens a group of another pool, and waits at its limit, where it lends its slot, and then
// gets the seat it waited for, or is refused. The seat must be of use at once, and not when the
// task has its own slot back: whoever has that may be waiting for the seat.
func TestL6_GroupAtItsLimitInATaskOfAnotherPool(t *testing.T) {
	for _, refused := range []bool{false, true} {
		for _, shared := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				p, q := pool.New[int, int](pool.WithWorkers(1)), pool.New[int, int](pool.WithWorkers(4))
				defer q.Stop(nil)
				defer p.Stop(nil)
				if shared {
					p.Resize(4)
					p = pool.Share[int, int](p, pool.WithWorkers(1))
				}
				slotTaken, second := make(gate), make(gate)
				opener := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
					ctx, cancel := context.WithCancel(ctx)
					defer cancel()
					g, _ := q.Group(ctx, pool.Limit(1))
					g.Go(func(ctx context.Context, n int) (int, error) {
						<-slotTaken
						if refused {
							cancel()
						}
						pool.Block(ctx, func() {}) // gives its seat to the one at the limit, and wants it back
						second.open()
						return n, nil
					}, 1)
					g.Go(inc, 1) // at the limit
					_, err := g.Wait()
					return n, err
				}, 0)
				synctest.Wait()
				other := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
					slotTaken.open()
					return second.hold(ctx, n)
				}, 0)
				synctest.Wait()
				for _, f := range []*intFuture{opener, other} {
					if _, ok := f.Try(); !ok {
						t.Fatalf("refused %t, shared %t: the tasks wait for each other", refused, shared)
					}
				}
			})
		}
	}
}
