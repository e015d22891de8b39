package pool_test

import (
	"context"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// Tasks of three pools within each other, and of one beside them: at no instant do more run than
// any of the limits allows.
func TestL3_Share_LimitsNest(t *testing.T) {
	for _, w := range waits {
		t.Run(w.name, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(4), pool.WithQueue(2)), func(t *testing.T, p *intPool) {
				v := pool.Share[int, int](p, pool.WithWorkers(3))
				inner := pool.Share[int, int](v, pool.WithWorkers(2))
				beside := pool.Share[int, int](p, pool.WithWorkers(1))
				all := &waiting{intPool: p, wait: w.wait}
				ofView, ofInner := &waiting{intPool: v, wait: w.wait}, &waiting{intPool: inner, wait: w.wait}
				ofBeside := &waiting{intPool: beside, wait: w.wait}
				// What counts for a pool counts for those around it. The wait leaves only its own
				// gauge, so each is looked at alone.
				var fs []*intFuture
				for range scaled(30) {
					for _, k := range []*waiting{all, ofView, ofInner, ofBeside} {
						fs = append(fs, k.Submit(t.Context(), k.run, 2))
					}
				}
				future.Settle(t.Context(), fs...)
				all.wantPeak(t, 4)
				ofView.wantPeak(t, 3)
				ofInner.wantPeak(t, 2)
				ofBeside.wantPeak(t, 1)
				for _, q := range []*intPool{v, inner, beside} {
					_ = q.Close()
					wantBalance(t, q)
				}
			})
		})
	}
}

// Running tasks of an inner view count for the outer ones, and the limits are used.
func TestL3_Share_InnerCountsForOuter(t *testing.T) {
	bubble(t, options(pool.WithWorkers(4)), func(t *testing.T, p *intPool) {
		v := pool.Share[int, int](p, pool.WithWorkers(3))
		inner := pool.Share[int, int](v, pool.WithWorkers(2))
		g := make(gate)
		for range 5 {
			inner.Submit(t.Context(), g.hold, 0)
			v.Submit(t.Context(), g.hold, 0)
		}
		for range 5 {
			p.Submit(t.Context(), g.hold, 0)
		}
		synctest.Wait()
		in, out, root := inner.Stats().Running, v.Stats().Running, p.Stats().Running
		if in+out != 3 || in > 2 || in+out+root != 4 {
			t.Errorf("running: got %d, %d, %d, want at most 2, 3 with the first, 4 with both", in, out, root)
		}
		g.open()
	})
}

// A waiting task's seat is another's, and it has it again before it goes on.
func TestL3_Share_WaitLendsTheSeat(t *testing.T) {
	for _, how := range []string{"Await", "Block"} {
		t.Run(how, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(4)), func(t *testing.T, p *intPool) {
				v := pool.Share[int, int](p, pool.WithWorkers(1))
				pr, g := future.NewPromise[int](), make(gate)
				first := v.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
					if how == "Await" {
						return pr.Future().Await(ctx)
					}
					pool.Block(ctx, func() { n, _ = pr.Future().Await(context.Background()) })
					return n, nil
				}, 0)
				synctest.Wait()
				second := v.Submit(t.Context(), g.hold, 2)
				third := v.Submit(t.Context(), inc, 2)
				synctest.Wait()
				wantState(t, "the second, in the seat that was lent,", second, future.Running)
				if s := v.Stats(); s.Running != 2 || s.Lent != 1 || s.Queued != 1 {
					t.Errorf("view: got %+v, want 2 running, 1 of them lent, 1 queued", s)
				}
				pr.Resolve(7)
				synctest.Wait()
				wantState(t, "the first, whose seat is taken,", first, future.Running)
				g.open()
				wantValue(t, "the first", first, 7)
				wantValue(t, "the third", third, 3)
				synctest.Wait()
				if s := v.Stats(); s.Running != 0 || s.Lent != 0 || s.Queued != 0 {
					t.Errorf("quiet view: got %+v", s)
				}
			})
		})
	}
}

// Who returns from a wait comes before those who have not started.
func TestL3_Share_ReturnersFirst(t *testing.T) {
	bubble(t, options(pool.WithWorkers(4)), func(t *testing.T, p *intPool) {
		v := pool.Share[int, int](p, pool.WithWorkers(1))
		pr, g := future.NewPromise[int](), make(gate)
		var order record[string]
		v.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			_, err := pr.Future().Await(ctx)
			order.add("returner")
			return n, err
		}, 0)
		synctest.Wait()
		v.Submit(t.Context(), g.hold, 0)
		for range 3 {
			v.Submit(t.Context(), func(context.Context, int) (int, error) { order.add("newcomer"); return 0, nil }, 0)
		}
		synctest.Wait()
		pr.Resolve(1)
		synctest.Wait()
		g.open()
		_ = v.Close()
		if got := order.all(); len(got) != 4 || got[0] != "returner" {
			t.Errorf("order: got %q, want the returner first", got)
		}
	})
}

