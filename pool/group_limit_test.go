package pool_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// inTask runs test inside a task of p.
func inTask(t *testing.T, p *intPool, test func(ctx context.Context)) {
	t.Helper()
	wantValue(t, "the task that the group is made in", p.Submit(t.Context(), func(ctx context.Context, _ int) (int, error) {
		test(ctx)
		return 0, nil
	}, 0), 0)
}

// A group made inside a task holds back what is beyond its limit, and its submits do not wait: on
// one worker, with a queue of one, at any depth.
func TestGroupLimit_NestedGroupsNeverBlock(t *testing.T) {
	for _, limit := range []int{-1, 1, 2, 5} {
		for _, dress := range dressings {
			for _, d := range derivations {
				t.Run(fmt.Sprintf("limit %d, %s, %s", limit, dress.name, d.name), func(t *testing.T) {
					opts := append(options(pool.WithWorkers(1), pool.WithQueue(1)), dress.opts...)
					bubble(t, opts, func(t *testing.T, p *intPool) {
						var tree intFunc
						tree = func(ctx context.Context, n int) (int, error) {
							if n == 0 {
								return 1, nil
							}
							ctx, cancel := d.derive(ctx)
							defer cancel()
							g, _ := p.Group(ctx, pool.Limit(limit))
							for range 3 {
								g.Submit(tree, n-1)
							}
							rs, err := g.Wait()
							sum := 0
							for _, r := range rs {
								sum += r
							}
							return sum, err
						}
						wantValue(t, "3^4", p.Submit(t.Context(), tree, 4), 81)
						want := uint64(1 + 3 + 9 + 27 + 81)
						wantCounts(t, p, pool.Stats{Accepted: want, Succeeded: want})
					})
				})
			}
		}
	}
}

// A task of a group submits to that group, and awaits: the awaited one, which is held, runs in
// its place. It counts like any other.
func TestGroupLimit_AwaitOfAHeldTaskRunsIt(t *testing.T) {
	for _, d := range derivations {
		t.Run(d.name, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
				inTask(t, p, func(ctx context.Context) {
					g, _ := p.Group(ctx, pool.Limit(1))
					var active gauge
					var sum intFunc
					sum = active.task(func(ctx context.Context, n int) (v int, err error) {
						if n == 0 {
							return 0, nil
						}
						ctx, cancel := d.derive(ctx)
						defer cancel()
						f := g.Submit(sum, n-1)
						active.outside(func() { v, err = f.Await(ctx) })
						return v + n, err
					})
					f := g.Submit(sum, 5)
					if _, err := g.Wait(); err != nil {
						t.Errorf("Wait: %v", err)
					}
					wantValue(t, "1+2+3+4+5", f, 15)
					active.wantPeak(t, 1)
				})
				synctest.Wait()
				wantCounts(t, p, pool.Stats{Accepted: 7, Succeeded: 7})
			})
		})
	}
}

// A task in Await or Block does not count, and takes its place back before it goes on.
func TestGroupLimit_CountsTasksOutsideOfWaits(t *testing.T) {
	bubble(t, options(pool.WithWorkers(4)), func(t *testing.T, p *intPool) {
		g, _ := p.Group(t.Context(), pool.Limit(1))
		waits, back, end := make(gate), make(gate), make(gate)
		first := g.Submit(func(ctx context.Context, n int) (int, error) {
			pool.Block(ctx, func() { <-waits })
			back.open()
			return n, nil
		}, 1)
		synctest.Wait()
		over := start(func() { g.Submit(end.hold, 2) })
		wantOver(t, "Submit while the only task is in Block", over, true)
		if g.TryGo(inc, 0) {
			t.Error("TryGo at the limit: got true, want false")
		}
		waits.open()
		synctest.Wait()
		if isOver(start(func() { <-back })) || isOver(back) {
			t.Error("the task in Block went on beside the other")
		}
		end.open()
		wantValue(t, "the task that was in Block", first, 1)
		_, _ = g.Wait()
	})
}

// The limits of the group and of the shared pool hold both, and the workers are others' too.
func TestGroupLimit_InASharedPool(t *testing.T) {
	for _, nested := range []bool{false, true} {
		for _, limits := range [][2]int{{1, 3}, {3, 1}, {2, 2}, {-1, 2}} {
			t.Run(fmt.Sprintf("group %d, pool %d, nested %t", limits[0], limits[1], nested), func(t *testing.T) {
				bubble(t, options(pool.WithWorkers(4), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
					s := pool.Share[int, int](p, pool.WithWorkers(limits[1]))
					var active gauge
					var ran atomic.Int64
					run := func(ctx context.Context) {
						g, _ := s.Group(ctx, pool.Limit(limits[0]))
						for range 20 {
							g.Go(active.task(func(ctx context.Context, n int) (int, error) {
								active.outside(func() { pool.Block(ctx, func() { time.Sleep(time.Nanosecond) }) })
								time.Sleep(time.Nanosecond) // in the bubble: until all others wait, too
								return counted(&ran)(ctx, n)
							}), 0)
						}
						if _, err := g.Wait(); err != nil {
							t.Errorf("Wait: %v", err)
						}
					}
					if nested {
						inTask(t, p, run)
					} else {
						run(t.Context())
					}
					want := limits[1]
					if limits[0] > 0 {
						want = min(limits[0], limits[1])
					}
					if peak := active.peak.Load(); peak != int64(want) {
						t.Errorf("tasks at once: got %d, want %d", peak, want)
					}
					_ = s.Close()
					wantCounts(t, s, pool.Stats{Accepted: 20, Succeeded: 20})
				})
			})
		}
	}
}

