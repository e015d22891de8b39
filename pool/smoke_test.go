package pool_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

func TestSmoke_Group(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New[int, int](pool.WithWorkers(1), pool.WithQueue(1))
		defer p.Close()
		double := func(_ context.Context, n int) (int, error) { time.Sleep(1); return 2 * n, nil }
		g, _ := p.Group(t.Context(), pool.Limit(2))
		for i := range 10 {
			g.Submit(double, i)
		}
		rs, err := g.Wait()
		if err != nil || len(rs) != 10 || rs[9] != 18 {
			t.Fatal(rs, err)
		}
		// nested
		var rec func(ctx context.Context, n int) (int, error)
		rec = func(ctx context.Context, n int) (int, error) {
			if n == 0 {
				return 1, nil
			}
			g, _ := p.Group(ctx, pool.Limit(1))
			g.Submit(rec, n-1)
			g.Submit(rec, n-1)
			rs, err := g.Wait()
			sum := 0
			for _, r := range rs {
				sum += r
			}
			return sum, err
		}
		n, err := p.Do(t.Context(), rec, 6)
		if n != 64 || err != nil {
			t.Fatal(n, err)
		}
		boom := errors.New("boom")
		err = p.Scope(t.Context(), func(ctx context.Context, g *pool.Group[int, int]) error {
			for i := range 20 {
				g.Go(func(ctx context.Context, n int) (int, error) {
					if n == 3 {
						return 0, boom
					}
					return 0, nil
				}, i)
			}
			return nil
		})
		if err != boom {
			t.Fatal(err)
		}
		t.Logf("%+v", p.Stats())
	})
}

func TestSmoke_Share(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New[int, int](pool.WithWorkers(3), pool.WithQueue(4))
		v := pool.Share[string, string](p, pool.WithWorkers(2))
		w := pool.Share[int, string](v, pool.WithWorkers(1))
		var running, most atomic.Int64
		fn := func(ctx context.Context, s string) (string, error) {
			if n := running.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(time.Second)
			running.Add(-1)
			return s + s, nil
		}
		var fs []*future.Future[string]
		for range 20 {
			fs = append(fs, v.Submit(t.Context(), fn, "a"))
			fs = append(fs, w.Submit(t.Context(), func(ctx context.Context, n int) (string, error) { return v.Submit(ctx, fn, "b").Await(ctx) }, 1))
		}
		if _, err := future.All(t.Context(), fs...); err != nil {
			t.Fatal(err)
		}
		if most.Load() != 2 {
			t.Fatal(most.Load())
		}
		synctest.Wait()
		t.Logf("%+v\n%+v\n%+v", p.Stats(), v.Stats(), w.Stats())
		for range 20 {
			v.Go(t.Context(), fn, "c")
		}
		p.Close()
		if s := v.Stats(); s.Succeeded != 60 {
			t.Fatalf("%+v", v.Stats())
		}
		if err := v.Go(t.Context(), fn, "x"); err != pool.ErrClosed {
			t.Fatal(err)
		}
		v.Close()
	})
}

func TestSmoke_After(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New[int, int](pool.WithWorkers(1), pool.WithBudget(3))
		pr := future.NewPromise[int]()
		f := p.SubmitAfter(t.Context(), pr.Future(), inc)
		g := p.SubmitAfter(t.Context(), f, inc)
		pr.Resolve(1)
		if v, err := g.Await(t.Context()); v != 3 || err != nil {
			t.Fatal(v, err)
		}
		h := p.SubmitAfter(t.Context(), future.NewPromise[int]().Future(), inc)
		var fs []*future.Future[int]
		for i := range 10 {
			fs = append(fs, p.SubmitWeighted(t.Context(), 2, func(ctx context.Context, n int) (int, error) { time.Sleep(1); return n, nil }, i))
		}
		_, err := future.All(t.Context(), fs...)
		if err != nil {
			t.Fatal(err)
		}
		n, err := p.Do(t.Context(), func(ctx context.Context, n int) (int, error) {
			a, b := p.SubmitWeighted(ctx, 2, inc, 1), p.SubmitWeighted(ctx, 2, inc, 2)
			x, y, err := future.Join2(ctx, a, b)
			return x + y, err
		}, 0)
		if n != 5 || err != nil {
			t.Fatal(n, err)
		}
		for _, f := range p.SubmitAll(t.Context(), inc, make([]int, 2000)) {
			if v, err := f.Await(t.Context()); v != 1 || err != nil {
				t.Fatal(v, err)
			}
		}
		p.Close()
		if _, err := h.Await(t.Context()); err != pool.ErrClosed {
			t.Fatal(err)
		}
	})
}

func TestSmoke_HooksAndUnobserved(t *testing.T) {
	var n atomic.Int64
	seen := make(chan error)
	h := &pool.Hooks{Queued: func(pool.TaskInfo) { n.Add(1) }, Started: func(pool.TaskInfo) { n.Add(1); panic(1) }, Finished: func(i pool.TaskInfo, s future.State, err error) { n.Add(1); runtime.Goexit() }}
	p := pool.New[int, int](pool.WithHooks(h), pool.WithUnobserved(func(err error) { seen <- err }))
	if v, err := p.Submit(t.Context(), inc, 1).Await(t.Context()); v != 2 || err != nil {
		t.Fatal(v, err)
	}
	boom := errors.New("boom")
	p.Submit(t.Context(), func(context.Context, int) (int, error) { return 0, boom }, 1)
	p.Close()
	for {
		runtime.GC()
		select {
		case err := <-seen:
			if err != boom || n.Load() != 6 {
				t.Fatal(err, n.Load())
			}
			return
		default:
		}
	}
}
