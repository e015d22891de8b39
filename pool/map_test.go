package pool_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// numbers is 0 to n-1.
func numbers(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// wantMap checks a Map of inc over numbers.
func wantMap(t *testing.T, what string, n int, out []int, err error) {
	t.Helper()
	if err != nil || len(out) != n {
		t.Fatalf("%s: got %d results, %v, want %d, <nil>", what, len(out), err, n)
	}
	for i, v := range out {
		if v != i+1 {
			t.Fatalf("%s: result %d: got %d, want %d", what, i, v, i+1)
		}
	}
}

// wantIndex checks that err is an *IndexError of an item, with an error that is each of the
// targets.
func wantIndex(t *testing.T, what string, err error, index int, targets ...error) {
	t.Helper()
	var ie *future.IndexError
	if !errors.As(err, &ie) || ie.Index != index {
		t.Errorf("%s: got %v, want an *IndexError of item %d", what, err, index)
	}
	wantErr(t, what, err, targets...)
}

func TestMap_EveryItemOnceAndInItsPlace(t *testing.T) {
	for _, workers := range []int{1, 2, 7} {
		for _, n := range []int{1, 2, 7, 1000} {
			for _, d := range []struct {
				name string
				call func(p *intPool, fn intFunc) ([]int, error)
			}{
				{"outside", func(p *intPool, fn intFunc) ([]int, error) {
					return p.Map(context.Background(), fn, numbers(n))
				}},
				{"inside a task", func(p *intPool, fn intFunc) (out []int, err error) {
					_, _ = p.Do(context.Background(), func(ctx context.Context, _ int) (int, error) {
						out, err = p.Map(ctx, fn, numbers(n))
						return 0, nil
					}, 0)
					return out, err
				}},
			} {
				p := pool.New[int, int](pool.WithWorkers(workers), pool.WithQueue(1))
				var calls atomic.Int64
				var running gauge
				out, err := d.call(p, running.task(func(ctx context.Context, i int) (int, error) {
					calls.Add(1)
					return inc(ctx, i)
				}))
				what := fmt.Sprintf("%s, %d workers", d.name, workers)
				wantMap(t, what, n, out, err)
				if c := calls.Load(); c != int64(n) {
					t.Errorf("%s: %d calls for %d items", what, c, n)
				}
				running.wantPeak(t, workers) // L3
				_ = p.Close()
				wantBalance(t, p)
			}
		}
	}
}

// A cancelled Map is no failure of the pool's: its items did not fail.
func TestMap_CancelledIsNotFailFast(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2), pool.WithFailFast()), func(t *testing.T, p *intPool) {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := p.Map(ctx, func(_ context.Context, n int) (int, error) { cancel(); return n, nil }, numbers(100))
		wantErr(t, "Map", err, context.Canceled)
		if err := p.Close(); err != nil {
			t.Errorf("Close() = %v, want nil", err)
		}
	})
}

func TestL19_MapOfNothing(t *testing.T) {
	dead, cancel := context.WithCancel(t.Context())
	cancel()
	bubble(t, nil, func(t *testing.T, p *intPool) {
		_ = p.Close()
		for _, args := range [][]int{nil, {}} {
			if out, err := p.Map(dead, inc, args); err != nil || out == nil || len(out) != 0 {
				t.Errorf("Map of nothing: got %v, %v, want an empty slice, <nil>", out, err)
			}
		}
		if s := p.Stats(); s.Accepted+s.Rejected != 0 {
			t.Errorf("Map of nothing submitted something: %+v", s)
		}
	})
}

// WithTaskTimeout is for an item, not for a runner that goes on for long.
func TestMap_TimeoutIsTheItems(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2), pool.WithTaskTimeout(time.Minute)), func(t *testing.T, p *intPool) {
		slow := func(ctx context.Context, n int) (int, error) {
			select {
			case <-time.After(time.Duration(n) * time.Second):
				return n, nil
			case <-ctx.Done():
				return 0, context.Cause(ctx)
			}
		}
		args := []int{50, 40, 50, 40, 50, 40, 50}
		out, err := p.Map(t.Context(), slow, args)
		if err != nil || out[6] != 50 {
			t.Errorf("items within the limit: got %v, %v", out, err)
		}
		_, err = p.Map(t.Context(), slow, []int{40, 30, 70})
		wantIndex(t, "an item beyond the limit", err, 2, context.DeadlineExceeded)
	})
}

