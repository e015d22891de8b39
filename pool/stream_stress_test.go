package pool_test

import (
	"context"
	"testing"

	"github.com/forebay-go/forebay/pool"
)

// The memory of a stream does not grow with its length; in a task neither, where the queue
// keeps an entry for each item that the loop runs itself until a worker passes it.
func TestStream_FlatMemory(t *testing.T) {
	n := 200_000
	if testing.Short() || raceEnabled {
		n = 20_000
	}
	for _, s := range streams {
		for _, where := range []string{"outside", "inside a task"} {
			p := pool.New[int, int](pool.WithWorkers(1))
			loop := func(ctx context.Context, n int) (int, error) {
				var before, most int64
				i := 0
				for range s.pairs(p, ctx, inc, upTo(n), pool.Window(64)) {
					if i++; i%(n/8) == 0 {
						if before == 0 {
							before = heapInUse()
						} else {
							most = max(most, heapInUse()-before)
						}
					}
				}
				if most > 256<<10 {
					t.Errorf("%s %s: the heap grew by %d bytes in %d items, want it flat", s.name, where, most, n)
				}
				return i, nil
			}
			if where == "outside" {
				_, _ = loop(t.Context(), n)
			} else {
				wantValue(t, s.name, p.Submit(t.Context(), loop, n), n)
			}
			_ = p.Close()
			wantBalance(t, p)
		}
	}
}

// Streams at once, with breaks and cancellations, leave nothing.
func TestStream_Stress(t *testing.T) {
	p := pool.New[int, int](pool.WithWorkers(3), pool.WithQueue(4))
	var running gauge
	var loops [4]<-chan struct{}
	for g := range loops {
		loops[g] = start(func() {
			for round := range scaled(100) {
				s := streams[(g+round)%2]
				ctx, cancel := context.WithCancelCause(context.Background())
				n := 0
				for r := range s.pairs(p, ctx, running.task(inc), upTo(50), pool.Window(1+round%7)) {
					if r.err == nil && r.value != r.index+1 {
						t.Errorf("%s: got %v", s.name, r)
					}
					if n++; n == 10+round%50 {
						if g%2 == 0 {
							break
						}
						cancel(errStop)
					}
				}
				cancel(nil)
				want := 50
				if g%2 == 0 {
					want = min(50, 10+round%50)
				} else if round%50 < 40 {
					want = 11 + round%50
				}
				// Cancelled at its last result, a stream may not know yet that it was the last.
				if n != want && !(n == 51 && round%50 == 40 && g%2 == 1) {
					t.Errorf("%s, round %d: got %d pairs, want %d", s.name, round, n, want)
				}
			}
		})
	}
	for _, over := range loops {
		<-over
	}
	running.wantPeak(t, 3)
	_ = p.Close()
	wantBalance(t, p)
}
