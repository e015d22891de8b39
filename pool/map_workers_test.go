package pool_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

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
