package pool_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// The ways to end a pool.
var poolEnds = map[string]func(p *intPool){
	"Close": func(p *intPool) { _ = p.Close() },
	"Stop":  func(p *intPool) { p.Stop(errStop) },
	"Shutdown, in time": func(p *intPool) {
		_ = p.Shutdown(context.Background())
	},
	"Shutdown, cut short": func(p *intPool) {
		ctx, cancel := context.WithCancelCause(context.Background())
		cancel(errStop)
		_ = p.Shutdown(ctx)
	},
}

func cancels(how string) bool { return how == "Stop" || how == "Shutdown, cut short" }

// TestField8_Share_RefusingParent: a pool that is being closed has views, and a view of one, with
// tasks that run, are queued, and are held. They run, or are cancelled, and none is lost.
func TestField8_Share_RefusingParent(t *testing.T) {
	for how, end := range poolEnds {
		t.Run(how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := pool.New[int, int](pool.WithWorkers(2), pool.WithQueue(2))
				v := pool.Share[int, int](p, pool.WithWorkers(1))
				inner := pool.Share[int, int](v, pool.WithWorkers(1))
				var fs []*intFuture
				task := func(ctx context.Context, n int) (int, error) {
					time.Sleep(time.Second)
					return n, nil
				}
				for range 3 {
					fs = append(fs, v.Submit(t.Context(), task, 1), inner.Submit(t.Context(), task, 2))
				}
				fs = append(fs, p.Submit(t.Context(), task, 3))
				synctest.Wait()
				end(p)
				ran := uint64(0)
				for i, f := range fs {
					r, ok := f.Try()
					switch {
					case !ok:
						t.Errorf("task %d after the end: got state %v", i, f.State())
					case r.Err == nil:
						ran++
					case !cancels(how) || !errors.Is(r.Err, errStop):
						t.Errorf("task %d: got %v", i, r.Err)
					}
				}
				if !cancels(how) && ran != 7 {
					t.Errorf("tasks that ran: got %d, want all 7", ran)
				}
				for _, q := range []*intPool{p, v, inner} {
					wantBalance(t, q)
					wantErr(t, "submit after the end", q.Go(t.Context(), inc, 1), pool.ErrClosed)
					_ = q.Close() // again
				}
				if got := p.Stats().Succeeded + v.Stats().Succeeded + inner.Stats().Succeeded; got != ran {
					t.Errorf("Succeeded: got %d, want %d", got, ran)
				}
			})
		})
	}
}

// Submitters race with the ends of parent and views. Whatever was accepted settles.
func TestField8_Share_RacingEnds(t *testing.T) {
	for range scaled(100) {
		for how, end := range poolEnds {
			synctest.Test(t, func(t *testing.T) {
				p := pool.New[int, int](pool.WithWorkers(2), pool.WithQueue(1))
				v := pool.Share[int, int](p, pool.WithWorkers(1))
				inner := pool.Share[int, int](v, pool.WithWorkers(1))
				pools := []*intPool{p, v, inner}
				var fs record[*intFuture]
				var wg sync.WaitGroup
				for _, q := range pools {
					for range 2 {
						wg.Go(func() {
							for range 6 {
								fs.add(q.Submit(context.Background(), inc, 1))
							}
						})
					}
				}
				promises := future.NewPromise[int]()
				for _, q := range pools {
					fs.add(q.SubmitAfter(context.Background(), promises.Future(), inc))
				}
				wg.Go(func() { promises.Resolve(1) })
				late := start(func() {
					w := pool.Share[int, int](v)
					fs.add(w.Submit(context.Background(), inc, 1))
					fs.add(w.SubmitAfter(context.Background(), future.NewPromise[int]().Future(), inc))
				})
				for _, q := range pools {
					wg.Go(func() { end(q) })
				}
				wg.Wait()
				<-late
				_ = p.Close()
				synctest.Wait()
				for _, f := range fs.all() {
					if _, ok := f.Try(); !ok {
						t.Errorf("%s: a future after the end: got state %v", how, f.State())
					}
				}
				for i, q := range pools {
					s := q.Stats()
					if sum := s.Succeeded + s.Canceled; sum != s.Accepted {
						t.Errorf("%s: pool %d: got %+v", how, i, s)
					}
				}
			})
		}
	}
}

