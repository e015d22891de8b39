package pool_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// A wait is one that lends its task's slot, for the time that gauge.outside counts the task
// out. After it the task counts again, and by then it must hold a slot. Tasks that it
// submits wait in the same way, down to n 0.
type wait func(w *waiting, ctx context.Context, n int)

type waiting struct {
	gauge
	*intPool
	wait wait
}

func (w *waiting) run(ctx context.Context, n int) (int, error) {
	w.enter()
	defer w.leave()
	runtime.Gosched()
	if n > 0 {
		w.wait(w, ctx, n)
		runtime.Gosched()
	}
	return n, nil
}

var waits = []struct {
	name string
	wait wait
}{
	{"await of a nested task", func(w *waiting, ctx context.Context, n int) {
		f := w.Submit(ctx, w.run, n-1)
		w.outside(func() { _, _ = f.Await(ctx) })
	}},
	{"await of nested tasks that may have begun", func(w *waiting, ctx context.Context, n int) {
		f, f2 := w.Submit(ctx, w.run, n-1), w.Submit(ctx, w.run, n-2)
		runtime.Gosched()
		w.outside(func() { _, _ = f.Await(ctx) })
		w.outside(func() { _, _ = f2.Await(ctx) })
	}},
	{"await with a ctx that can end sooner", func(w *waiting, ctx context.Context, n int) {
		f := w.Submit(ctx, w.run, n-1)
		ctx, cancel := context.WithTimeout(ctx, time.Hour)
		defer cancel()
		w.outside(func() { _, _ = f.Await(ctx) })
	}},
	{"await that is cut short", func(w *waiting, ctx context.Context, n int) {
		f := w.Submit(ctx, w.run, n-1)
		short, cancel := context.WithCancel(ctx)
		go cancel()
		w.outside(func() { _, _ = f.Await(short) })
		runtime.Gosched()
		w.outside(func() { _, _ = f.Await(ctx) })
	}},
	{"await of a promise", func(w *waiting, ctx context.Context, n int) {
		pr := future.NewPromise[int]()
		go pr.Resolve(n)
		w.outside(func() { _, _ = pr.Future().Await(ctx) })
	}},
	{"Block", func(w *waiting, ctx context.Context, _ int) {
		w.outside(func() { pool.Block(ctx, runtime.Gosched) })
	}},
	{"goroutines that await with the task's ctx", func(w *waiting, ctx context.Context, n int) {
		w.outside(func() {
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() { _, _ = w.Submit(ctx, w.run, n-2).Await(ctx) })
			}
			wg.Wait()
		})
	}},
}

func TestL3_LimitHoldsThroughEveryWait(t *testing.T) {
	for _, workers := range []int{1, 2, 4} {
		for _, tt := range waits {
			t.Run(fmt.Sprintf("%d workers, %s", workers, tt.name), func(t *testing.T) {
				bubble(t, options(pool.WithWorkers(workers), pool.WithQueue(4)), func(t *testing.T, p *intPool) {
					w := &waiting{intPool: p, wait: tt.wait}
					for range scaled(20) {
						_ = p.Go(t.Context(), w.run, 3)
						_ = p.Go(t.Context(), w.run, 0)
					}
					_ = p.Close()
					w.wantPeak(t, workers)
				})
			})
		}
	}
}

// holders is a pool full of tasks that hold their slots, and more behind them. Each adds its
// number to began when it starts.
type holders struct {
	*intPool
	began record[int]
	gates []gate
}

func hold(p *intPool, n int) *holders {
	h := &holders{intPool: p}
	for range n {
		h.submit()
	}
	synctest.Wait()
	return h
}

func (h *holders) submit() {
	g := make(gate)
	h.gates = append(h.gates, g)
	_ = h.Go(context.Background(), func(ctx context.Context, n int) (int, error) {
		h.began.add(n)
		return g.hold(ctx, n)
	}, len(h.gates)-1)
}

// let opens gates, and checks how many tasks have begun after.
func (h *holders) let(t *testing.T, what string, began int, gates ...int) {
	t.Helper()
	for _, i := range gates {
		h.gates[i].open()
	}
	synctest.Wait()
	if got := len(h.began.all()); got != began {
		t.Errorf("%s: got %d tasks begun, want %d; %+v", what, got, began, h.Stats())
	}
}

