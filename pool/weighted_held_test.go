package pool_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// heldTasks submits tasks of the given weights inside a task, and returns their futures.
func heldTasks(t *testing.T, p *intPool, fn intFunc, weights ...int64) []*intFuture {
	t.Helper()
	var fs []*intFuture
	_, err := p.Do(t.Context(), func(ctx context.Context, n int) (int, error) {
		for i, w := range weights {
			fs = append(fs, p.SubmitWeighted(context.WithoutCancel(ctx), w, fn, i))
		}
		return 0, nil
	}, 0)
	if err != nil {
		t.Error(err)
	}
	return fs
}

// Those that are held are admitted in the order of submission: none overtakes one that needs
// more, and a cancelled one holds up nobody.
func TestL4_SubmitWeightedInsideATask(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithBudget(3)), func(t *testing.T, p *intPool) {
		var order record[int]
		note := func(_ context.Context, n int) (int, error) { order.add(n); return n, nil }
		g := make(gate)
		busy := pool.Share[int, int](p) // whose task does not hold up the worker
		lent := busy.SubmitWeighted(t.Context(), 2, func(ctx context.Context, n int) (int, error) {
			pool.Block(ctx, func() { <-g })
			return n, nil
		}, 0)
		fs := heldTasks(t, p, note, 2, 1, 3, 1, 3, 2, 1, 1)
		fs[2].Cancel(nil)
		synctest.Wait()
		if got := order.all(); len(got) != 0 {
			t.Fatalf("started before there was weight: %v", got)
		}
		g.open()
		wantValue(t, "the first", lent, 0)
		want := []int{0, 1, 3, 4, 5, 6, 7}
		for _, i := range want {
			wantValue(t, "a held one", fs[i], i)
		}
		if got := order.all(); !slices.Equal(got, want) {
			t.Errorf("order of starts: got %v, want %v", got, want)
		}
		if s := p.Stats(); s.Accepted != 8 || s.Rejected != 1 {
			t.Errorf("got %d accepted and %d rejected, want 8 and 1", s.Accepted, s.Rejected)
		}
	})
}

// One goroutine waits for all, and none is left when the pool is down, whatever it waits for.
func TestL13_HeldWeightedTasks(t *testing.T) {
	for _, way := range waysDown {
		synctest.Test(t, func(t *testing.T) {
			p := pool.New[int, int](pool.WithWorkers(2), pool.WithBudget(1))
			v := pool.Share[int, int](p)
			g := make(gate)
			p.SubmitWeighted(t.Context(), 1, func(ctx context.Context, n int) (int, error) {
				select {
				case <-g:
				case <-ctx.Done():
				}
				return n, nil
			}, 0)
			before := goroutines()
			var ones [100]int64
			for i := range ones {
				ones[i] = 1
			}
			fs := heldTasks(t, p, inc, ones[:]...)
			fs = append(fs, heldTasks(t, v, inc, ones[:]...)...)
			synctest.Wait()
			if n := goroutines() - before; n > 2 { // and a worker
				t.Errorf("200 held tasks have %d goroutines, want 1", n)
			}
			opener := time.AfterFunc(time.Second, g.open)
			way.down(p)
			opener.Stop()
			for i, f := range fs {
				if _, ok := f.Try(); !ok {
					t.Fatalf("future %d is %v after %s", i, f.State(), way.name)
				}
			}
			wantBalance(t, p)
			wantBalance(t, v)
		})
	}
}

// A shared pool is closed while the parent's tasks stand before its own in the line.
func TestL13_HeldWeightedTasksOfAViewInOneLine(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2), pool.WithBudget(1)), func(t *testing.T, p *intPool) {
		v := pool.Share[int, int](p)
		g := make(gate)
		p.SubmitWeighted(t.Context(), 1, g.hold, 0)
		first := heldTasks(t, p, inc, 1)[0]
		second := heldTasks(t, v, inc, 1)[0]
		synctest.Wait()
		wantOver(t, "Close of the shared pool", start(func() { _ = v.Close() }), true)
		wantFailure(t, "its task", second, future.Canceled, pool.ErrClosed)
		wantState(t, "the parent's", first, future.Pending)
		g.open()
		wantValue(t, "the parent's", first, 1)
		wantBalance(t, v)
	})
}

