package pool_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/forebay-go/forebay/pool"
)

// With one worker tasks start in order although somebody else pops: the submitter, which makes room by
// dropping the oldest. The two compete, and the tasks lend their slot, so that another goroutine goes
// on with the queue.
func TestL4_WhenTheOldestIsDropped(t *testing.T) {
	for _, workers := range []int{1, 2} {
		p := pool.New[int, int](pool.WithWorkers(workers), pool.WithQueue(64), pool.WithOnFull(pool.DropOldestWhenFull))
		if workers > 1 {
			p.Resize(1)
		}
		var newest, passed atomic.Int64
		fn := func(ctx context.Context, n int) (int, error) {
			if newest.Swap(int64(n)) > int64(n) {
				passed.Add(1)
			}
			pool.Block(ctx, runtime.Gosched)
			return 0, nil
		}
		for n := range scaled(300_000) {
			if err := p.Go(context.Background(), fn, n); err != nil {
				t.Fatal(err)
			}
		}
		_ = p.Close()
		if passed.Load() > 0 {
			t.Errorf("New with %d workers: %d tasks started after one that was submitted later", workers, passed.Load())
		}
	}
}
