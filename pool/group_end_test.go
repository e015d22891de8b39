package pool_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// To wait twice, for several at once, and to stop what is over, is fine; all get the same.
func TestGroupEnd_WaitAndStopInAnyOrder(t *testing.T) {
	for _, err := range []error{nil, errTask} {
		bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
			g, gctx := p.Group(t.Context())
			defer g.Stop()
			end := make(gate)
			g.Submit(inc, 1)
			g.Submit(end.after(func(_ context.Context, n int) (int, error) { return n, err }), 2)
			wait := func() {
				rs, got := g.Wait()
				if got != err || !slices.Equal(rs, []int{2, 2}) {
					t.Errorf("Wait: got %v, %v, want [2 2], %v", rs, got, err)
				}
			}
			var waits sync.WaitGroup
			for range 5 {
				waits.Go(wait)
			}
			over := start(waits.Wait)
			wantOver(t, "Wait while a task runs", over, false)
			end.open()
			wantOver(t, "five calls of Wait", over, true)
			wait()
			g.Stop()
			g.Stop()
			wait()
			want := err
			if want == nil {
				want = context.Canceled
			}
			if cause := context.Cause(gctx); cause != want {
				t.Errorf("cause of the group's ctx after Wait: got %v, want %v", cause, want)
			}
		})
	}
}

func TestGroupEnd_OfNothing(t *testing.T) {
	bubble(t, nil, func(t *testing.T, p *intPool) {
		g, _ := p.Group(t.Context())
		if rs, err := g.Wait(); rs != nil || err != nil {
			t.Errorf("Wait of nothing: got %v, %v, want [], <nil>", rs, err)
		}
	})
}

// Stop cancels and joins; what Wait returns then says so.
func TestGroupEnd_Stop(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		g, _ := p.Group(t.Context())
		end := make(gate)
		running := g.Submit(func(ctx context.Context, n int) (int, error) {
			<-ctx.Done()
			<-end
			return n, nil
		}, 7)
		synctest.Wait()
		queued := g.Submit(inc, 0)
		over := start(g.Stop)
		wantOver(t, "Stop while a task runs", over, false)
		wantFailure(t, "Submit beside Stop", g.Submit(inc, 0), future.Canceled, pool.ErrClosed)
		end.open()
		wantOver(t, "Stop", over, true)
		wantValue(t, "the task that was running", running, 7)
		wantFailure(t, "the task that was queued", queued, future.Canceled, context.Canceled, future.ErrCanceled)
		rs, err := g.Wait()
		wantErr(t, "Wait after Stop", err, context.Canceled)
		if !slices.Equal(rs, []int{7, 0}) {
			t.Errorf("Wait after Stop: got %v, want [7 0]", rs)
		}
	})
}

// After its end a group takes nothing, and nothing of that changes what Wait has said.
func TestGroupEnd_SubmitsAfterTheEnd(t *testing.T) {
	for _, opts := range [][]pool.GroupOption{nil, {pool.Limit(2)}, {pool.Limit(0)}} {
		for _, end := range []func(*intGroup){func(g *intGroup) { _, _ = g.Wait() }, (*intGroup).Stop} {
			bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
				for _, nested := range []bool{false, true} {
					after := func(ctx context.Context) {
						g, _ := p.Group(ctx, opts...)
						end(g)
						var ran atomic.Int64
						wantFailure(t, "Submit", g.Submit(counted(&ran), 0), future.Canceled, pool.ErrClosed)
						g.Go(counted(&ran), 0)
						if g.TryGo(counted(&ran), 0) {
							t.Error("TryGo: got true, want false")
						}
						if rs, err := g.Wait(); rs != nil || err != nil || ran.Load() != 0 {
							t.Errorf("Wait: got %v, %v after %d tasks, want [], <nil>, 0", rs, err, ran.Load())
						}
					}
					if nested {
						inTask(t, p, after)
					} else {
						after(t.Context())
					}
				}
				if s := p.Stats(); s.Rejected != 6 || s.Accepted != 1 {
					t.Errorf("got %d rejected, %d accepted, want 6, 1", s.Rejected, s.Accepted)
				}
			})
		}
	}
}

// Until the last task has ended, tasks may add to their group.
func TestGroupEnd_TasksSubmitWhileWaitWaits(t *testing.T) {
	for _, nested := range []bool{false, true} {
		for _, limit := range []int{-1, 2} {
			t.Run(fmt.Sprintf("nested %t, limit %d", nested, limit), func(t *testing.T) {
				bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
					run := func(ctx context.Context) {
						g, _ := p.Group(ctx, pool.Limit(limit))
						var ran atomic.Int64
						var more intFunc
						more = func(ctx context.Context, n int) (int, error) {
							ran.Add(1)
							for range 2 {
								if n > 0 {
									pool.Block(ctx, func() { g.Go(more, n-1) })
								}
							}
							return 0, nil
						}
						g.Go(more, 5)
						if _, err := g.Wait(); err != nil || ran.Load() != 63 {
							t.Errorf("Wait: got %v after %d tasks, want 63", err, ran.Load())
						}
					}
					if nested {
						inTask(t, p, run)
					} else {
						run(t.Context())
					}
				})
			})
		}
	}
}

