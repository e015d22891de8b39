package pool_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

type anyKey struct{}

// derivations are contexts that a task may make from its own. inline says whether an await
// with one runs the task on the same goroutine: yes if it ends no sooner than the task's own,
// no if it can, and either way if only its maker knows.
var derivations = []struct {
	name   string
	inline string
	derive func(ctx context.Context) (context.Context, context.CancelFunc)
}{
	{"the task's ctx", "yes", func(ctx context.Context) (context.Context, context.CancelFunc) {
		return ctx, func() {}
	}},
	{"WithoutCancel", "yes", func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithoutCancel(ctx), func() {}
	}},
	{"WithValue of WithoutCancel", "yes", func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithValue(context.WithoutCancel(ctx), anyKey{}, 1), func() {}
	}},
	{"WithValue", "either way", func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithValue(ctx, anyKey{}, 1), func() {}
	}},
	{"WithTimeout", "no", func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeout(ctx, time.Hour)
	}},
	{"WithValue of WithCancel", "no", func(ctx context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		return context.WithValue(ctx, anyKey{}, 1), cancel
	}},
}

// dressings are options that put something around the task's ctx.
var dressings = []struct {
	name string
	opts []pool.Option
}{
	{"plain", nil},
	{"task timeout", options(pool.WithTaskTimeout(time.Hour))},
	{"worker init", options(pool.WithWorkerInit(func(ctx context.Context) (context.Context, func()) {
		return context.WithValue(ctx, anyKey{}, "the worker's"), nil
	}))},
}

// fib is the recursion that a pool of one worker and a queue of one has to get through.
type fib struct{ *intPool }

func (p fib) run(ctx context.Context, n int) (int, error) {
	if n < 2 {
		return n, nil
	}
	x, y := p.Submit(ctx, p.run, n-1), p.Submit(ctx, p.run, n-2)
	a, err := x.Await(ctx)
	if err != nil {
		return 0, err
	}
	b, err := y.Await(ctx)
	return a + b, err
}

func TestL6_Fib(t *testing.T) {
	n, want := 25, 75025
	if !inFull(t) {
		n, want = 18, 2584
	}
	p := pool.New[int, int](pool.WithWorkers(1), pool.WithQueue(1))
	wantValue(t, "fib", p.Submit(context.Background(), fib{p}.run, n), want)
	_ = p.Close()
	wantBalance(t, p)
}

// The same with every way to derive the ctx and to dress it, on one worker and on more.
func TestL6_FibWithDerivedContexts(t *testing.T) {
	for _, dress := range dressings {
		for _, d := range derivations {
			for _, workers := range []int{1, 2} {
				opts := append(options(pool.WithWorkers(workers), pool.WithQueue(1)), dress.opts...)
				t.Run(fmt.Sprintf("%s, %s, %d workers", dress.name, d.name, workers), func(t *testing.T) {
					bubble(t, opts, func(t *testing.T, p *intPool) {
						var run intFunc
						run = func(ctx context.Context, n int) (int, error) {
							ctx, cancel := d.derive(ctx)
							defer cancel()
							if n < 2 {
								return n, nil
							}
							x, y := p.Submit(ctx, run, n-1), p.Submit(ctx, run, n-2)
							a, err := x.Await(ctx)
							if err != nil {
								return 0, err
							}
							b, err := y.Await(ctx)
							return a + b, err
						}
						wantValue(t, "fib(7)", p.Submit(t.Context(), run, 7), 13)
					})
				})
			}
		}
	}
}

func TestL6_NestedSubmitsNeverBlock(t *testing.T) {
	for _, dress := range dressings {
		for _, d := range derivations {
			for _, tt := range admissions[:2] {
				opts := append(options(pool.WithWorkers(1), pool.WithQueue(1)), dress.opts...)
				t.Run(fmt.Sprintf("%s, %s, %s", tt.name, dress.name, d.name), func(t *testing.T) {
					bubble(t, opts, func(t *testing.T, p *intPool) {
						const n = 200
						f := p.Submit(t.Context(), func(ctx context.Context, _ int) (int, error) {
							ctx, cancel := d.derive(ctx)
							defer cancel()
							over := start(func() { // a goroutine of the task may submit as well
								for range n {
									if err := tt.admit(p, ctx, 0); err != nil {
										t.Error(err)
									}
								}
							})
							<-over
							return p.Stats().Queued, nil
						}, 0)
						synctest.Wait()
						if r, ok := f.Try(); !ok || r.Value != n {
							t.Errorf("nested submits: got %v of %d queued, in state %v", r, n, f.State())
						}
					})
				})
			}
		}
	}
}