// The end of a view is not the end of its parent, or of another view.
func TestShare_EndOfAView(t *testing.T) {
	for how, end := range poolEnds {
		t.Run(how, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(2), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
				v, other := pool.Share[int, int](p, pool.WithWorkers(1)), pool.Share[int, int](p)
				inner := pool.Share[int, int](v)
				var fs []*intFuture
				for range 2 {
					fs = append(fs, v.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
						select {
						case <-ctx.Done():
							return 0, context.Cause(ctx)
						case <-time.After(time.Minute):
							return n, nil
						}
					}, 1))
				}
				synctest.Wait()
				end(v)
				for i, f := range fs {
					_, err := f.Await(t.Context())
					if want := map[bool]error{true: errStop}[cancels(how)]; !errors.Is(err, want) {
						t.Errorf("task %d: got %v, want %v", i, err, want)
					}
				}
				wantErr(t, "Go to the view", v.Go(t.Context(), inc, 1), pool.ErrClosed)
				wantErr(t, "Go to a view of the view", inner.Go(t.Context(), inc, 1), pool.ErrClosed)
				wantFailure(t, "SubmitAfter to the view", v.SubmitAfter(t.Context(), future.NewPromise[int]().Future(), inc),
					future.Canceled, pool.ErrClosed)
				wantValue(t, "the parent's task", p.Submit(t.Context(), inc, 1), 2)
				wantValue(t, "another view's", other.Submit(t.Context(), inc, 1), 2)
				wantBalance(t, v)
			})
		})
	}
}

// A view that is made from a closed pool, or of a closed view, is closed.
func TestShare_OfAClosedPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New[int, int]()
		v := pool.Share[int, int](p)
		_ = v.Close()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for what, of := range map[string]*intPool{"view": v, "pool": p} {
			if of == p {
				_ = p.Close()
			}
			w := pool.Share[int, int](of, pool.WithContext(ctx))
			wantErr(t, "Go to a view of a closed "+what, w.Go(t.Context(), inc, 1), pool.ErrClosed)
			wantFailure(t, "SubmitAfter to it", w.SubmitAfter(t.Context(), future.NewPromise[int]().Future(), inc),
				future.Canceled, pool.ErrClosed)
			_ = w.Close()
		}
		_ = p.Close()
	})
}

// So it is while the pool is being closed, and there is still work to do.
func TestShare_OfAClosingPool(t *testing.T) {
	for _, deep := range []bool{false, true} {
		bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
			v := pool.Share[int, int](p)
			of, g := v, make(gate)
			if deep {
				of = pool.Share[int, int](v)
			}
			v.Submit(t.Context(), g.hold, 0)
			closed := start(func() { _ = v.Close() })
			wantOver(t, "Close", closed, false)
			w := pool.Share[int, int](of)
			if err := w.Go(t.Context(), inc, 1); err != pool.ErrClosed { //nolint:errorlint // this and no other
				t.Errorf("Go to a view of a view that is being closed: got %v, want ErrClosed itself", err)
			}
			g.open()
			<-closed
			_ = w.Close()
		})
	}
}

// A task that is cancelled just when it is refused counts once, or not at all.
func TestL1_Share_CancelledWhenRefused(t *testing.T) {
	for range scaled(1000) {
		bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
			var f *intFuture
			v := pool.Share[int, int](p, pool.WithHooks(&pool.Hooks{Rejected: func(error) { f.Cancel(nil) }}))
			pr := future.NewPromise[int]()
			f = v.SubmitAfter(t.Context(), pr.Future(), inc)
			resolved := start(func() { pr.Resolve(1) })
			_ = v.Close()
			<-resolved
			<-f.Done()
			synctest.Wait()
			wantBalance(t, v)
		})
	}
}