// A held task is cancelled like one in the queue, and is not run.
func TestGroupLimit_CancelOfAHeldTask(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
		inTask(t, p, func(ctx context.Context) {
			g, gctx := p.Group(ctx, pool.Limit(1))
			end := make(gate)
			var ran atomic.Int64
			running, held, next := g.Submit(end.hold, 1), g.Submit(counted(&ran), 2), g.Submit(counted(&ran), 3)
			synctest.Wait()
			wantState(t, "held task", held, future.Pending)
			if !held.Cancel(errStop) {
				t.Error("Cancel of a held task: got false, want true")
			}
			wantFailure(t, "held task", held, future.Canceled, errStop)
			wantErr(t, "cause of the group's ctx", context.Cause(gctx), errStop)
			end.open()
			wantGroupErr(t, g, held, errStop)
			wantFailure(t, "the held task behind it", next, future.Canceled, errStop)
			wantState(t, "running task", running, future.Succeeded)
			if ran.Load() != 0 {
				t.Error("a held task ran after it was cancelled")
			}
		})
		wantCounts(t, p, pool.Stats{Accepted: 4, Succeeded: 2, Canceled: 2})
	})
}

// What is held was accepted: a pool that is closed runs it, one that is stopped settles it.
func TestGroupLimit_EndOfThePoolWithHeldTasks(t *testing.T) {
	for _, shared := range []bool{false, true} {
		for _, stop := range []bool{false, true} {
			t.Run(fmt.Sprintf("shared %t, Stop %t", shared, stop), func(t *testing.T) {
				bubble(t, options(pool.WithWorkers(2), pool.WithQueue(1)), func(t *testing.T, parent *intPool) {
					p := parent
					if shared {
						p = pool.Share[int, int](parent)
					}
					var ran atomic.Int64
					var fs []*intFuture
					end := make(gate)
					opener := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
						g, _ := p.Group(ctx, pool.Limit(1))
						fs = append(fs, g.Submit(end.hold, 1))
						for range 10 {
							fs = append(fs, g.Submit(counted(&ran), 0))
						}
						pool.Block(ctx, func() { <-end })
						late := g.Submit(inc, 0)
						wantErr(t, "Submit to the group of a closed pool", errOf(late.Await(ctx)), pool.ErrClosed)
						_, err := g.Wait()
						return n, err
					}, 0)
					synctest.Wait()
					over := start(func() {
						if stop {
							p.Stop(errStop)
						} else {
							_ = p.Close()
						}
					})
					wantOver(t, "the end of the pool", over, false)
					end.open()
					wantOver(t, "the end of the pool", over, true)
					wantState(t, "the task with the group", opener, future.Failed)
					for i, f := range fs {
						if f.State() < future.Succeeded {
							t.Errorf("task %d: got state %v after the end", i, f.State())
						}
					}
					if stop && ran.Load() != 0 {
						t.Errorf("held tasks that ran in a stopped pool: got %d, want 0", ran.Load())
					}
				})
			})
		}
	}
}

// Without a failure, all that is held runs at Close.
func TestGroupLimit_CloseRunsHeldTasks(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
		var ran atomic.Int64
		end := make(gate)
		opener := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			g, _ := p.Group(ctx, pool.Limit(1))
			g.Go(end.hold, 0)
			for range 10 {
				g.Go(counted(&ran), 0)
			}
			_, err := g.Wait()
			return n, err
		}, 7)
		synctest.Wait()
		over := start(func() { _ = p.Close() })
		wantOver(t, "Close with held tasks", over, false)
		end.open()
		wantOver(t, "Close", over, true)
		wantValue(t, "the task with the group", opener, 7)
		if n := ran.Load(); n != 10 {
			t.Errorf("held tasks that ran: got %d, want 10", n)
		}
		wantCounts(t, p, pool.Stats{Accepted: 12, Succeeded: 12})
	})
}

// A limit of 0 lets none: outside of tasks a submit waits for the group's end, inside the task
// waits for it.
func TestGroupLimit_Zero(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		g, _ := p.Group(t.Context(), pool.Limit(0))
		var f *intFuture
		over := start(func() { f = g.Submit(inc, 0) })
		wantOver(t, "Submit with a limit of 0", over, false)
		g.Stop()
		wantOver(t, "Submit after Stop", over, true)
		wantFailure(t, "the submit", f, future.Canceled, future.ErrCanceled)
		inTask(t, p, func(ctx context.Context) {
			g, _ := p.Group(ctx, pool.Limit(0))
			f := g.Submit(inc, 0)
			g.Stop()
			wantFailure(t, "the held task after Stop", f, future.Canceled, future.ErrCanceled)
		})
	})
}

// Tasks that a group holds count as queued.
func TestGroupLimit_HeldCountAsQueued(t *testing.T) {
	bubble(t, options(pool.WithWorkers(4)), func(t *testing.T, p *intPool) {
		g, all := make(gate), make(gate)
		outer := func(ctx context.Context, _ int) (int, error) {
			group, _ := p.Group(ctx, pool.Limit(2))
			for i := range 5 {
				group.Go(g.hold, i)
			}
			all.open()
			_, err := group.Wait()
			return 0, err
		}
		f := p.Submit(t.Context(), outer, 0)
		<-all
		synctest.Wait()
		if s := p.Stats(); s.Running != 3 || s.Lent != 1 || s.Queued != 3 || s.Accepted != 6 {
			t.Errorf("got %+v, want 3 running, 1 of them lent, 3 queued, 6 accepted", s)
		}
		g.open()
		wantValue(t, "the outer task", f, 0)
	})
}