// Awaiting a task that has not started runs it, and no other, right there: on this goroutine,
// or on another one if the wait could end sooner than the task that waits.
func TestL6_AwaitRunsThatVeryTask(t *testing.T) {
	for _, dress := range dressings {
		for _, d := range derivations {
			opts := append(options(pool.WithWorkers(1), pool.WithQueue(2)), dress.opts...)
			t.Run(dress.name+", "+d.name, func(t *testing.T) {
				bubble(t, opts, func(t *testing.T, p *intPool) {
					var ran record[int]
					var where int
					task := func(_ context.Context, n int) (int, error) {
						ran.add(n)
						where = goroutineID()
						return n, nil
					}
					var fs []*intFuture
					f := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
						fs = append(fs, p.Submit(t.Context(), task, 0), p.Submit(t.Context(), task, 1))
						for i := 2; i < 6; i++ {
							fs = append(fs, p.Submit(ctx, task, i))
						}
						derived, cancel := d.derive(ctx)
						defer cancel()
						var want []int
						for _, i := range []int{3, 1, 5} { // from the overflow, the ring, and its end
							if v, err := fs[i].Await(derived); v != i || err != nil {
								t.Errorf("Await of task %d: got %d, %v", i, v, err)
							}
							inline := map[bool]string{true: "yes", false: "no"}[where == goroutineID()]
							if inline != d.inline && d.inline != "either way" {
								t.Errorf("task %d ran on its awaiter's goroutine: got %s, want %s", i, inline, d.inline)
							}
							want = append(want, i)
							if got := ran.all(); !slices.Equal(got, want) {
								t.Errorf("tasks run: got %v, want %v", got, want)
							}
						}
						for _, i := range []int{2, 4} {
							_, _ = fs[i].Await(ctx)
						}
						return n, nil
					}, 0)
					wantValue(t, "the awaiter", f, 0)
					wantValue(t, "the task in the queue", fs[0], 0)
					_ = p.Close()
					if got, want := ran.all(), []int{3, 1, 5, 2, 4, 0}; !slices.Equal(got, want) {
						t.Errorf("tasks run: got %v, want %v", got, want)
					}
				})
			})
		}
	}
}

// A wait whose ctx ends does not wait for the task that it has started.
func TestL6_AwaitOfAnUnstartedTaskEndsWithItsCtx(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
		worker, inner := make(gate), make(gate)
		other := p.Submit(t.Context(), worker.hold, 0) // or it would take the inner task
		f := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			f := p.Submit(ctx, inner.hold, 1)
			short, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			time.AfterFunc(time.Second/2, worker.open)
			begin := time.Now()
			_, err := f.Await(short)
			wantErr(t, "Await with a ctx that ended", err, future.ErrNotReady, context.DeadlineExceeded)
			if d := time.Since(begin); d != time.Second {
				t.Errorf("Await with a ctx of 1s: got %v", d)
			}
			wantState(t, "the awaited task", f, future.Running)
			inner.open()
			return f.Await(ctx)
		}, 0)
		wantValue(t, "the awaiter", f, 1)
		wantValue(t, "the other", other, 0)
	})
}

// A wait with a ctx that has ended is none: it starts nothing, and does not lend the slot,
// which it could only have back when whoever got it is through.
func TestL6_AwaitWithADeadCtxRunsNothing(t *testing.T) {
	for range scaled(30) {
		bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
			g, began := make(gate), make(gate)
			over := make(chan struct{})
			f := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
				<-began
				f := p.Submit(ctx, inc, n)
				dead, cancel := context.WithCancel(ctx)
				cancel()
				_, err := f.Await(dead)
				wantErr(t, "Await with a dead ctx", err, future.ErrNotReady, context.Canceled)
				wantState(t, "the awaited task", f, future.Pending)
				close(over)
				return f.Await(ctx)
			}, 1)
			synctest.Wait()
			next := p.Submit(t.Context(), g.hold, 0)
			began.open()
			wantOver(t, "Await with a dead ctx", over, true)
			g.open()
			wantValue(t, "the awaiter", f, 2)
			wantValue(t, "the next in the queue", next, 0)
		})
		if t.Failed() {
			return
		}
	}
}

// Awaiting a task that runs lends the slot to the next in the queue.
func TestL6_AwaitOfARunningTaskLendsTheSlot(t *testing.T) {
	for _, d := range derivations {
		t.Run(d.name, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
				g := make(gate)
				running := p.Submit(t.Context(), g.hold, 1)
				synctest.Wait()
				awaiter := p.Submit(t.Context(), func(ctx context.Context, _ int) (int, error) {
					ctx, cancel := d.derive(ctx)
					defer cancel()
					return running.Await(ctx)
				}, 0)
				next := p.Submit(t.Context(), g.hold, 2)
				behind := p.Submit(t.Context(), g.hold, 3)
				synctest.Wait()
				wantState(t, "the next in the queue", next, future.Running)
				wantState(t, "the one behind it", behind, future.Pending)
				if s := p.Stats(); s.Running != 3 || s.Lent != 1 {
					t.Errorf("got %d running, %d of them lent, want 3, 1", s.Running, s.Lent)
				}
				g.open()
				wantValue(t, "the awaiter", awaiter, 1)
			})
		})
	}
}

// A task's own goroutines submit and await with its ctx, on one worker.
func TestL6_GoroutinesOfATask(t *testing.T) {
	for _, d := range derivations {
		t.Run(d.name, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
				var run intFunc
				run = func(ctx context.Context, n int) (int, error) {
					if n == 0 {
						return 1, nil
					}
					var sum [3]int
					var wg sync.WaitGroup
					for i := range sum {
						wg.Go(func() {
							ctx, cancel := d.derive(ctx)
							defer cancel()
							sum[i], _ = p.Submit(ctx, run, n-1).Await(ctx)
						})
					}
					wg.Wait()
					return sum[0] + sum[1] + sum[2], nil
				}
				wantValue(t, "3^4", p.Submit(t.Context(), run, 4), 81)
			})
		})
	}
}
