package pool_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// Each pool counts its own tasks, wherever they are.
func TestShare_StatsOfEach(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2), pool.WithQueue(4)), func(t *testing.T, p *intPool) {
		v := pool.Share[int, int](p, pool.WithWorkers(2))
		want := func(what string, q *intPool, running, lent, queued int, accepted uint64) {
			t.Helper()
			synctest.Wait()
			s := q.Stats()
			if s.Running != running || s.Lent != lent || s.Queued != queued || s.Accepted != accepted {
				t.Errorf("%s: got %+v, want %d running, %d lent, %d queued, %d accepted", what, s, running, lent, queued, accepted)
			}
		}
		g, pr := make(gate), future.NewPromise[int]()
		p.Submit(t.Context(), g.hold, 0)
		v.Submit(t.Context(), g.hold, 0)
		synctest.Wait()
		queued := v.Submit(t.Context(), inc, 0)
		held := v.Submit(t.Context(), inc, 0)
		p.Submit(t.Context(), inc, 0)
		want("parent", p, 1, 0, 1, 2)
		want("view, with one queued and one held", v, 1, 0, 2, 3)
		queued.Cancel(nil)
		held.Cancel(nil)
		want("parent", p, 1, 0, 1, 2)
		want("view, with both cancelled", v, 1, 0, 0, 3)
		g.open()
		want("parent", p, 0, 0, 0, 2)
		want("view", v, 0, 0, 0, 3)
		waits := v.Submit(t.Context(), func(ctx context.Context, _ int) (int, error) { return pr.Future().Await(ctx) }, 0)
		want("view, with a waiting task", v, 1, 1, 0, 4)
		want("parent", p, 0, 0, 0, 2)
		pr.Resolve(1)
		wantValue(t, "the task that waits", waits, 1)
		// A task that fails without having run does not count as one that ran.
		other := future.NewPromise[int]()
		f := v.SubmitAfter(t.Context(), other.Future(), inc)
		other.Reject(errTask)
		wantFailure(t, "task whose argument fails", f, future.Failed, errTask)
		g = make(gate)
		for range 2 {
			v.Submit(t.Context(), g.hold, 0)
		}
		synctest.Wait()
		if s := v.Stats(); s.Running != 2 || s.Queued != 0 {
			t.Errorf("view: got %+v, want 2 running", s)
		}
		g.open()
		_ = v.Close()
		wantBalance(t, v)
	})
}