// Items see the values of the worker that they run on.
func TestMap_WorkersValues(t *testing.T) {
	for _, timeout := range []time.Duration{0, time.Hour} {
		var w workshop
		bubble(t, options(pool.WithWorkers(1), pool.WithTaskTimeout(timeout), w.option()), func(t *testing.T, p *intPool) {
			out, err := p.Map(t.Context(), func(ctx context.Context, n int) (int, error) {
				inner, err := p.Map(ctx, workersValue, numbers(2))
				outer, _ := workersValue(ctx, 0)
				return outer + inner[0] + inner[1], err
			}, numbers(2))
			if err != nil || out[0] != 3 || out[1] != 3 {
				t.Errorf("got %v, %v, want 3 times the value of worker 1", out, err)
			}
		})
	}
}

// wpool: jobs are handed out in batches, and those behind a slow one wait for it while
// workers are idle.
func TestField15_JobsStuckBehindASlowOne(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
		var ran atomic.Int64
		hold := make(gate)
		over := start(func() {
			_, _ = p.Map(t.Context(), func(ctx context.Context, n int) (int, error) {
				defer ran.Add(1)
				if n == 0 {
					return hold.hold(ctx, n)
				}
				return n, nil
			}, numbers(1000))
		})
		synctest.Wait()
		if n := ran.Load(); n != 999 {
			t.Errorf("items that ran beside a slow one: got %d, want 999", n)
		}
		hold.open()
		<-over
	})
}

// conc #156: after an error the result slice is clipped, or shifted against the inputs.
func TestField20_ResultsMisalignedAfterAnError(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		out, err := p.Map(t.Context(), func(_ context.Context, n int) (int, error) {
			if n == 3 {
				return -3, errTask
			}
			return n + 1, nil
		}, numbers(6))
		wantIndex(t, "Map", err, 3, errTask)
		want := []int{1, 2, 3, -3, 0, 0}
		if fmt.Sprint(out) != fmt.Sprint(want) {
			t.Errorf("got %v, want %v", out, want)
		}
	})
}

// Nothing per item, and a bounded number of things per Map.
func TestL20_MapAllocations(t *testing.T) {
	p := pool.New[int, int](pool.WithWorkers(1))
	defer p.Close()
	few, many := numbers(100), numbers(10_000)
	measure := func(ctx context.Context, args []int) float64 {
		return testing.AllocsPerRun(20, func() { _, _ = p.Map(ctx, inc, args) })
	}
	a, b := measure(t.Context(), few), measure(t.Context(), many)
	if a > 25 || b > a {
		t.Errorf("outside: %v allocations for 100 items, %v for 10,000, want 25 at most and as many", a, b)
	}
	_, _ = p.Do(t.Context(), func(ctx context.Context, _ int) (int, error) {
		if a := measure(ctx, numbers(10)); a > 5 {
			t.Errorf("inside a task: %v allocations for 10 items, want 5 at most", a)
		}
		return 0, nil
	}, 0)
}

// Many Maps at once, nested ones among them, some of which fail.
func TestMap_Stress(t *testing.T) {
	p := pool.New[int, int](pool.WithWorkers(3), pool.WithQueue(2))
	var running gauge
	var maps [4]<-chan struct{}
	for g := range maps {
		maps[g] = start(func() {
			for round := range scaled(100) {
				fails := round%3 == 0
				out, err := p.Map(context.Background(), func(ctx context.Context, n int) (int, error) {
					inner, err := p.Map(ctx, running.task(func(_ context.Context, k int) (int, error) {
						if fails && n == 7 && k == 3 {
							return 0, errTask
						}
						return k + 1, nil
					}), numbers(5))
					return n + len(inner) - 4, err
				}, numbers(20))
				if fails {
					wantIndex(t, "failing Map", err, 7, errTask)
				} else {
					wantMap(t, "Map", 20, out, err)
				}
			}
		})
	}
	for _, over := range maps {
		<-over
	}
	running.wantPeak(t, 3)
	_ = p.Close()
	wantBalance(t, p)
}
