package pool_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

var errHook = errors.New("a failure that nobody looks at")

// collect runs the collector until an error is heard of, or it has had chances enough.
func collect(heard <-chan error) error {
	for range 20 {
		runtime.GC()
		select {
		case err := <-heard:
			return err
		case <-time.After(time.Millisecond): // the cleanup runs on a goroutine of the runtime
		}
	}
	return nil
}

// What counts as looking, and what is heard of when nobody does.
func TestUnobserved(t *testing.T) {
	ctx := context.Background()
	fail := func(context.Context, int) (int, error) { return 0, errHook }
	other := future.Rejected[int](errBoom)
	for _, tt := range []struct {
		name  string
		act   func(p *intPool)
		heard bool
	}{
		{"nobody", func(p *intPool) { p.Submit(ctx, fail, 0) }, true},
		{"nobody, a panic", func(p *intPool) {
			p.Submit(ctx, func(context.Context, int) (int, error) { panic(errHook) }, 0)
		}, true},
		{"State", func(p *intPool) { p.Submit(ctx, fail, 0).State() }, true},
		{"nobody, SubmitAll", func(p *intPool) { p.SubmitAll(ctx, fail, []int{1}) }, true},
		{"Await", func(p *intPool) { _, _ = p.Submit(ctx, fail, 0).Await(ctx) }, false},
		{"an Await that ended early", func(p *intPool) {
			g, dead := make(gate), deadCtx(errBoom)
			f := p.Submit(ctx, func(context.Context, int) (int, error) { <-g; return 0, errHook }, 0)
			_, _ = f.Await(dead)
			g.open()
		}, false},
		{"Try", func(p *intPool) {
			for f := p.Submit(ctx, fail, 0); ; runtime.Gosched() {
				if _, ok := f.Try(); ok {
					return
				}
			}
		}, false},
		{"Done", func(p *intPool) { <-p.Submit(ctx, fail, 0).Done() }, false},
		{"AfterFunc", func(p *intPool) {
			over := make(gate)
			p.Submit(ctx, fail, 0).AfterFunc(func(future.Result[int]) { over.open() })
			<-over
		}, false},
		{"All, decided by another", func(p *intPool) { _, _ = future.All(ctx, other, settledFailure(p, fail)) }, false},
		{"Any, decided by another", func(p *intPool) {
			_, _, _ = future.Any(ctx, future.Resolved(1), settledFailure(p, fail))
		}, false},
		{"Race, decided by another", func(p *intPool) { _, _, _ = future.Race(ctx, other, p.Submit(ctx, fail, 0)) }, false},
		{"Settle", func(p *intPool) { future.Settle(ctx, p.Submit(ctx, fail, 0)) }, false},
		{"AsCompleted", func(p *intPool) {
			for range future.AsCompleted(ctx, p.Submit(ctx, fail, 0)) {
			}
		}, false},
		{"AsCompleted, left early", func(p *intPool) {
			for range future.AsCompleted(ctx, future.Resolved(1), settledFailure(p, fail)) {
				break
			}
		}, false},
		{"Join2, decided by another", func(p *intPool) { _, _, _ = future.Join2(ctx, other, settledFailure(p, fail)) }, false},
		{"nobody, SubmitWeighted", func(p *intPool) { p.SubmitWeighted(ctx, 1, fail, 0) }, true},
		{"nobody, SubmitAfter", func(p *intPool) { p.SubmitAfter(ctx, future.Resolved(1), fail) }, true},
		// Once: the result's failure, not that of the argument, which it has looked at.
		{"nobody, SubmitAfter of a failure", func(p *intPool) {
			untilSettled(p.SubmitAfter(ctx, p.Submit(ctx, fail, 0), inc)) // Close would end its wait
		}, true},
		{"nobody, SubmitAfter of an old failure", func(p *intPool) { p.SubmitAfter(ctx, settledFailure(p, fail), inc) }, true},
		{"nobody, cancelled", func(p *intPool) {
			p.SubmitAfter(ctx, future.NewPromise[int]().Future(), inc).Cancel(errHook)
		}, true},
		{"nobody, of a shared pool", func(p *intPool) { pool.Share[int, int](p).Submit(ctx, fail, 0) }, true},
		{"a group's Wait", func(p *intPool) {
			g, _ := p.Group(ctx)
			g.Submit(fail, 0)
			_, _ = g.Wait()
		}, false},
		{"Go", func(p *intPool) { _ = p.Go(ctx, fail, 0) }, false},
		{"success", func(p *intPool) { p.Submit(ctx, inc, 0) }, false},
		{"TrySubmit refused", func(p *intPool) { _, _ = p.TrySubmit(deadCtx(errHook), inc, 0) }, false},
		{"Submit refused", func(p *intPool) { p.Submit(deadCtx(errHook), inc, 0) }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			heard := make(chan error, 1)
			p := pool.New[int, int](pool.WithBudget(1), pool.WithUnobserved(func(err error) { heard <- err }))
			tt.act(p)
			_ = p.Close()
			if !tt.heard {
				if err := collect(heard); err != nil {
					t.Errorf("heard of %v, want nothing", err)
				}
				return
			}
			err := collect(heard)
			if err == nil {
				t.Fatal("heard of nothing")
			}
			wantErr(t, "heard of", err, errHook)
			if err := collect(heard); err != nil {
				t.Errorf("heard of %v a second time", err)
			}
		})
	}
}

// settledFailure submits fn and waits, without looking, until its future has settled.
func settledFailure(p *intPool, fn intFunc) *intFuture {
	return untilSettled(p.Submit(context.Background(), fn, 0))
}

func untilSettled(f *intFuture) *intFuture {
	for f.State() < future.Succeeded {
		runtime.Gosched()
	}
	return f
}

// L16: what a bubble's pool did not look at is heard of outside of all bubbles, in real time.
func TestL16_UnobservedInABubble(t *testing.T) {
	heard, at := make(chan error, 1), make(chan time.Time, 1)
	synctest.Test(t, func(t *testing.T) {
		p := pool.New[int, int](pool.WithUnobserved(func(err error) {
			at <- time.Now()
			heard <- err
		}))
		p.Submit(t.Context(), func(context.Context, int) (int, error) { return 0, errHook }, 0)
		_ = p.Close()
		runtime.GC() // the cleanup may run while the bubble lives
		runtime.GC()
	})
	wantErr(t, "heard of", collect(heard), errHook)
	if y := (<-at).Year(); y <= 2000 {
		t.Errorf("the handler was called in the year %d, want the real time", y)
	}
}
