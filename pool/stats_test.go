package pool_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// The gauges of Stats at each step of a pool's life, when everything is parked.
func TestStats_Gauges(t *testing.T) {
	want := func(t *testing.T, p *intPool, when string, running, lent, idle, queued int) {
		t.Helper()
		synctest.Wait()
		s := p.Stats()
		if s.Running != running || s.Lent != lent || s.Idle != idle || s.Queued != queued {
			t.Errorf("%s: got %d running, %d lent, %d idle, %d queued, want %d, %d, %d, %d", when,
				s.Running, s.Lent, s.Idle, s.Queued, running, lent, idle, queued)
		}
	}
	bubble(t, options(pool.WithWorkers(2), pool.WithQueue(8)), func(t *testing.T, p *intPool) {
		want(t, p, "new", 0, 0, 0, 0)
		hold, release := make(gate), make(gate)
		p.Submit(t.Context(), hold.hold, 1)
		want(t, p, "one task", 1, 0, 0, 0)
		promise := future.NewPromise[int]()
		p.Submit(t.Context(), func(ctx context.Context, _ int) (int, error) { return promise.Future().Await(ctx) }, 1)
		want(t, p, "and one parked in Await", 2, 1, 0, 0)
		p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			pool.Block(ctx, func() { <-release })
			return n, nil
		}, 1)
		want(t, p, "and one parked in Block", 3, 2, 0, 0)
		_ = p.Go(t.Context(), hold.hold, 1)
		want(t, p, "and a Go", 4, 2, 0, 0)
		var queued *intFuture
		for i := range 3 {
			queued = p.Submit(t.Context(), hold.hold, i)
		}
		want(t, p, "and three in the queue", 4, 2, 0, 3)
		promise.Resolve(7)
		release.open()
		want(t, p, "and those that lent their slots want them back", 4, 2, 0, 3)
		queued.Cancel(nil)
		want(t, p, "one in the queue was cancelled", 4, 2, 0, 3) // until a worker has passed its entry
		hold.open()
		want(t, p, "all over", 0, 0, 2, 0)
	})
}

// Each counter, by all ways to submit, against each way to end.
func TestStats_Counters(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithPanicHandler(func(*future.PanicError) {})), func(t *testing.T, p *intPool) {
		const each = 70 // more than the tasks that a worker may be behind in counting
		for _, fn := range []intFunc{inc, endings.fails, endings.panics, endings.exits} {
			for i := range each {
				_ = p.Go(t.Context(), fn, i)
				_, _ = p.TrySubmit(t.Context(), fn, i)
				_, _ = p.Do(t.Context(), fn, i)
				_, _ = p.Submit(t.Context(), fn, i).Await(t.Context())
				_, _ = p.Do(t.Context(), func(ctx context.Context, n int) (int, error) {
					_, _ = p.Submit(ctx, fn, n).Await(ctx) // an exit ends this task too
					return n, nil
				}, i)
			}
		}
		synctest.Wait()
		wantCounts(t, p, pool.Stats{
			Accepted:  4 * 6 * each,
			Succeeded: 5*each + 3*each,
			Failed:    5*each + 5*each + each,
			Panicked:  5 * each,
		})
	})
}

func TestStats_CanceledAndRejected(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(4)), func(t *testing.T, p *intPool) {
		hold := make(gate)
		p.Submit(t.Context(), hold.hold, 1)
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		_ = p.Go(ctx, inc, 1)
		p.Submit(ctx, inc, 1)
		p.Submit(t.Context(), inc, 1).Cancel(nil)
		p.Submit(t.Context(), inc, 1)
		_, _ = p.TrySubmit(t.Context(), inc, 1)
		cancel()
		_ = p.Go(ctx, inc, 1)
		_ = p.Submit(ctx, inc, 1)
		hold.open()
		synctest.Wait()
		wantCounts(t, p, pool.Stats{Accepted: 5, Succeeded: 2, Canceled: 3, Rejected: 3})
	})
}

func TestStats_Resize(t *testing.T) {
	bubble(t, options(pool.WithWorkers(4)), func(t *testing.T, p *intPool) {
		hold := make(gate)
		for i := range 4 {
			p.Submit(t.Context(), hold.hold, i)
		}
		synctest.Wait()
		p.Resize(2)
		if s := p.Stats(); s.Limit != 2 || s.Running != 4 {
			t.Errorf("after Resize(2) with 4 running: got limit %d, %d running, want 2, 4", s.Limit, s.Running)
		}
		hold.open()
		synctest.Wait()
		if s := p.Stats(); s.Running != 0 || s.Idle > 2 {
			t.Errorf("when they are over: got %d running, %d idle, want 0, 2 at most", s.Running, s.Idle)
		}
	})
}

// While tasks come and go, what a snapshot says stays within reason.
func TestStats_WhileRunning(t *testing.T) {
	const workers, queue = 2, 4
	p := pool.New[int, int](pool.WithWorkers(workers), pool.WithQueue(queue))
	var producers sync.WaitGroup
	for range 2 {
		producers.Go(func() {
			for i := range scaled(500) {
				_ = p.Go(t.Context(), inc, i)
				p.Submit(t.Context(), inc, i)
			}
		})
	}
	over := start(producers.Wait)
	var last pool.Stats
	for !isOver(over) {
		s := p.Stats()
		ended := s.Succeeded + s.Failed + s.Panicked + s.Canceled + s.Dropped
		if s.Limit != workers || s.QueueCap != queue || s.Running < 0 || s.Running > workers || s.Queued < 0 || s.Queued > queue ||
			s.Idle < 0 || s.Idle > workers || s.Lent != 0 || ended > s.Accepted || s.Accepted < last.Accepted || s.Succeeded < last.Succeeded {
			t.Fatalf("a snapshot out of bounds: %+v, after %+v", s, last)
		}
		last = s
	}
	_ = p.Close()
	wantBalance(t, p)
	if n := uint64(4 * scaled(500)); p.Stats().Succeeded != n {
		t.Errorf("got %d succeeded, want %d", p.Stats().Succeeded, n)
	}
}