// Held tasks, cancelled at random: the budget is kept, and comes back whole.
func TestL1_HeldWeightedStress(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	p := pool.New[int, int](pool.WithWorkers(3), pool.WithQueue(2), pool.WithBudget(5))
	v := pool.Share[int, int](p, pool.WithWorkers(2))
	var s scales
	yield := func(_ context.Context, n int) (int, error) { runtime.Gosched(); return n, nil }
	for range scaled(300) {
		q := p
		if rnd.IntN(2) == 0 {
			q = v
		}
		var weights [10]int64
		var victims [3]int
		for i := range weights {
			weights[i] = 1 + rnd.Int64N(5)
		}
		for i := range victims {
			victims[i] = rnd.IntN(10)
		}
		_, err := q.Do(t.Context(), func(ctx context.Context, n int) (int, error) {
			var fs []*intFuture
			for i, w := range weights {
				fs = append(fs, q.SubmitWeighted(ctx, w, s.task(w, yield), i))
			}
			for _, i := range victims {
				fs[i].Cancel(nil)
			}
			future.Settle(ctx, fs...)
			return n, nil
		}, 0)
		if err != nil {
			t.Fatal(err)
		}
	}
	if most := s.most.Load(); most > 5 {
		t.Errorf("the most weight that ran at once: got %d, want at most 5", most)
	}
	wantValue(t, "the whole budget", p.SubmitWeighted(t.Context(), 5, inc, 1), 2)
	for _, q := range []*intPool{v, p} {
		_ = q.Close()
		wantBalance(t, q)
	}
}

// The weight comes as the task is cancelled: it is not lost, whoever of the two is first.
func TestL1_HeldWeightedRacesCancel(t *testing.T) {
	p := pool.New[int, int](pool.WithWorkers(2), pool.WithBudget(1))
	for range scaled(5000) {
		g := make(gate)
		busy := p.SubmitWeighted(t.Context(), 1, g.hold, 0)
		fs := heldTasks(t, p, inc, 1, 1, 1)
		cancelled := start(func() {
			for _, f := range fs {
				f.Cancel(nil)
			}
		})
		g.open()
		wantValue(t, "the busy one", busy, 0)
		<-cancelled
		future.Settle(t.Context(), fs...)
	}
	f, err := p.Do(t.Context(), func(ctx context.Context, n int) (int, error) {
		return p.SubmitWeighted(ctx, 1, inc, n).Await(ctx) // held, if the budget is not whole
	}, 1)
	if f != 2 || err != nil {
		t.Errorf("the whole budget: got %d, %v, want 2", f, err)
	}
	_ = p.Close()
	wantBalance(t, p)
}

// Held tasks and submitters that wait are served in one order: as they came.
func TestSubmitWeighted_HeldAndWaitingInOneLine(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2), pool.WithBudget(1)), func(t *testing.T, p *intPool) {
		g, held := make(gate), make(gate)
		var order record[int]
		note := func(_ context.Context, n int) (int, error) { order.add(n); return n, nil }
		p.SubmitWeighted(t.Context(), 1, g.hold, 0)
		outer := func(ctx context.Context, _ int) (int, error) {
			for i := range 3 {
				p.SubmitWeighted(context.WithoutCancel(ctx), 1, note, i)
			}
			held.open()
			return 0, nil
		}
		p.Submit(t.Context(), outer, 0)
		<-held
		synctest.Wait()
		over := start(func() { p.SubmitWeighted(t.Context(), 1, note, 3) })
		synctest.Wait()
		g.open()
		<-over
		synctest.Wait()
		if got := order.all(); !slices.Equal(got, []int{0, 1, 2, 3}) {
			t.Errorf("served in the order %v, want 0 1 2 3", got)
		}
	})
}