// Tasks that are in the queue when a view is resized to fewer do not start beyond the new limit,
// and start before those that are held.
func TestL3_Share_ResizeOfQueued(t *testing.T) {
	for _, which := range []string{"the view", "the view around it"} {
		t.Run(which, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(4)), func(t *testing.T, p *intPool) {
				v := pool.Share[int, int](p, pool.WithWorkers(4))
				q, resized := v, v
				if which != "the view" {
					q = pool.Share[int, int](v)
				}
				workers := make(gate)
				for range 4 {
					p.Submit(t.Context(), workers.hold, 0)
				}
				synctest.Wait()
				var g gauge
				var order record[int]
				for i := range 12 {
					q.Submit(t.Context(), g.task(func(_ context.Context, n int) (int, error) {
						order.add(n)
						time.Sleep(time.Millisecond)
						return n, nil
					}), i)
				}
				resized.Resize(1)
				workers.open()
				_ = q.Close()
				g.wantPeak(t, 1)
				// Four workers took the first four from the queue, so their order is anybody's.
				if got := order.all(); len(got) != 12 || !slices.IsSorted(got[4:]) || got[4] != 4 {
					t.Errorf("order: got %v, want all 12, from 4 on in their order", got)
				}
				wantBalance(t, q)
			})
		})
	}
}

// An awaiter in other seats does not run what the limit forbids either.
func TestL3_Share_ResizeOfAwaited(t *testing.T) {
	bubble(t, options(pool.WithWorkers(3)), func(t *testing.T, p *intPool) {
		v := pool.Share[int, int](p, pool.WithWorkers(2))
		g, begin := make(gate), make(gate)
		var count gauge
		v.Submit(t.Context(), count.task(g.hold), 0)
		var f *intFuture
		awaiter := p.Submit(t.Context(), func(ctx context.Context, _ int) (int, error) {
			<-begin
			return f.Await(ctx)
		}, 0)
		synctest.Wait()
		p.Submit(t.Context(), begin.hold, 0) // the third worker
		synctest.Wait()
		f = v.Submit(t.Context(), count.task(inc), 1)
		v.Resize(1)
		begin.open()
		synctest.Wait()
		wantState(t, "the awaited, beyond the limit,", f, future.Pending)
		g.open()
		wantValue(t, "the awaiter", awaiter, 2)
		count.wantPeak(t, 1)
	})
}

// A goroutine that outlives its task, waits with its ctx, and comes back: no seat is lost or
// given twice.
func TestL3_Share_WaitOutlivesTheTask(t *testing.T) {
	for name, wait := range map[string]func(ctx context.Context, v *intPool, f *intFuture){
		"promise": func(ctx context.Context, _ *intPool, f *intFuture) { _, _ = f.Await(ctx) },
		"Block": func(ctx context.Context, _ *intPool, _ *intFuture) {
			pool.Block(ctx, func() { time.Sleep(time.Minute) })
		},
		"inline": func(ctx context.Context, v *intPool, _ *intFuture) {
			_, _ = v.Submit(ctx, func(context.Context, int) (int, error) { time.Sleep(time.Minute); return 0, nil }, 1).Await(ctx)
		},
		"elsewhere": func(ctx context.Context, v *intPool, _ *intFuture) {
			short, cancel := context.WithTimeout(ctx, time.Hour)
			defer cancel()
			_, _ = v.Submit(ctx, func(context.Context, int) (int, error) { time.Sleep(time.Minute); return 0, nil }, 1).Await(short)
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
				v := pool.Share[int, int](p, pool.WithWorkers(1))
				pr := future.NewPromise[int]()
				begun := make(gate)
				wantValue(t, "the task", v.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
					go func() {
						close(begun)
						wait(ctx, v, pr.Future())
					}()
					<-begun
					time.Sleep(time.Second) // the goroutine waits
					return n, nil
				}, 5), 5)
				time.Sleep(time.Hour)
				pr.Resolve(1)
				synctest.Wait()
				var g gauge
				var fs []*intFuture
				for range 6 {
					fs = append(fs, v.Submit(t.Context(), g.task(func(context.Context, int) (int, error) {
						time.Sleep(time.Millisecond)
						runtime.Gosched()
						return 0, nil
					}), 0))
				}
				future.Settle(t.Context(), fs...)
				g.wantPeak(t, 1)
				_ = v.Close()
				wantBalance(t, v)
			})
		})
	}
}
