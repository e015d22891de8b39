package pool_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// L8: the first failure ends the contexts of the items that run, with itself as the cause;
// no other starts. L12: Map returns when they have returned.
func TestL8_MapFailureCancelsTheRest(t *testing.T) {
	for _, where := range []string{"outside", "inside"} {
		for name, failing := range map[string]intFunc{
			"error": endings.fails, "panic": endings.panics, "exit": endings.exits,
		} {
			if where == "inside" && name == "exit" {
				continue // it may end the caller: TestL11_MapGoexitEndsTheCallingTask
			}
			t.Run(where+", "+name, func(t *testing.T) {
				bubble(t, options(pool.WithWorkers(3)), func(t *testing.T, p *intPool) {
					var started atomic.Int64
					var causes record[error]
					fail, obey := make(gate), make(gate)
					item := func(ctx context.Context, n int) (int, error) {
						started.Add(1)
						if n == 1 {
							<-fail
							return failing(ctx, n)
						}
						<-ctx.Done()
						causes.add(context.Cause(ctx))
						<-obey
						return n + 100, ctx.Err()
					}
					var out []int
					var err error
					over := start(func() {
						if where == "outside" {
							out, err = p.Map(t.Context(), item, numbers(50))
							return
						}
						_, _ = p.Do(t.Context(), func(ctx context.Context, _ int) (int, error) {
							out, err = p.Map(ctx, item, numbers(50))
							return 0, nil
						}, 0)
					})
					wantOver(t, "Map whose items run", over, false)
					fail.open()
					wantOver(t, "Map whose items have not obeyed", over, false)
					obey.open()
					<-over
					want := errTask
					if name == "exit" {
						want = future.ErrGoexit
					}
					wantIndex(t, "Map", err, 1, want)
					if n := started.Load(); n != 3 {
						t.Errorf("%d items started, want 3", n)
					}
					for _, cause := range causes.all() {
						if cause != err {
							t.Errorf("the cause that an item saw: got %v, want what Map returns, %v", cause, err)
						}
					}
					if len(out) != 50 || out[0] != 100 || out[2] != 102 || out[3] != 0 {
						t.Errorf("results: got %v, want 50, with 100 and 102 from the items that were cancelled", out)
					}
					var pe *future.PanicError
					if got := errors.As(err, &pe); got != (name == "panic") {
						t.Errorf("Map: got %v, a *PanicError: %t", err, got)
					}
				})
			})
		}
	}
}

// L8: what ends the Map from outside reaches the items, and what has not started never will.
func TestL8_MapCtxEnds(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(p *intPool, cancel context.CancelCauseFunc)
	}{
		{"ctx", func(_ *intPool, cancel context.CancelCauseFunc) { cancel(errStop) }},
		{"Stop", func(p *intPool, _ context.CancelCauseFunc) { go p.Stop(errStop) }},
	} {
		for _, obeys := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, items obey: %t", tt.name, obeys), func(t *testing.T) {
				bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
					ctx, cancel := context.WithCancelCause(t.Context())
					defer cancel(nil)
					var started atomic.Int64
					var out []int
					var err error
					over := start(func() {
						out, err = p.Map(ctx, func(ctx context.Context, n int) (int, error) {
							started.Add(1)
							if n < 80 { // some, so that runners look at Done
								return n + 1, nil
							}
							<-ctx.Done()
							if obeys {
								return 0, context.Cause(ctx)
							}
							return n + 1, nil
						}, numbers(100))
					})
					synctest.Wait()
					tt.end(p, cancel)
					<-over
					wantErr(t, "Map", err, errStop)
					var ie *future.IndexError
					if !errors.As(err, &ie) || len(out) != 100 || out[79] != 80 {
						t.Errorf("got %v, %v, want 100 results and an *IndexError", out, err)
					}
					if !obeys {
						wantErr(t, "Map with items that succeed", err, future.ErrCanceled, context.Canceled)
					}
					if n := started.Load(); n != 82 {
						t.Errorf("%d items started, want 82", n)
					}
				})
			})
		}
	}
}

// A ctx that ends when everything has run changes nothing; one that was dead starts nothing,
// and one that ends while the Map is in the queue ends the wait.
func TestL8_MapCtxEndsEarlyOrLate(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
		ctx, cancel := context.WithCancelCause(t.Context())
		out, err := p.Map(ctx, func(_ context.Context, n int) (int, error) {
			if n == 4 {
				cancel(errStop)
			}
			return n + 1, nil
		}, numbers(5))
		wantMap(t, "cancelled by its last item", 5, out, err)

		out, err = p.Map(ctx, inc, numbers(5))
		wantIndex(t, "dead ctx", err, 0, errStop, context.Canceled)
		if len(out) != 5 || out[0] != 0 {
			t.Errorf("dead ctx: got results %v, want 5 zeros", out)
		}

		worker := full(p, 0)
		for range 2 { // in the queue, and waiting for room
			ctx, cancel = context.WithCancelCause(t.Context())
			var errs [2]error
			a := start(func() { _, errs[0] = p.Map(ctx, inc, numbers(5)) })
			synctest.Wait()
			b := start(func() { _, errs[1] = p.Map(ctx, inc, numbers(5)) })
			wantOver(t, "a Map in the queue", a, false)
			cancel(errStop)
			wantOver(t, "a Map in the queue, cancelled", a, true)
			wantOver(t, "a Map in front of the queue, cancelled", b, true)
			wantIndex(t, "in the queue", errs[0], 0, errStop)
			wantIndex(t, "in front of it", errs[1], 0, errStop)
		}
		worker.open()
	})
}
