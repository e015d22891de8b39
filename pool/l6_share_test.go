package pool_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// A pool of one worker and a queue of one, and views with one seat: tasks of all of them await
// each other's, in every way to hand on the ctx. A wrong step is a deadlock to the bubble.
func TestL6_Share_AlternatingFib(t *testing.T) {
	for _, d := range derivations {
		for _, workers := range []int{1, 2} {
			t.Run(fmt.Sprintf("%s, %d workers", d.name, workers), func(t *testing.T) {
				bubble(t, options(pool.WithWorkers(workers), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
					v := pool.Share[int, int](p, pool.WithWorkers(1))
					inner := pool.Share[int, int](v, pool.WithWorkers(1))
					beside := pool.Share[int, int](p, pool.WithWorkers(1))
					pools := []*intPool{p, v, beside, inner}
					var fib func(depth int) intFunc
					fib = func(depth int) intFunc {
						return func(ctx context.Context, n int) (int, error) {
							if n < 2 {
								return n, nil
							}
							ctx, cancel := d.derive(ctx)
							defer cancel()
							a := pools[depth%4].Submit(ctx, fib(depth+1), n-1)
							b := pools[(depth+n)%4].Submit(ctx, fib(depth+1), n-2)
							x, y, err := future.Join2(ctx, a, b)
							return x + y, err
						}
					}
					wantValue(t, "fib(10)", inner.Submit(t.Context(), fib(0), 10), 55)
					for _, q := range pools[1:] {
						_ = q.Close()
						wantBalance(t, q)
					}
				})
			})
		}
	}
}

// A task of one pool awaits one of another that cannot start yet, or not there.
func TestL6_Share_Await(t *testing.T) {
	for _, d := range derivations {
		for name, from := range map[string][2]int{
			"a view's task, in one of the parent":   {0, 1},
			"the parent's task, in one of a view":   {1, 0},
			"a task of the same view":               {1, 1},
			"another view's":                        {1, 2},
			"of a view of the view":                 {1, 3},
			"of the view around it":                 {3, 1},
			"the parent's, in a view of the view's": {3, 0},
		} {
			t.Run(name+", "+d.name, func(t *testing.T) {
				bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
					v := pool.Share[int, int](p, pool.WithWorkers(1))
					pools := []*intPool{p, v, pool.Share[int, int](p, pool.WithWorkers(1)), pool.Share[int, int](v, pool.WithWorkers(1))}
					var g gauge
					f := pools[from[0]].Submit(t.Context(), g.task(func(ctx context.Context, n int) (int, error) {
						ctx, cancel := d.derive(ctx)
						defer cancel()
						sum := 0
						var fs []*intFuture
						for range 3 {
							fs = append(fs, pools[from[1]].Submit(ctx, g.task(inc), n))
						}
						for _, f := range fs {
							var m int
							var err error
							g.outside(func() { m, err = f.Await(ctx) })
							if err != nil {
								return 0, err
							}
							sum += m
						}
						return sum, nil
					}), 1)
					wantValue(t, "the awaiter", f, 6)
					g.wantPeak(t, 1)
				})
			})
		}
	}
}

// An await that is given up leaves a task running in what was lent: it has its seats, and the
// awaiter its own again.
func TestL6_Share_GivenUp(t *testing.T) {
	for name, from := range map[string][2]int{
		"a view's task, in one of the parent": {0, 1},
		"the parent's task, in one of a view": {1, 0},
		"a task of the same view":             {1, 1},
		"another view's":                      {1, 2},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
				pools := []*intPool{p, pool.Share[int, int](p, pool.WithWorkers(1)), pool.Share[int, int](p, pool.WithWorkers(1))}
				g, begun, giveUp := make(gate), make(gate), make(gate)
				var awaited *intFuture
				awaiter := pools[from[0]].Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
					awaited = pools[from[1]].Submit(ctx, func(_ context.Context, n int) (int, error) {
						begun.open()
						<-g
						return n, nil
					}, n)
					short, cancel := context.WithCancel(ctx)
					go func() {
						<-giveUp
						cancel()
					}()
					_, err := awaited.Await(short)
					if from[0] != from[1] { // else it has the result by the time it has the seat
						wantErr(t, "the await that was given up", err, future.ErrNotReady)
					}
					return n, nil
				}, 4)
				<-begun
				giveUp.open()
				synctest.Wait()
				sameSeat := from[0] == from[1]
				if isSettled := awaiter.State() == future.Succeeded; isSettled == sameSeat {
					t.Errorf("the awaiter, which needs the awaited task's only seat: %t; settled: got %t", sameSeat, isSettled)
				}
				g.open()
				wantValue(t, "the awaiter", awaiter, 4)
				wantValue(t, "the awaited", awaited, 4)
				synctest.Wait()
				for _, q := range pools { // all seats and slots are there again
					gate := make(gate)
					for range 3 {
						q.Submit(t.Context(), gate.hold, 0)
					}
					synctest.Wait()
					if s := q.Stats(); s.Running != s.Limit {
						t.Errorf("running at the end: got %d, want the limit; %+v", s.Running, s)
					}
					gate.open()
					synctest.Wait()
				}
			})
		})
	}
}

// A task that the awaiter runs in the seats they share may be a held one: it is not queued then.
func TestL6_Share_HeldRunsInline(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
		v := pool.Share[int, int](p, pool.WithWorkers(1))
		f := v.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			outer := goroutineID()
			held := v.Submit(ctx, func(_ context.Context, n int) (int, error) {
				if goroutineID() != outer {
					t.Error("a held task runs on another goroutine than its awaiter's")
				}
				return n + 1, nil
			}, n)
			if s := v.Stats(); s.Queued != 1 {
				t.Errorf("queued, of a held task: got %+v", s)
			}
			return held.Await(ctx)
		}, 1)
		wantValue(t, "the awaiter", f, 2)
		synctest.Wait()
		wantBalance(t, v)
	})
}

// Submits inside a task never wait: neither of the view to the parent, nor the other way round,
// when queue and line are full.
func TestL6_Share_SubmitsInsideDoNotBlock(t *testing.T) {
	for _, in := range []int{0, 1, 2} {
		for _, to := range []int{0, 1, 2} {
			t.Run(fmt.Sprint(in, " to ", to), func(t *testing.T) {
				bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
					pools := []*intPool{p, pool.Share[int, int](p, pool.WithWorkers(1)), pool.Share[int, int](p, pool.WithWorkers(1))}
					var fs []*intFuture
					wantValue(t, "the submitter", pools[in].Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
						for i := range 10 {
							fs = append(fs, pools[to].Submit(context.WithoutCancel(ctx), inc, i))
							if err := pools[to].Go(context.WithoutCancel(ctx), inc, i); err != nil {
								return 0, err
							}
						}
						return n, nil
					}, 1), 1)
					// The submitter's ctx has ended with it, so what it left behind may be cancelled.
					for _, f := range fs {
						<-f.Done()
					}
				})
			})
		}
	}
}
