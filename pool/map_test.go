package pool_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
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

// All workers take part, and no more; outside of a task all items run on workers.
func TestL3_MapUsesTheLimit(t *testing.T) {
	bubble(t, options(pool.WithWorkers(3)), func(t *testing.T, p *intPool) {
		var running gauge
		hold := make(gate)
		var out []int
		var err error
		over := start(func() { out, err = p.Map(t.Context(), running.task(hold.hold), numbers(10)) })
		synctest.Wait()
		if n := running.now.Load(); n != 3 {
			t.Errorf("%d items run on 3 workers, want 3", n)
		}
		if s := p.Stats(); s.Running != 3 || s.Queued != 0 {
			t.Errorf("got %d running, %d queued, want 3, 0", s.Running, s.Queued)
		}
		hold.open()
		<-over
		if err != nil || len(out) != 10 || out[9] != 9 {
			t.Errorf("got %v, %v, want 0 to 9", out, err)
		}
		running.wantPeak(t, 3)
	})
}

// L13: a helper that has not started when the items are through is cancelled, and Map does
// not wait for a worker to become free; outside and inside of a task.
func TestMap_DoesNotWaitForUselessHelpers(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
		worker := full(p, 0)
		var out []int
		var err error
		over := start(func() { out, err = p.Map(t.Context(), inc, numbers(100)) })
		wantOver(t, "Map on the one free worker", over, true)
		wantMap(t, "outside", 100, out, err)
		wantValue(t, "a task with a Map", p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			out, err := p.Map(ctx, inc, numbers(100))
			wantMap(t, "inside", 100, out, err)
			return n, nil
		}, 5), 5)
		worker.open()
	})
}

// L5, L6: Map waits for room for one task at most; the queue is full of others' work when its
// helpers come.
func TestMap_HelpersNeedNoRoom(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
		var running gauge
		hold := make(gate)
		worker := full(p, 0)
		over := start(func() { _, _ = p.Map(t.Context(), running.task(hold.hold), numbers(9)) })
		synctest.Wait()
		for range 5 {
			go p.Submit(t.Context(), inc, 0) // one into the queue beside a helper, the others wait
		}
		worker.open()
		synctest.Wait()
		if n := running.now.Load(); n != 2 {
			t.Errorf("%d items run on 2 workers, want 2", n)
		}
		hold.open()
		<-over
	})
}

// L6: a Map in each item of a Map in each item of a Map, on one worker with a queue of one.
func TestL6_MapInMap(t *testing.T) {
	for _, workers := range []int{1, 2, 3} {
		for _, d := range derivations {
			t.Run(fmt.Sprintf("%d workers, %s", workers, d.name), func(t *testing.T) {
				bubble(t, options(pool.WithWorkers(workers), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
					var running gauge
					var deep intFunc
					deep = func(ctx context.Context, level int) (int, error) {
						if level == 0 {
							running.enter()
							defer running.leave()
							return 1, nil
						}
						ctx, cancel := d.derive(ctx)
						defer cancel()
						out, err := p.Map(ctx, deep, []int{level - 1, level - 1, level - 1, level - 1})
						sum := 0
						for _, v := range out {
							sum += v
						}
						return sum, err
					}
					if v, err := p.Do(t.Context(), deep, 4); v != 256 || err != nil {
						t.Errorf("got %d, %v, want 256, <nil>", v, err)
					}
					running.wantPeak(t, workers)
				})
			})
		}
	}
}

// L6: an item awaits what it submits; goroutines of a task, and tasks of another pool, map.
func TestL6_MapFromWhereNoSlotIsInHand(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
		q := pool.New[int, int](pool.WithWorkers(1), pool.WithQueue(1))
		defer q.Close()
		child := func(ctx context.Context, n int) (int, error) { return p.Submit(ctx, inc, n).Await(ctx) }
		_, err := p.Do(t.Context(), func(ctx context.Context, n int) (int, error) {
			var maps [3]<-chan struct{}
			for i := range maps {
				maps[i] = start(func() {
					out, err := p.Map(ctx, child, numbers(5))
					wantMap(t, "a goroutine of a task that waits", 5, out, err)
				})
			}
			pool.Block(ctx, func() {
				for _, over := range maps {
					<-over
				}
			})
			return n, nil
		}, 1)
		wantErr(t, "the task", err)
		_, err = q.Do(t.Context(), func(ctx context.Context, n int) (int, error) {
			out, err := p.Map(ctx, func(ctx context.Context, n int) (int, error) { return q.Do(ctx, inc, n) }, numbers(5))
			wantMap(t, "a task of another pool", 5, out, err)
			return n, nil
		}, 1)
		if err != nil {
			t.Errorf("the other pool's task: got %v", err)
		}
	})
}