// A group that has failed, or was stopped, goes down with its pool and with what is in its way.
func TestGroupEnd_BesideTheEndOfThePool(t *testing.T) {
	for _, way := range waysDown {
		for _, opts := range [][]pool.GroupOption{nil, {pool.Limit(2)}, {pool.JoinErrors(3)}} {
			t.Run(way.name, func(t *testing.T) {
				for i := range scaled(50) {
					p := pool.New[int, int](pool.WithWorkers(2), pool.WithQueue(2))
					g, gctx := p.Group(t.Context(), opts...)
					var fs []*intFuture
					var ran atomic.Int64
					submits := start(func() {
						for range 20 {
							fs = append(fs, g.Submit(counted(&ran), 0))
							g.Go(counted(&ran), 0)
						}
					})
					waits := start(func() {
						for range i % 7 {
							runtime.Gosched()
						}
						if i%2 == 0 {
							g.Stop()
						}
						<-submits // Wait could end the group before
						_, err := g.Wait()
						accept(t, "Wait", err, context.Canceled, pool.ErrClosed, errStop)
					})
					way.down(p)
					<-waits
					before := ran.Load()
					if gctx.Err() == nil {
						t.Error("the group's ctx after Wait has not ended")
					}
					for _, f := range fs {
						if f.State() < future.Succeeded {
							t.Errorf("future after Wait: got state %v", f.State())
						}
					}
					if n := ran.Load(); n != before {
						t.Errorf("tasks ran after Wait: got %d, want %d", n, before)
					}
					_ = p.Close()
					wantBalance(t, p)
				}
			})
		}
	}
}

// A panic is the group's error, also in a task of Go: nobody else is asked, and the process
// does not crash.
func TestGroupEnd_PanicInGo(t *testing.T) {
	handler := func(e *future.PanicError) { panic(e) }
	for _, opts := range [][]pool.Option{nil, options(pool.WithPanicHandler(handler))} {
		bubble(t, opts, func(t *testing.T, p *intPool) {
			for _, submit := range []func(*intGroup){
				func(g *intGroup) { g.Go(endings.panics, 0) },
				func(g *intGroup) { g.TryGo(endings.panics, 0) },
				func(g *intGroup) { g.Submit(endings.panics, 0) },
			} {
				g, _ := p.Group(t.Context())
				submit(g)
				_, err := g.Wait()
				var panicked *future.PanicError
				if !errors.As(err, &panicked) || panicked.Value != any(errTask) {
					t.Errorf("Wait: got %v, want a *future.PanicError of %v", err, errTask)
				}
			}
		})
	}
}

// The end of a group is told by its error: WithUnobserved hears nothing of it, but of a submit
// that came too late.
func TestGroupEnd_Unobserved(t *testing.T) {
	var told record[error]
	p := pool.New[int, int](pool.WithWorkers(1), pool.WithUnobserved(told.add))
	func() {
		g, _ := p.Group(t.Context())
		g.Submit(endings.fails, 0)
		g.Go(endings.fails, 0)
		_, _ = g.Wait()
		g.Submit(inc, 0)
		g.Go(inc, 0)
	}()
	_ = p.Close()
	for i := 0; len(told.all()) == 0 && i < 20; i++ {
		runtime.Gosched()
		runtime.GC()
	}
	if got := told.all(); len(got) != 1 || got[0] != pool.ErrClosed {
		t.Errorf("unobserved errors: got %v, want [%v]", got, pool.ErrClosed)
	}
}

// strangeCtx is a context that package context does not know, and has to watch by a goroutine.
type strangeCtx struct{ context.Context }

func (c strangeCtx) Done() <-chan struct{} { return make(chan struct{}) }

// A group that is over has let go of the context that it was made from. That no goroutine is left
// is the bubble's own check.
func TestGroupEnd_ReleasesItsContext(t *testing.T) {
	for _, end := range []func(*intGroup){func(g *intGroup) { _, _ = g.Wait() }, (*intGroup).Stop} {
		bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
			g, gctx := p.Group(strangeCtx{t.Context()})
			g.Go(inc, 0)
			end(g)
			if gctx.Err() == nil {
				t.Error("the group's ctx has not ended")
			}
		})
	}
}
