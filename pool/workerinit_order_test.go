package pool_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/pool"
)

// What a worker's init has not added itself is not a worker's value: the pool's ctx comes
// after the submitter's, init or not.
func TestWorkerInit_ThePoolsValuesComeLast(t *testing.T) {
	type key string
	base := context.WithValue(context.Background(), key("both"), "pool")
	base = context.WithValue(base, key("pool"), "pool")
	submit := context.WithValue(context.Background(), key("both"), "submitter")
	var seen any
	init := func(ctx context.Context) (context.Context, func()) {
		seen = ctx.Value(key("pool"))
		ctx, cancel := context.WithCancel(context.WithValue(ctx, key("worker"), "worker"))
		return ctx, cancel
	}
	for _, opts := range [][]pool.Option{nil, {pool.WithWorkerInit(init)}} {
		p := pool.New[int, [3]any](append(opts, pool.WithContext(base), pool.WithWorkers(1))...)
		got, _ := p.Do(submit, func(ctx context.Context, _ int) (v [3]any, err error) {
			for i, k := range []key{"both", "pool", "worker"} {
				v[i] = ctx.Value(k)
			}
			return v, nil
		}, 0)
		want := [3]any{"submitter", "pool", nil}
		if opts != nil {
			want[2] = "worker"
		}
		if got != want {
			t.Errorf("with %d more options: got %v, want %v", len(opts), got, want)
		}
		_ = p.Close()
	}
	if seen != "pool" {
		t.Errorf("in init: got %v, want the pool's value", seen)
	}
}

// A worker whose init takes long holds up nobody: neither a worker that sleeps, nor others
// that are to be started.
func TestWorkerInit_ASlowOneHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inits := 0 // a bubble's goroutines; ordered by synctest.Wait
		p := pool.New[int, int](pool.WithWorkers(3), pool.WithIdleTimeout(time.Hour),
			pool.WithWorkerInit(func(ctx context.Context) (context.Context, func()) {
				if inits++; inits > 1 {
					time.Sleep(time.Minute)
				}
				return ctx, nil
			}))
		hold := make(gate)
		p.Submit(t.Context(), hold.hold, 1)
		synctest.Wait()
		p.Submit(t.Context(), inc, 1) // for which a second worker is started, slowly
		synctest.Wait()
		hold.open()
		synctest.Wait() // the first has done both, and sleeps
		begin := time.Now()
		_, _ = p.Do(t.Context(), inc, 1)
		if d := time.Since(begin); d != 0 {
			t.Errorf("a task waited %v beside a worker that slept", d)
		}
		more := make(gate)
		p.Submit(t.Context(), more.hold, 1)
		synctest.Wait()
		p.Submit(t.Context(), more.hold, 1)
		synctest.Wait()
		if inits != 3 {
			t.Errorf("%d workers were started, want a third beside the slow second", inits)
		}
		more.open()
		_ = p.Close()
	})
}
