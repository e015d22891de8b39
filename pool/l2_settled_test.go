package pool_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// However its task is asked to stop, a running task's future waits for the function, and
// then has the function's own result.
func TestL2_StoppingARunningTaskIsARequest(t *testing.T) {
	tests := []struct {
		name string
		opts func(base context.Context) []pool.Option
		stop func(p *intPool, f *intFuture, end func())
	}{
		{"Cancel", nil, func(_ *intPool, f *intFuture, _ func()) { f.Cancel(errStop) }},
		{"Cancel twice", nil, func(_ *intPool, f *intFuture, _ func()) { f.Cancel(errStop); f.Cancel(nil) }},
		{"end of the submit ctx", nil, func(_ *intPool, _ *intFuture, end func()) { end() }},
		{"Stop", nil, func(p *intPool, _ *intFuture, _ func()) { go p.Stop(errStop) }},
		{"Shutdown", nil, func(p *intPool, _ *intFuture, _ func()) {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			go func() { _ = p.Shutdown(ctx) }()
		}},
		{"end of the pool's ctx", func(base context.Context) []pool.Option {
			return options(pool.WithContext(base))
		}, func(_ *intPool, _ *intFuture, end func()) { end() }},
		{"task timeout", func(context.Context) []pool.Option {
			return options(pool.WithTaskTimeout(time.Second))
		}, func(*intPool, *intFuture, func()) { time.Sleep(2 * time.Second) }},
		{"first failure of a fail-fast pool", func(context.Context) []pool.Option {
			return options(pool.WithFailFast())
		}, func(p *intPool, _ *intFuture, _ func()) {
			_, _ = p.Do(context.Background(), endings.fails, 0)
		}},
	}
	results := []struct {
		name string
		fn   intFunc
		want outcome
	}{
		{"value", func(_ context.Context, n int) (int, error) { return n, nil }, value(7)},
		{"error", endings.fails, failure(7, errTask)},
		{"panic", endings.panics, failure(0, errTask)},
		{"Goexit", endings.exits, failure(0, future.ErrGoexit)},
	}
	for _, tt := range tests {
		for _, result := range results {
			t.Run(tt.name+", "+result.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx, end := context.WithCancel(t.Context())
					defer end()
					opts := options(pool.WithWorkers(2))
					if tt.opts != nil {
						opts = append(opts, tt.opts(ctx)...)
					}
					p := pool.New[int, int](opts...)
					defer p.Close()
					g := make(gate)
					var asked atomic.Bool
					f := p.Submit(ctx, func(ctx context.Context, n int) (int, error) {
						<-ctx.Done()
						asked.Store(true)
						<-g
						return result.fn(ctx, n)
					}, 7)
					synctest.Wait()
					wantState(t, "running task", f, future.Running)

					tt.stop(p, f, end)
					synctest.Wait()
					if !asked.Load() {
						t.Fatal("the task's ctx has not ended")
					}
					wantState(t, "task asked to stop", f, future.Running)
					if r, ok := f.Try(); ok {
						t.Errorf("Try while the function runs: got %v, want nothing", r)
					}

					g.open()
					synctest.Wait()
					v, err := f.Await(t.Context())
					wantState(t, "task that has returned", f, result.want.state)
					wantErr(t, "its future", err, result.want.errs...)
					if len(result.want.errs) == 0 && err != nil || v != result.want.value {
						t.Errorf("its future: got %d, %v, want %d", v, err, result.want.value)
					}
				})
			})
		}
	}
}

// A queued task that Cancel says will never run is settled then and there, and never runs.
func TestL2_CancelBeforeTheStart(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		g := make(gate)
		p.Submit(t.Context(), g.hold, 0)
		ran := false
		f := p.Submit(t.Context(), func(context.Context, int) (int, error) { ran = true; return 0, nil }, 0)
		wantState(t, "queued task", f, future.Pending)
		if !f.Cancel(errStop) {
			t.Errorf("Cancel: got false in state %v, want true", f.State())
		}
		wantState(t, "task after Cancel", f, future.Canceled)
		if f.Cancel(errTask) {
			t.Error("second Cancel: got true, want false")
		}
		g.open()
		_ = p.Close()
		if ran {
			t.Error("the task ran after Cancel returned true")
		}
		wantFailure(t, "task after Close", f, future.Canceled, future.ErrCanceled, context.Canceled, errStop)
	})
}

// Nobody sees a future settled while its function, or a function deferred by it, still runs.
func TestL2_SettledMeansReturned(t *testing.T) {
	p := pool.New[int, int](pool.WithWorkers(4))
	defer p.Close()
	for round := range scaled(400) {
		var running atomic.Bool
		running.Store(true)
		body := []intFunc{inc, endings.fails, endings.panics, endings.exits}[round%4]
		f := p.Submit(context.Background(), func(ctx context.Context, n int) (int, error) {
			defer func() {
				runtime.Gosched()
				running.Store(false)
			}()
			return body(ctx, n)
		}, 1)
		watchers := []func(){
			func() { _, _ = f.Await(context.Background()) },
			func() { <-f.Done() },
			func() {
				for f.State() < future.Succeeded {
					runtime.Gosched()
				}
			},
		}
		over := start(watchers[round%3])
		if round%2 == 0 {
			f.Cancel(errStop)
		}
		<-over
		if f.State() != future.Canceled && running.Load() {
			t.Fatalf("round %d: state %v while the function runs", round, f.State())
		}
	}
}

// Cancel and the worker race for a task: exactly one gets it.
func TestL2_CancelRacesWithTheStart(t *testing.T) {
	p := pool.New[int, int](pool.WithWorkers(2))
	defer p.Close()
	for round := range scaled(400) {
		var ran atomic.Bool
		f := p.Submit(context.Background(), func(_ context.Context, n int) (int, error) {
			ran.Store(true)
			return n, nil
		}, round)
		for range round % 7 {
			runtime.Gosched()
		}
		never := f.Cancel(errStop)
		_, err := f.Await(context.Background())
		state := f.State()
		if never && state != future.Canceled || ran.Load() != (state == future.Succeeded) {
			t.Fatalf("round %d: Cancel said never: %t; ran: %t; state %v, %v", round, never, ran.Load(), state, err)
		}
	}
}
