package pool_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// What ends a SubmitAll that waits for room: the rest is refused, each task by itself, and what
// was accepted before goes its way.
func TestL5_SubmitAllIsFreed(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(p *intPool, cancel context.CancelCauseFunc)
		ran  int // of the 3 that were accepted
		err  error
	}{
		{"ctx", func(_ *intPool, cancel context.CancelCauseFunc) { cancel(errBoom) }, 0, errBoom},
		{"Close", func(p *intPool, _ context.CancelCauseFunc) { _ = p.Close() }, 3, pool.ErrClosed},
		{"Stop", func(p *intPool, _ context.CancelCauseFunc) { p.Stop(errBoom) }, 0, nil},
	} {
		for _, kind := range []string{"plain", "hooks", "shared"} {
			t.Run(tt.name+", "+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					opts := options(pool.WithWorkers(1), pool.WithQueue(3))
					if kind == "hooks" {
						opts = append(opts, pool.WithHooks(allHooks(func() {})))
					}
					p := pool.New[int, int](opts...)
					parent := p
					g := make(gate)
					busy := p.Submit(t.Context(), g.hold, 0)
					synctest.Wait()
					if kind == "shared" {
						p = pool.Share[int, int](p, pool.WithWorkers(3))
					}
					ctx, cancel := context.WithCancelCause(t.Context())
					defer cancel(nil)
					const n = 100
					var fs []*intFuture
					submitted := start(func() { fs = p.SubmitAll(ctx, inc, make([]int, n)) })
					wantOver(t, "SubmitAll", submitted, false)
					ended := start(func() { tt.end(p, cancel) })
					wantOver(t, "SubmitAll", submitted, true)
					g.open()
					<-ended
					wantValue(t, "the one before", busy, 0)
					_ = parent.Close()
					ran := 0
					for i, f := range fs {
						r, ok := f.Try()
						switch {
						case !ok:
							t.Fatalf("future %d is %v after Close", i, f.State())
						case r.Err == nil:
							ran++
						default:
							wantState(t, "a refused one", f, future.Canceled)
							if i == n-1 && tt.err != nil {
								wantErr(t, "the last", r.Err, tt.err)
							}
						}
					}
					// A shared pool holds as many as the queue takes, besides those in the queue.
					if want := tt.ran; ran != want && !(kind == "shared" && ran == 2*want) {
						t.Errorf("%d of %d have run, want %d", ran, n, want)
					}
					wantBalance(t, p)
				})
			})
		}
	}
}

// More than one batch beside other submitters, on pools of each kind: all results, each in its
// place.
func TestSubmitAll_InPlace(t *testing.T) {
	for _, opts := range [][]pool.Option{
		options(pool.WithWorkers(3), pool.WithQueue(2)),
		options(pool.WithWorkers(3), pool.WithUnboundedQueue()),
		options(pool.WithWorkers(3), pool.WithQueue(5), pool.WithOnFull(pool.CallerRunsWhenFull)),
	} {
		p := pool.New[int, int](opts...)
		v := pool.Share[int, int](p, pool.WithWorkers(1))
		n := scaled(2000)
		args := make([]int, n)
		for i := range args {
			args[i] = i
		}
		var ends []<-chan struct{}
		for _, q := range []*intPool{p, v, p} {
			ends = append(ends, start(func() {
				vs, err := future.All(context.Background(), q.SubmitAll(context.Background(), inc, args)...)
				if err != nil || len(vs) != n {
					t.Errorf("got %d values, %v, want %d", len(vs), err, n)
				}
				for i, v := range vs {
					if v != i+1 {
						t.Errorf("value %d: got %d, want %d", i, v, i+1)
						return
					}
				}
			}))
		}
		for _, end := range ends {
			<-end
		}
		_ = p.Close()
		wantBalance(t, p)
		wantBalance(t, v)
	}
}