// L8: the first failure ends the contexts of the items that run, with itself as the cause;
// no other starts. L12: Map returns when they have returned.
func TestL8_MapFailureCancelsTheRest(t *testing.T) {
	for _, where := range []string{"outside", "inside"} {
		for name, failing := range map[string]intFunc{
			"error": endings.fails, "panic": endings.panics, "exit": endings.exits,
		} {
			if where == "inside" && name == "exit" {
				continue // it may end the caller: TestL11_MapGoexitEndsTheCallingTask
			}
			t.Run(where+", "+name, func(t *testing.T) {
				bubble(t, options(pool.WithWorkers(3)), func(t *testing.T, p *intPool) {
					var started atomic.Int64
					var causes record[error]
					fail, obey := make(gate), make(gate)
					item := func(ctx context.Context, n int) (int, error) {
						started.Add(1)
						if n == 1 {
							<-fail
							return failing(ctx, n)
						}
						<-ctx.Done()
						causes.add(context.Cause(ctx))
						<-obey
						return n + 100, ctx.Err()
					}
					var out []int
					var err error
					over := start(func() {
						if where == "outside" {
							out, err = p.Map(t.Context(), item, numbers(50))
							return
						}
						_, _ = p.Do(t.Context(), func(ctx context.Context, _ int) (int, error) {
							out, err = p.Map(ctx, item, numbers(50))
							return 0, nil
						}, 0)
					})
					wantOver(t, "Map whose items run", over, false)
					fail.open()
					wantOver(t, "Map whose items have not obeyed", over, false)
					obey.open()
					<-over
					want := errTask
					if name == "exit" {
						want = future.ErrGoexit
					}
					wantIndex(t, "Map", err, 1, want)
					if n := started.Load(); n != 3 {
						t.Errorf("%d items started, want 3", n)
					}
					for _, cause := range causes.all() {
						if cause != err {
							t.Errorf("the cause that an item saw: got %v, want what Map returns, %v", cause, err)
						}
					}
					if len(out) != 50 || out[0] != 100 || out[2] != 102 || out[3] != 0 {
						t.Errorf("results: got %v, want 50, with 100 and 102 from the items that were cancelled", out)
					}
					var pe *future.PanicError
					if got := errors.As(err, &pe); got != (name == "panic") {
						t.Errorf("Map: got %v, a *PanicError: %t", err, got)
					}
				})
			})
		}
	}
}

// L8: what ends the Map from outside reaches the items, and what has not started never will.
func TestL8_MapCtxEnds(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(p *intPool, cancel context.CancelCauseFunc)
	}{
		{"ctx", func(_ *intPool, cancel context.CancelCauseFunc) { cancel(errStop) }},
		{"Stop", func(p *intPool, _ context.CancelCauseFunc) { go p.Stop(errStop) }},
	} {
		for _, obeys := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, items obey: %t", tt.name, obeys), func(t *testing.T) {
				bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
					ctx, cancel := context.WithCancelCause(t.Context())
					defer cancel(nil)
					var started atomic.Int64
					var out []int
					var err error
					over := start(func() {
						out, err = p.Map(ctx, func(ctx context.Context, n int) (int, error) {
							started.Add(1)
							if n < 80 { // some, so that runners look at Done
								return n + 1, nil
							}
							<-ctx.Done()
							if obeys {
								return 0, context.Cause(ctx)
							}
							return n + 1, nil
						}, numbers(100))
					})
					synctest.Wait()
					tt.end(p, cancel)
					<-over
					wantErr(t, "Map", err, errStop)
					var ie *future.IndexError
					if !errors.As(err, &ie) || len(out) != 100 || out[79] != 80 {
						t.Errorf("got %v, %v, want 100 results and an *IndexError", out, err)
					}
					if !obeys {
						wantErr(t, "Map with items that succeed", err, future.ErrCanceled, context.Canceled)
					}
					if n := started.Load(); n != 82 {
						t.Errorf("%d items started, want 82", n)
					}
				})
			})
		}
	}
}

// A ctx that ends when everything has run changes nothing; one that was dead starts nothing,
// and one that ends while the Map is in the queue ends the wait.
func TestL8_MapCtxEndsEarlyOrLate(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
		ctx, cancel := context.WithCancelCause(t.Context())
		out, err := p.Map(ctx, func(_ context.Context, n int) (int, error) {
			if n == 4 {
				cancel(errStop)
			}
			return n + 1, nil
		}, numbers(5))
		wantMap(t, "cancelled by its last item", 5, out, err)

		out, err = p.Map(ctx, inc, numbers(5))
		wantIndex(t, "dead ctx", err, 0, errStop, context.Canceled)
		if len(out) != 5 || out[0] != 0 {
			t.Errorf("dead ctx: got results %v, want 5 zeros", out)
		}

		worker := full(p, 0)
		for range 2 { // in the queue, and waiting for room
			ctx, cancel = context.WithCancelCause(t.Context())
			var errs [2]error
			a := start(func() { _, errs[0] = p.Map(ctx, inc, numbers(5)) })
			synctest.Wait()
			b := start(func() { _, errs[1] = p.Map(ctx, inc, numbers(5)) })
			wantOver(t, "a Map in the queue", a, false)
			cancel(errStop)
			wantOver(t, "a Map in the queue, cancelled", a, true)
			wantOver(t, "a Map in front of the queue, cancelled", b, true)
			wantIndex(t, "in the queue", errs[0], 0, errStop)
			wantIndex(t, "in front of it", errs[1], 0, errStop)
		}
		worker.open()
	})
}

