package pool_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// A task of one pool waits for what another has too little of, its budget or the limit of a group.
// Its own slot is lent meanwhile: what it waits for may need it.
func TestL6_WaitsAtAnotherPool(t *testing.T) {
	for _, tt := range []struct {
		name string
		// submit submits two tasks to p, and waits before the second until the first has ended.
		submit func(ctx context.Context, p *intPool, first, second intFunc) error
	}{
		{"SubmitWeighted", func(ctx context.Context, p *intPool, first, second intFunc) error {
			a := p.SubmitWeighted(ctx, 1, first, 1)
			b := p.SubmitWeighted(ctx, 1, second, 2)
			_, err := future.All(ctx, a, b)
			return err
		}},
		{"Group", func(ctx context.Context, p *intPool, first, second intFunc) error {
			g, _ := p.Group(ctx, pool.Limit(1))
			g.Submit(first, 1)
			g.Submit(second, 2)
			_, err := g.Wait()
			return err
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := pool.New[int, int](pool.WithWorkers(2), pool.WithBudget(1))
				q := pool.New[int, int](pool.WithWorkers(1)) // of the task that waits
				var order record[int]
				note := func(_ context.Context, n int) (int, error) { order.add(n); return n, nil }
				outer := q.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
					return n, tt.submit(ctx, p, func(_ context.Context, n int) (int, error) {
						order.add(n)
						return q.Do(t.Context(), inc, n) // not with its own ctx: it keeps its seat
					}, note)
				}, 7)
				wantValue(t, "the task that waits", outer, 7)
				if got := order.all(); len(got) != 2 || got[0] != 1 {
					t.Errorf("ran in the order %v, want 1 2", got)
				}
				_ = p.Close()
				_ = q.Close()
				wantBalance(t, p)
				wantBalance(t, q)
			})
		})
	}
}

// A task of a shared pool awaits one of the parent, runs it in its own slot, and lets its seat to a
// sibling meanwhile. When it comes back the seat is taken: it waits for that, but not with the slot
// in its hand.
func TestL3_Share_ComesBackToATakenSeat(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
		v := pool.Share[int, int](p, pool.WithWorkers(1))
		other, awaited, sibling := make(gate), make(gate), make(gate)
		var g gauge
		p.Submit(t.Context(), other.hold, 0) // one worker
		f := v.Submit(t.Context(), g.task(func(ctx context.Context, n int) (v int, err error) {
			inner := p.Submit(context.WithoutCancel(ctx), awaited.hold, n)
			g.outside(func() { v, err = inner.Await(ctx) })
			return v, err
		}), 5)
		second := v.Submit(t.Context(), g.task(sibling.hold), 6) // held, until the seat is lent
		synctest.Wait()
		other.open()
		synctest.Wait()
		if s := v.Stats(); s.Running != 2 {
			t.Errorf("the sibling in the seat, the other awaits: got %+v, want 2 running", s)
		}
		awaited.open()
		synctest.Wait()
		wantState(t, "the task that comes back, while its seat is taken", f, future.Running)
		wantValue(t, "a task of the parent, in the slot that it had", p.Submit(t.Context(), inc, 1), 2)
		wantState(t, "the sibling", second, future.Running)
		sibling.open()
		wantValue(t, "the task that comes back", f, 5)
		wantValue(t, "the sibling", second, 6)
		g.wantPeak(t, 1)
		_ = v.Close()
		wantBalance(t, v)
	})
}

// With WithCrashOnPanic what runs inside its submitter, or its awaiter, does so on a goroutine of
// its own, so that nothing above it can recover its panic; without, on the caller's.
func TestL10_CrashRunsWhatRunsInsideOnItsOwnGoroutine(t *testing.T) {
	for _, crash := range []bool{false, true} {
		opts := options(pool.WithWorkers(1), pool.WithQueue(1), pool.WithOnFull(pool.CallerRunsWhenFull))
		if crash {
			opts = append(opts, pool.WithCrashOnPanic())
		}
		bubble(t, opts, func(t *testing.T, p *intPool) {
			me := func(context.Context, int) (int, error) { return goroutineID(), nil }
			f := p.Submit(t.Context(), func(ctx context.Context, _ int) (int, error) {
				queued := p.Submit(ctx, me, 0)
				callers := p.Submit(ctx, me, 0)
				for what, f := range map[string]*intFuture{"run by its submitter": callers, "run by its awaiter": queued} {
					if id, err := f.Await(ctx); (id != goroutineID()) != crash || err != nil {
						t.Errorf("crash %t, %s: on a goroutine of its own: %t, %v, want %t", crash, what, id != goroutineID(), err, crash)
					}
				}
				return 1, nil
			}, 0)
			wantValue(t, "the task", f, 1)
		})
	}
}

// The hook that hears of the oldest being dropped sees to it that the shared pool is closed: then
// there is room, and the new task is refused all the same, and the others are let in.
func TestPolicies_Share_DropOldestAsItCloses(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
		var v *intPool
		var closed <-chan struct{}
		v = pool.Share[int, int](p, pool.WithOnFull(pool.DropOldestWhenFull), pool.WithHooks(&pool.Hooks{
			Finished: func(_ pool.TaskInfo, s future.State, _ error) {
				if s == future.Canceled && closed == nil {
					closed = start(func() { _ = v.Close() })
					synctest.Wait()
				}
			},
		}))
		g := make(gate)
		runs := v.Submit(t.Context(), g.hold, 0)
		synctest.Wait()
		held := v.Submit(t.Context(), inc, 0)
		late := v.Submit(t.Context(), inc, 0)
		wantFailure(t, "the oldest", held, future.Canceled, pool.ErrDropped)
		wantFailure(t, "the new one", late, future.Canceled, pool.ErrClosed)
		wantOver(t, "Close, while a task runs,", closed, false)
		wantState(t, "one of the parent", p.Submit(t.Context(), inc, 1), future.Pending)
		g.open()
		wantOver(t, "Close", closed, true)
		wantValue(t, "the one that ran", runs, 0)
		wantBalance(t, v)
		if s := v.Stats(); s.Accepted != 2 || s.Dropped != 1 || s.Rejected != 1 {
			t.Errorf("got %+v, want 2 accepted, 1 of them dropped, 1 rejected", s)
		}
	})
}
