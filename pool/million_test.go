package pool_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/forebay-go/forebay/pool"
)

// A million tasks queued on an unbounded pool and drained: go test -run Million -v shows the
// memory that they take.
func TestMillionQueued(t *testing.T) {
	n := 1_000_000
	switch {
	case raceEnabled:
		n = 10_000
	case testing.Short():
		n = 100_000
	}
	for _, tt := range []struct {
		name   string
		submit func(p *intPool, fn intFunc, i int)
		limit  int64 // bytes a task; a goroutine takes over 2,000
	}{
		{"Go", func(p *intPool, fn intFunc, i int) { _ = p.Go(context.Background(), fn, i) }, 64},
		{"Submit", func(p *intPool, fn intFunc, i int) { p.Submit(context.Background(), fn, i) }, 64 + 128},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := pool.New[int, int](pool.WithUnboundedQueue())
			p.Resize(1)
			var ran, sum atomic.Int64
			count := func(_ context.Context, i int) (int, error) {
				ran.Add(1)
				sum.Add(int64(i))
				return i, nil
			}
			hold := make(gate)
			first := p.Submit(t.Context(), hold.hold, 0)
			before := heapInUse()
			for i := range n {
				tt.submit(p, count, i)
			}
			peak := heapInUse() - before
			t.Logf("%d tasks queued with %s: %.1f MB, %d bytes each", n, tt.name, float64(peak)/1e6, peak/int64(n))
			if peak > tt.limit*int64(n) {
				t.Errorf("%d bytes for each queued task, want %d at most", peak/int64(n), tt.limit)
			}
			if s := p.Stats(); s.Queued < n {
				t.Errorf("got %d queued, want %d", s.Queued, n)
			}
			hold.open()
			wantValue(t, "the first task", first, 0)
			p.Resize(2)
			_ = p.Go(t.Context(), count, 0)
			last := p.Submit(t.Context(), inc, 1)
			wantValue(t, "the last task", last, 2)
			if left := heapInUse() - before; left > int64(n)+64<<10 { // a chunk, another worker
				t.Errorf("%d bytes are left when the queue is drained, want it to shrink", left)
			}
			_ = p.Close()
			if got, want := ran.Load(), int64(n+1); got != want {
				t.Errorf("%d tasks ran, want %d", got, want)
			}
			if got, want := sum.Load(), int64(n)*int64(n-1)/2; got != want {
				t.Errorf("their arguments add up to %d, want %d: one was lost or ran twice", got, want)
			}
			wantBalance(t, p)
		})
	}
}