// L11: items that exit lose no worker, no index and no Map, wherever they run.
func TestL11_MapGoexit(t *testing.T) {
	for _, workers := range []int{1, 2} {
		bubble(t, options(pool.WithWorkers(workers), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
			for at := range 5 {
				out, err := p.Map(t.Context(), func(ctx context.Context, n int) (int, error) {
					if n == at {
						return endings.exits(ctx, n)
					}
					return inc(ctx, n)
				}, numbers(5))
				wantIndex(t, "Map", err, at, future.ErrGoexit)
				if len(out) != 5 || out[at] != 0 || at > 0 && out[0] != 1 {
					t.Errorf("item %d exits: got results %v", at, out)
				}
			}
			out, err := p.Map(t.Context(), inc, numbers(5))
			wantMap(t, "a Map after", 5, out, err)
		})
	}
}

// In the calling task's slot an item is a call: it ends the caller too, when the others are joined.
func TestL11_MapGoexitEndsTheCallingTask(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
		var ended atomic.Bool
		meet := make(chan struct{})
		f := p.Submit(t.Context(), func(ctx context.Context, _ int) (int, error) {
			me := goroutineID()
			_, _ = p.Map(ctx, func(ctx context.Context, n int) (int, error) {
				if goroutineID() == me {
					<-meet
					return endings.exits(ctx, n)
				}
				meet <- struct{}{}
				<-ctx.Done()
				ended.Store(true)
				return n, nil
			}, numbers(2))
			t.Error("Map returned, want the goroutine to end in it")
			return 0, nil
		}, 0)
		wantFailure(t, "the task", f, future.Failed, future.ErrGoexit)
		if !ended.Load() {
			t.Error("the task has ended before an item of its Map")
		}
	})
}

// L10: the stack in the error is that of the item.
func TestL10_MapPanicHasItsStack(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2), pool.WithFailFast()), func(t *testing.T, p *intPool) {
		_, err := p.Map(t.Context(), panicCode, []int{7})
		var ce *codeError
		var pe *future.PanicError
		wantIndex(t, "Map", err, 0)
		if !errors.As(err, &ce) || ce.code != 7 || !errors.As(err, &pe) || !strings.Contains(string(pe.Stack), "pool_test.panicCode") {
			t.Errorf("got %v, want the item's panic and stack", err)
		}
		if !errors.As(p.Close(), &pe) {
			t.Error("Close of a pool in fail-fast mode: want the panic")
		}
	})
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

// A Map that is refused starts nothing; one that has a runner needs no other. A task maps
// on its own slot, whatever the pool says.
func TestMap_Refused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		opts   []pool.Option
		before func(p *intPool)
		want   error
	}{
		{"full", options(pool.WithOnFull(pool.RejectWhenFull)), func(*intPool) {}, pool.ErrFull},
		{"closed", nil, func(p *intPool) { go p.Close(); synctest.Wait() }, pool.ErrClosed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, append(options(pool.WithWorkers(2), pool.WithQueue(1)), tt.opts...), func(t *testing.T, p *intPool) {
				inside := make(gate)
				f := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
					<-inside
					out, err := p.Map(ctx, inc, numbers(5))
					wantMap(t, "inside a task", 5, out, err)
					return n, nil
				}, 1)
				synctest.Wait()
				hold := full(p, 1)
				tt.before(p)
				out, err := p.Map(t.Context(), inc, numbers(5))
				wantIndex(t, "Map", err, 0, tt.want)
				if len(out) != 5 {
					t.Errorf("got %d results, want 5", len(out))
				}
				inside.open()
				synctest.Wait()
				hold.open()
				wantValue(t, "the task", f, 1)
			})
		})
	}
}

// The policies that make room by other means.
func TestMap_OnAFullQueue(t *testing.T) {
	for _, policy := range []pool.FullPolicy{pool.CallerRunsWhenFull, pool.DropOldestWhenFull} {
		bubble(t, options(pool.WithWorkers(2), pool.WithQueue(1), pool.WithOnFull(policy)), func(t *testing.T, p *intPool) {
			a, b := full(p, 0), full(p, 1)
			var out []int
			var err error
			over := start(func() { out, err = p.Map(t.Context(), inc, numbers(5)) })
			wantOver(t, fmt.Sprintf("Map under %v", policy), over, policy == pool.CallerRunsWhenFull)
			a.open()
			b.open()
			<-over
			wantMap(t, policy.String(), 5, out, err)

			exited := start(func() { _, _ = p.Map(t.Context(), endings.exits, numbers(5)) })
			<-exited
			out, err = p.Map(t.Context(), inc, numbers(5))
			wantMap(t, "a Map after", 5, out, err)
		})
	}
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
