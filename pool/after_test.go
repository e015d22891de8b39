package pool_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// The value is handed over, whenever the argument settles, and whoever settles it.
func TestSubmitAfter_HandsTheValueOver(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
		wantValue(t, "settled before", p.SubmitAfter(t.Context(), future.Resolved(1), inc), 2)
		arg := future.NewPromise[int]()
		f := p.SubmitAfter(t.Context(), arg.Future(), inc)
		g := p.SubmitAfter(t.Context(), f, inc)
		synctest.Wait()
		wantState(t, "the argument is pending", f, future.Pending)
		arg.Resolve(1)
		wantValue(t, "after a promise", f, 2)
		wantValue(t, "after a task", g, 3)
		wantValue(t, "after another pool's task", p.SubmitAfter(t.Context(), future.Go(t.Context(),
			func(context.Context) (int, error) { return 5, nil }), inc), 6)
	})
}

// No worker waits, no goroutine, and a full queue is no obstacle.
func TestSubmitAfter_NobodyWaits(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
		before := goroutines()
		arg := future.NewPromise[int]()
		var fs []*intFuture
		for range 100 {
			fs = append(fs, p.SubmitAfter(t.Context(), arg.Future(), inc))
		}
		synctest.Wait()
		if n := goroutines() - before; n > 0 {
			t.Errorf("100 tasks wait for their argument with %d goroutines, want 0", n)
		}
		g := make(gate)
		p.Submit(t.Context(), g.hold, 0)
		over := start(func() { arg.Resolve(1) })
		wantOver(t, "Resolve, before a full queue", over, true)
		g.open()
		for _, f := range fs {
			wantValue(t, "a waiting task", f, 2)
		}
	})
}

// The ways in which a waiting task ends without having run.
func TestSubmitAfter_NeverRuns(t *testing.T) {
	ran := func(context.Context, int) (int, error) { panic("it ran") }
	for _, tt := range []struct {
		name  string
		end   func(p *intPool, arg *future.Promise[int], cancel context.CancelCauseFunc, f *intFuture)
		state future.State
		want  error
	}{
		{"arg fails", func(_ *intPool, arg *future.Promise[int], _ context.CancelCauseFunc, _ *intFuture) {
			arg.Reject(errBoom)
		}, future.Failed, errBoom},
		{"ctx ends", func(_ *intPool, _ *future.Promise[int], cancel context.CancelCauseFunc, _ *intFuture) {
			cancel(errBoom)
		}, future.Canceled, errBoom},
		{"Cancel", func(_ *intPool, _ *future.Promise[int], _ context.CancelCauseFunc, f *intFuture) {
			if !f.Cancel(errBoom) {
				t.Error("Cancel of a task that waits: got false, want true")
			}
		}, future.Canceled, errBoom},
		{"Close", func(p *intPool, _ *future.Promise[int], _ context.CancelCauseFunc, f *intFuture) {
			_ = p.Close()
			wantState(t, "when Close has returned", f, future.Canceled)
		}, future.Canceled, pool.ErrClosed},
		{"Stop", func(p *intPool, _ *future.Promise[int], _ context.CancelCauseFunc, f *intFuture) {
			p.Stop(errBoom)
			wantState(t, "when Stop has returned", f, future.Canceled)
		}, future.Canceled, nil},
		{"Shutdown", func(p *intPool, _ *future.Promise[int], _ context.CancelCauseFunc, f *intFuture) {
			_ = p.Shutdown(context.Background())
			wantState(t, "when Shutdown has returned", f, future.Canceled)
		}, future.Canceled, pool.ErrClosed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, shared := range []bool{false, true} {
				bubble(t, nil, func(t *testing.T, p *intPool) {
					if shared {
						p = pool.Share[int, int](p, pool.WithWorkers(1))
					}
					ctx, cancel := context.WithCancelCause(t.Context())
					arg := future.NewPromise[int]()
					f := p.SubmitAfter(ctx, arg.Future(), ran)
					tt.end(p, arg, cancel, f)
					synctest.Wait()
					wantState(t, tt.name, f, tt.state)
					if _, err := f.Await(t.Context()); tt.want != nil && !errors.Is(err, tt.want) {
						t.Errorf("got error %v, want %v", err, tt.want)
					}
					if tt.name == "arg fails" {
						if r, _ := f.Try(); r.Err != errBoom {
							t.Errorf("got error %#v, want arg's own", r.Err)
						}
					}
					arg.Resolve(1) // too late
					cancel(nil)
					_ = p.Close()
					wantBalance(t, p)
				})
			}
		})
	}
}

// Awaiting a waiting task inside a task lends the slot: on one worker, the argument can come.
func TestL6_SubmitAfterInsideATask(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
		outer := func(ctx context.Context, n int) (int, error) {
			a := p.Submit(ctx, inc, n)
			b := p.SubmitAfter(ctx, a, inc)
			c := p.SubmitAfter(ctx, b, inc)
			return c.Await(ctx)
		}
		wantValue(t, "a chain inside a task", p.Submit(t.Context(), outer, 1), 4)
	})
}

// FIELD 27: nothing stays at an argument that never settles.
func TestField27_SubmitAfterLeavesNothingAtTheArgument(t *testing.T) {
	p := pool.New[int, int]()
	arg := future.NewPromise[int]()
	round := func(n int) {
		for range n {
			p.SubmitAfter(context.Background(), arg.Future(), inc).Cancel(nil)
		}
	}
	round(1000)
	before := heapInUse()
	n := scaled(200_000)
	round(n)
	if grown := heapInUse() - before; grown > 256<<10+int64(n)*8 {
		t.Errorf("the heap grew by %d bytes in %d rounds, want none a round", grown, n)
	}
	runtime.KeepAlive(arg) // with all that it keeps
	_ = p.Close()
	wantBalance(t, p)
}

// A chain of 100,000 needs no stack, whether its head succeeds or fails.
func TestField32_SubmitAfterChain(t *testing.T) {
	for _, fail := range []bool{false, true} {
		p := pool.New[int, int](pool.WithWorkers(2))
		arg := future.NewPromise[int]()
		n := scaled(100_000)
		f := arg.Future()
		for range n {
			f = p.SubmitAfter(context.Background(), f, inc)
		}
		if fail {
			arg.Reject(errBoom)
			wantFailure(t, "the last of a chain", f, future.Failed, errBoom)
		} else {
			arg.Resolve(0)
			wantValue(t, "the last of a chain", f, n)
		}
		_ = p.Close()
		wantBalance(t, p)
	}
}
