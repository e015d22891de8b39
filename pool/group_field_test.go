package pool_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// golang/go #61611: a group goes on to start tasks when its ctx is dead.
func TestField25_NoTaskStartsAfterTheGroupsCtxIsDead(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		ctx, cancel := context.WithCancelCause(t.Context())
		g, _ := p.Group(ctx)
		var ran atomic.Int64
		worker := full(p, 0)
		queued := g.Submit(counted(&ran), 0)
		g.Go(counted(&ran), 0)
		cancel(errStop)
		late := g.Submit(counted(&ran), 0)
		wantFailure(t, "submit after the ctx has died", late, future.Canceled, errStop, future.ErrCanceled)
		g.Go(counted(&ran), 0)
		if g.TryGo(counted(&ran), 0) {
			t.Error("TryGo after the ctx has died: got true, want false")
		}
		worker.open()
		wantFailure(t, "task that was queued", queued, future.Canceled, errStop, future.ErrCanceled)
		_, err := g.Wait()
		wantErr(t, "Wait", err, errStop)
		dead, _ := p.Group(ctx)
		wantFailure(t, "submit to a group that was opened with a dead ctx", dead.Submit(counted(&ran), 0), future.Canceled, errStop)
		dead.Stop()
		if n := ran.Load(); n != 0 {
			t.Errorf("tasks that ran: got %d, want 0", n)
		}
	})
}

// A slowCtx is a context that is slow to let go of those that are made from it and cancelled, by
// when they have ended already: it waits in a call of its Done, which package context makes then.
type slowCtx struct {
	context.Context
	armed *atomic.Bool
	wait  func()
}

func (c slowCtx) Done() <-chan struct{} {
	if c.armed.CompareAndSwap(true, false) {
		c.wait()
	}
	return c.Context.Done()
}

// sourcegraph #38681: the first error is lost, because the ctx is cancelled before the error is
// recorded, and a task that obeys is quicker. With WithFailFast there are two who record and two
// who cancel: both must record before either cancels.
func TestField26_FirstErrorIsRecordedBeforeTheCtxIsCancelled(t *testing.T) {
	for _, slow := range []string{"group", "pool"} {
		t.Run("the cancel of the "+slow, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var armed atomic.Bool
				var obeys *intFuture
				var gctx context.Context
				ctx := slowCtx{t.Context(), &armed, func() {
					<-obeys.Done()
					// That one has failed too, so its slot is free; the first may not have got that far.
					if cause := context.Cause(gctx); cause != errTask {
						t.Errorf("cause of the group's ctx when a failed task has settled: got %v, want %v", cause, errTask)
					}
				}}
				opts, group, first := options(pool.WithWorkers(2)), context.Context(ctx), error(nil)
				if slow == "pool" {
					opts = append(opts, pool.WithFailFast(), pool.WithContext(ctx))
					group, first = t.Context(), errTask
				}
				p := pool.New[int, int](opts...)
				var g *intGroup
				g, gctx = p.Group(group)
				obeys = g.Submit(func(ctx context.Context, _ int) (int, error) { <-ctx.Done(); return 0, ctx.Err() }, 0)
				synctest.Wait()
				g.Go(func(context.Context, int) (int, error) {
					armed.Store(true)
					return 0, errTask
				}, 0)
				if _, err := g.Wait(); err != errTask {
					t.Errorf("Wait: got %v, want %v", err, errTask)
				}
				if err := p.Close(); err != first {
					t.Errorf("Close: got %v, want %v", err, first)
				}
				if armed.Load() {
					t.Error("the ctx was not asked; the test is out of date")
				}
			})
		})
	}
}

// dotnet #65963, #58981: the errors of those that were cancelled bury the real one; and the
// filter against that drops everything when there is no real one.
func TestField28_InducedErrorsDoNotBuryTheRealOne(t *testing.T) {
	for _, real := range []bool{true, false} {
		bubble(t, options(pool.WithWorkers(3)), func(t *testing.T, p *intPool) {
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			g, _ := p.Group(ctx, pool.JoinErrors(10))
			begin := make(gate)
			g.Go(untilDone, 0)
			g.Go(func(ctx context.Context, _ int) (int, error) { <-ctx.Done(); return 0, ctx.Err() }, 0)
			g.Go(func(ctx context.Context, _ int) (int, error) {
				<-begin
				if real {
					return 0, errTask
				}
				cancel(errStop)
				<-ctx.Done()
				return 0, ctx.Err()
			}, 0)
			for range 5 {
				g.Go(inc, 0)
			}
			synctest.Wait()
			begin.open()
			_, err := g.Wait()
			errs := joined(t, err)
			if real && (len(errs) != 1 || errs[0] != errTask) {
				t.Errorf("a task failed: got %q, want just its error", errs)
			}
			if !real && len(errs) != 1 {
				t.Errorf("the group was cancelled from outside: got %q, want one error", errs)
			}
		})
	}
}