// Shutdown sees by its ctx when it would wait for itself, and otherwise lends the slot.
func TestShare_ShutdownInATask(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
		v := pool.Share[int, int](p)
		inner := pool.Share[int, int](v)
		for what, c := range map[string]struct {
			in, of *intPool
			panics bool
		}{
			"the view, in its own task":                {v, v, true},
			"the view, in a task of a view of it":      {inner, v, true},
			"the parent, in a task of the view":        {v, p, true},
			"the view, in a task of the parent":        {p, pool.Share[int, int](p), false},
			"the inner view, in a task of the outer":   {v, pool.Share[int, int](v), false},
			"another view, in a task of the view":      {v, pool.Share[int, int](p), false},
			"a view with its own ctx, in the parent's": {p, pool.Share[int, int](p, pool.WithContext(t.Context())), false},
		} {
			var f *intFuture
			if !c.panics {
				for range 2 { // one is queued, one held: they need the slot
					f = c.of.Submit(t.Context(), inc, 1)
				}
			}
			_, err := c.in.Do(t.Context(), func(ctx context.Context, n int) (int, error) { return n, c.of.Shutdown(ctx) }, 1)
			var pe *future.PanicError
			if got := errors.As(err, &pe); got != c.panics || !got && err != nil {
				t.Errorf("Shutdown of %s: got %v, want a panic: %t", what, err, c.panics)
			}
			if pe != nil && !strings.HasPrefix(pe.Error(), "pool: Shutdown: ") && !strings.Contains(pe.Error(), "pool: Shutdown: ") {
				t.Errorf("Shutdown of %s: got panic %v", what, pe.Value)
			}
			if f != nil {
				wantValue(t, "task of what was shut down", f, 2)
			}
		}
	})
}

// A pool keeps nothing of a view that has been closed, nor of its tasks.
func TestShare_EndedViewIsForgotten(t *testing.T) {
	p := pool.New[*thing, *thing](pool.WithWorkers(2))
	defer p.Close()
	var gone []probe
	func() {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		v := pool.Share[*thing, *thing](p, pool.WithContext(ctx))
		inner := pool.Share[*thing, *thing](v, pool.WithWorkers(1))
		gone = append(gone, probeOf("the view", v), probeOf("the view of it", inner))
		for range 5 {
			d := newProbed()
			f := inner.Submit(d.ctx, d.fn, d.arg)
			if _, err := f.Await(context.Background()); err != nil {
				t.Error(err)
			}
			gone = append(gone, d.parts...)
		}
		_ = v.Close()
	}()
	wantCollected(t, "after Close of the view", gone...)
}

// A submitter that has the view's seat, and waits for a place in the queue, is refused by Close,
// and so gives its seat to a held task, when the pool may have nothing else left to do.
func TestField8_Share_SeatOfARefusedSubmitter(t *testing.T) {
	for range scaled(300) {
		synctest.Test(t, func(t *testing.T) {
			p := pool.New[int, int](pool.WithWorkers(1), pool.WithQueue(1), pool.WithIdleTimeout(0))
			v := pool.Share[int, int](p, pool.WithWorkers(1))
			worker := full(p, 1)
			var refused *intFuture
			submitted := start(func() { refused = v.Submit(t.Context(), inc, 1) })
			wantOver(t, "Submit to a full queue", submitted, false)
			held := v.Submit(t.Context(), inc, 2)
			closed := start(func() { _ = p.Close() })
			worker.open()
			<-closed
			<-submitted
			wantValue(t, "the task that was held", held, 3)
			if s := refused.State(); s != future.Canceled && s != future.Succeeded {
				t.Errorf("the blocked submit's future: got state %v", s)
			}
			wantBalance(t, v)
		})
	}
}
