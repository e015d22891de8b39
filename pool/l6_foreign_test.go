package pool_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/pool"
)

// A task of one pool submits to a full pool whose callers run: what runs on its goroutine may
// await a task of the first pool, and must find its only slot free.
func TestL6_CallerRunsFromAnotherPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New[int, int](pool.WithWorkers(1))
		q := pool.New[int, int](pool.WithWorkers(1), pool.WithQueue(1), pool.WithOnFull(pool.CallerRunsWhenFull))
		hold := make(gate)
		q.Submit(t.Context(), hold.hold, 1)
		synctest.Wait()
		q.Submit(t.Context(), hold.hold, 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		v, err := p.Do(ctx, func(ctx context.Context, n int) (int, error) {
			return q.Do(ctx, func(ctx context.Context, n int) (int, error) { return p.Do(ctx, inc, n) }, n)
		}, 6)
		if v != 7 || err != nil {
			t.Errorf("a task of the first pool, awaited through the second: got %d, %v; want 7", v, err)
		}
		hold.open()
		_ = p.Close()
		_ = q.Close()
	})
}
