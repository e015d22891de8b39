package pool_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
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
			p := pool.New[int, int](pool.WithUnobserved(func(err error) { heard <- err }))
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
	f := p.Submit(context.Background(), fn, 0)
	for f.State() < future.Succeeded {
		runtime.Gosched()
	}
	return f
}
