package pool_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/pool"
)

// atTheLimit submits a task to p that opens a group of q with a limit of one, and waits there. When
// slotTaken is open, the task inside of the group gives its seat to the one at the limit, and wants
// it back; it then opens second. cancels: the group's ctx ends before.
func atTheLimit(ctx context.Context, p, q *intPool, slotTaken, second gate, cancels bool) *intFuture {
	return p.Submit(ctx, func(ctx context.Context, n int) (int, error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		g, _ := q.Group(ctx, pool.Limit(1))
		g.Go(func(ctx context.Context, n int) (int, error) {
			<-slotTaken
			if cancels {
				cancel()
			}
			pool.Block(ctx, func() {})
			second.open()
			return n, nil
		}, 1)
		g.Go(inc, 1) // at the limit
		_, err := g.Wait()
		return n, err
	}, 0)
}

// A task opens a group of another pool, and waits at its limit, where it lends its slot, and then
// gets the seat it waited for, or is refused. The seat must be of use at once, and not when the
// task has its own slot back: whoever has that may be waiting for the seat.
func TestL6_GroupAtItsLimitInATaskOfAnotherPool(t *testing.T) {
	for _, refused := range []bool{false, true} {
		for _, shared := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				p, q := pool.New[int, int](pool.WithWorkers(1)), pool.New[int, int](pool.WithWorkers(4))
				defer q.Stop(nil)
				defer p.Stop(nil)
				if shared {
					p.Resize(4)
					p = pool.Share[int, int](p, pool.WithWorkers(1))
				}
				slotTaken, second := make(gate), make(gate)
				opener := atTheLimit(t.Context(), p, q, slotTaken, second, refused)
				synctest.Wait()
				other := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
					slotTaken.open()
					return second.hold(ctx, n)
				}, 0)
				wantSettled(t, opener, other)
			})
		}
	}
}

// wantSettled checks, inside a bubble, that tasks have come to their end.
func wantSettled(t *testing.T, fs ...*intFuture) {
	t.Helper()
	synctest.Wait()
	for i, f := range fs {
		if _, ok := f.Try(); !ok {
			t.Fatalf("task %d of %d is %v: they wait for each other", i, len(fs), f.State())
		}
	}
}

// The same, where the seat is there and the queue is full, so that the policy refuses the task.
func TestL6_GroupAtItsLimitInATaskOfAnotherPool_Refused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New[int, int](pool.WithWorkers(1))
		defer p.Stop(nil)
		q := pool.New[int, int](pool.WithWorkers(2), pool.WithQueue(1), pool.WithOnFull(pool.RejectWhenFull))
		defer q.Stop(nil)
		slotTaken, second, busy := make(gate), make(gate), make(gate)
		opener := atTheLimit(t.Context(), p, q, slotTaken, second, false)
		synctest.Wait()
		q.Submit(t.Context(), busy.hold, 0)
		synctest.Wait()
		q.Resize(1)                   // so that nobody takes the next from the queue
		q.Submit(t.Context(), inc, 0) // which is full then
		other := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			slotTaken.open()
			return second.hold(ctx, n)
		}, 0)
		synctest.Wait()
		busy.open()
		wantSettled(t, opener, other)
	})
}

// A task of a shared pool has its seat, and waits for room when the queue is closed: the seat is free
// before its submitter, a task of another pool, has its own slot back.
func TestL6_SharedPoolClosesWhileATaskOfAnotherWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New[int, int](pool.WithWorkers(1))
		defer p.Stop(nil)
		q := pool.New[int, int](pool.WithWorkers(1), pool.WithQueue(1))
		defer q.Stop(nil)
		v := pool.Share[int, int](q)
		busy, second := make(gate), make(gate)
		q.Submit(t.Context(), busy.hold, 0)
		synctest.Wait()
		q.Submit(t.Context(), inc, 0)
		waits := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			return v.Submit(ctx, inc, n).Await(ctx)
		}, 0)
		synctest.Wait()
		held := v.Submit(t.Context(), func(_ context.Context, n int) (int, error) { second.open(); return n, nil }, 1)
		other := p.Submit(t.Context(), second.hold, 0)
		synctest.Wait()
		go q.Close()
		synctest.Wait()
		busy.open()
		wantSettled(t, waits, other, held)
	})
}

// A task has got the weight that it waited for in a task of another pool: it is queued, and gives the
// weight back, before that one has its slot back.
func TestL6_SubmitWeightedInATaskOfAnotherPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New[int, int](pool.WithWorkers(1))
		defer p.Stop(nil)
		q := pool.New[int, int](pool.WithWorkers(4), pool.WithBudget(1))
		defer q.Stop(nil)
		first, second := make(gate), make(gate)
		q.SubmitWeighted(t.Context(), 1, first.hold, 1)
		waits := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			return q.SubmitWeighted(ctx, 1, inc, n).Await(ctx)
		}, 0)
		synctest.Wait()
		go q.SubmitWeighted(t.Context(), 1, func(_ context.Context, n int) (int, error) { second.open(); return n, nil }, 1)
		synctest.Wait()
		other := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			first.open()
			return second.hold(ctx, n)
		}, 0)
		wantSettled(t, waits, other)
	})
}