func TestL3_NoMoreThanTheLimitBegin(t *testing.T) {
	for _, workers := range []int{1, 2, 4} {
		bubble(t, options(pool.WithWorkers(workers)), func(t *testing.T, p *intPool) {
			h := hold(p, 2*workers)
			h.let(t, "full pool", workers)
			for i := range workers {
				h.let(t, "a task has ended", workers+i+1, i)
			}
			for i := range workers {
				h.let(t, "the rest", 2*workers, workers+i)
			}
		})
	}
}

// A task that comes back from a wait needs a slot again, and gets it before queued tasks.
func TestL3_ReturnWaitsForASlotAheadOfTheQueue(t *testing.T) {
	for _, way := range []struct {
		name string
		wait func(ctx context.Context, f *intFuture)
	}{
		{"Await", func(ctx context.Context, f *intFuture) { _, _ = f.Await(ctx) }},
		{"Await, ctx ends sooner", func(ctx context.Context, f *intFuture) {
			ctx, cancel := context.WithTimeout(ctx, time.Hour)
			defer cancel()
			_, _ = f.Await(ctx)
		}},
		{"Block", func(ctx context.Context, f *intFuture) { pool.Block(ctx, func() { <-f.Done() }) }},
	} {
		t.Run(way.name, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
				var order record[string]
				step := func(name string, g gate) intFunc {
					return func(ctx context.Context, n int) (int, error) {
						order.add(name)
						return g.hold(ctx, n)
					}
				}
				pr := future.NewPromise[int]()
				p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
					order.add("waits")
					way.wait(ctx, pr.Future())
					order.add("goes on")
					return n, nil
				}, 0)
				holds := make(gate)
				p.Submit(t.Context(), step("runs meanwhile", holds), 0)
				opened := make(gate)
				opened.open()
				p.Submit(t.Context(), step("queued", opened), 0)
				synctest.Wait()
				pr.Resolve(1)
				synctest.Wait()
				if got, want := order.all(), []string{"waits", "runs meanwhile"}; !slices.Equal(got, want) {
					t.Errorf("the wait is over, the slot is not free: got %q, want %q", got, want)
				}
				holds.open()
				synctest.Wait()
				want := []string{"waits", "runs meanwhile", "goes on", "queued"}
				if got := order.all(); !slices.Equal(got, want) {
					t.Errorf("the slot is free: got %q, want %q", got, want)
				}
			})
		})
	}
}

// An await that its ctx cuts short comes back when there is a slot, and no sooner: the task
// that it has started runs on in the one that was lent.
func TestL3_AwaitCutShortWaitsForASlot(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		running, lending := make(gate), make(gate)
		back := make(chan struct{})
		f := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			inner := p.Submit(ctx, func(ctx context.Context, n int) (int, error) {
				<-running
				pool.Block(ctx, func() { <-lending })
				return n, nil
			}, 1)
			short, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			_, err := inner.Await(short)
			wantErr(t, "Await cut short", err, future.ErrNotReady)
			close(back)
			return inner.Await(ctx)
		}, 0)
		time.Sleep(time.Minute)
		wantOver(t, "Await whose ctx has ended, while the limit is used up,", back, false)
		running.open()
		wantOver(t, "Await whose ctx has ended, when there is a slot,", back, true)
		lending.open()
		wantValue(t, "the awaiter", f, 1)
	})
}

// A submitter that runs its task itself is outside of the limit; but a task that does runs it
// in its own slot.
func TestL3_CallerRuns(t *testing.T) {
	opts := options(pool.WithWorkers(1), pool.WithQueue(1), pool.WithOnFull(pool.CallerRunsWhenFull))
	bubble(t, opts, func(t *testing.T, p *intPool) {
		h := hold(p, 1)
		h.submit()
		f := p.Submit(t.Context(), inc, 1)
		wantState(t, "task submitted to a full queue, while the worker is busy", f, future.Succeeded)
		h.let(t, "then", 2, 0, 1)
	})
	bubble(t, opts, func(t *testing.T, p *intPool) {
		var g gauge
		f := p.Submit(t.Context(), g.task(func(ctx context.Context, n int) (int, error) {
			p.Submit(ctx, inc, n)
			for range 5 {
				var f *intFuture
				g.outside(func() { f = p.Submit(ctx, g.task(inc), n) })
				wantState(t, "nested task submitted to a full queue", f, future.Succeeded)
			}
			return n, nil
		}), 0)
		wantValue(t, "task that submits to a full queue", f, 0)
		g.wantPeak(t, 1)
	})
}
