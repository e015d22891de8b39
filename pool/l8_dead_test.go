package pool_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// A task whose ctx is dead when its turn comes does not run: whoever's turn it is, and
// whatever the ctx died of.
func TestL8_ADeadTaskNeverRuns(t *testing.T) {
	deaths := []struct {
		name string
		opts []pool.Option
		kill func(s *scene)
		want error
	}{
		{"submit ctx is cancelled", nil, func(s *scene) { s.endTask(errStop) }, errStop},
		{"submit ctx times out", nil, func(*scene) { time.Sleep(2 * time.Hour) }, context.DeadlineExceeded},
		{"pool's ctx is cancelled", nil, func(s *scene) { s.endBase(errStop) }, errStop},
		{"Stop", nil, func(s *scene) { go s.pool.Stop(errStop) }, errStop},
		{"first failure of a fail-fast pool", options(pool.WithFailFast()), nil, errTask},
	}
	for _, death := range deaths {
		t.Run(death.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := new(scene)
				s.base, s.endBase = context.WithCancelCause(t.Context())
				defer s.endBase(nil)
				opts := options(pool.WithWorkers(1), pool.WithQueue(4), pool.WithContext(s.base))
				s.pool = pool.New[int, int](append(opts, death.opts...)...)
				s.submit, s.endTask = context.WithCancelCause(t.Context())
				defer s.endTask(nil)
				ctx, cancel := context.WithTimeout(s.submit, time.Hour)
				defer cancel()

				g := make(gate)
				var f, other *intFuture
				var inline error
				s.pool.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
					<-g
					if death.kill == nil {
						return n, errTask // this is what kills
					}
					_, inline = other.Await(context.WithoutCancel(ctx))
					return n, nil
				}, 0)
				synctest.Wait()
				var ran atomic.Int64
				dead := func(_ context.Context, n int) (int, error) {
					ran.Add(1)
					return n, nil
				}
				f, other = s.pool.Submit(ctx, dead, 0), s.pool.Submit(ctx, dead, 0)
				if err := s.pool.Go(ctx, dead, 0); err != nil {
					t.Errorf("Go: %v", err)
				}
				if death.kill != nil {
					death.kill(s)
				}
				synctest.Wait()
				wantState(t, "dead task, before its turn", f, future.Pending)
				g.open()
				synctest.Wait()
				if death.kill != nil {
					wantErr(t, "dead task awaited by another", inline, future.ErrCanceled, death.want)
				}
				for _, f := range []*intFuture{f, other} {
					wantFailure(t, "dead task", f, future.Canceled, future.ErrCanceled, death.want)
				}
				_ = s.pool.Close()
				if got := ran.Load(); got != 0 {
					t.Errorf("dead tasks that ran: got %d, want 0", got)
				}
				wantBalance(t, s.pool)
			})
		})
	}
}

// ghosts keep something of a task's ctx in hand when the task ends. Only the first keeps
// nothing but the ctx itself.
var ghosts = []struct {
	name string
	// hold is called in the task. It returns what must be done when the task has ended.
	hold func(p *intPool, ctx context.Context, over gate) (done <-chan struct{})
}{
	{"ctx", func(*intPool, context.Context, gate) <-chan struct{} { return nil }},
	{"its channel", func(_ *intPool, ctx context.Context, _ gate) <-chan struct{} { return ctx.Done() }},
	{"a derived ctx", func(_ *intPool, ctx context.Context, over gate) <-chan struct{} {
		ctx, cancel := context.WithTimeout(ctx, time.Hour)
		go func() { <-over; cancel() }()
		return ctx.Done()
	}},
	{"a nested task that is queued", func(p *intPool, ctx context.Context, _ gate) <-chan struct{} {
		p.Submit(ctx, inc, 0)
		return ctx.Done()
	}},
	{"a nested task that runs until its ctx ends", func(p *intPool, ctx context.Context, over gate) <-chan struct{} {
		ended := make(gate)
		elsewhere(p, ctx, func(ctx context.Context, n int) (int, error) {
			select {
			case <-ctx.Done():
				ended.open()
			case <-over:
			}
			return n, nil
		})
		return ended
	}},
	{"a nested task that runs on", func(p *intPool, ctx context.Context, over gate) <-chan struct{} {
		elsewhere(p, ctx, over.hold)
		return ctx.Done()
	}},
	{"a goroutine that awaits", func(_ *intPool, ctx context.Context, over gate) <-chan struct{} {
		pr := future.NewPromise[int]()
		go func() { <-over; pr.Resolve(1) }()
		return start(func() { _, _ = pr.Future().Await(ctx) })
	}},
	{"a goroutine in Block", func(_ *intPool, ctx context.Context, over gate) <-chan struct{} {
		go pool.Block(ctx, func() { <-over })
		return ctx.Done()
	}},
}

// The ctx of a task that has ended is done, for whoever still has it.
func TestL8_ALeakedCtxIsDone(t *testing.T) {
	for _, dress := range dressings {
		for _, ghost := range ghosts {
			t.Run(dress.name+", "+ghost.name, func(t *testing.T) {
				bubble(t, append(options(pool.WithWorkers(1)), dress.opts...), func(t *testing.T, p *intPool) {
					over := make(gate)
					defer func() {
						over.open()
						synctest.Wait()
					}()
					var leaked context.Context
					var done <-chan struct{}
					f := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
						leaked, done = ctx, ghost.hold(p, ctx, over)
						synctest.Wait() // whoever holds something holds it now
						if done != nil && isOver(done) {
							t.Error("done while the task runs")
						}
						return n, nil
					}, 1)
					wantValue(t, "the task", f, 1)
					synctest.Wait()
					if done != nil && !isOver(done) {
						t.Errorf("what the ctx was to end has not ended, %v after the task", f.State())
					}
					wantDone(t, p, leaked)
				})
			})
		}
	}
}

// wantDone checks all that can be done with the ctx of a task that has ended.
func wantDone(t *testing.T, p *intPool, leaked context.Context) {
	t.Helper()
	if err, cause := leaked.Err(), context.Cause(leaked); err != context.Canceled || cause != context.Canceled {
		t.Errorf("leaked ctx: got Err %v, Cause %v, want %v", err, cause, context.Canceled)
	}
	if !isOver(leaked.Done()) {
		t.Error("leaked ctx: its channel is open, want it closed")
	}
	derived, cancel := context.WithTimeout(leaked, time.Hour)
	defer cancel()
	if err := derived.Err(); err != context.Canceled {
		t.Errorf("ctx derived from a leaked one: got Err %v, want %v", err, context.Canceled)
	}
	before := p.Stats()
	for _, ctx := range []context.Context{leaked, derived} {
		wantFailure(t, "Submit with a leaked ctx", p.Submit(ctx, inc, 0), future.Canceled, future.ErrCanceled, context.Canceled)
		wantErr(t, "Go with a leaked ctx", p.Go(ctx, inc, 0), future.ErrCanceled, context.Canceled)
		_, err := p.TrySubmit(ctx, inc, 0)
		wantErr(t, "TrySubmit with a leaked ctx", err, future.ErrCanceled, context.Canceled)
		pr := future.NewPromise[int]()
		_, err = pr.Future().Await(ctx)
		wantErr(t, "Await with a leaked ctx", err, future.ErrNotReady, context.Canceled)
	}
	if s := p.Stats(); s.Accepted != before.Accepted {
		t.Errorf("tasks accepted with a leaked ctx: got %d, want none", s.Accepted-before.Accepted)
	}
	called := false
	pool.Block(leaked, func() { called = true })
	if !called {
		t.Error("Block with a leaked ctx: its function was not called")
	}
}

// A task that ends its goroutine, panics, or fails leaves a ctx that is done as well.
func TestL8_ALeakedCtxIsDoneHoweverTheTaskEnds(t *testing.T) {
	for _, body := range []intFunc{endings.fails, endings.panics, endings.exits} {
		bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
			var leaked context.Context
			f := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
				leaked = ctx
				return body(ctx, n)
			}, 1)
			<-f.Done()
			wantDone(t, p, leaked)
		})
	}
}

// Deriving from a task's ctx starts no goroutine: package context knows it as one of its own.
func TestL8_DerivingStartsNoGoroutine(t *testing.T) {
	const n = 50
	for _, dress := range dressings {
		for _, depth := range []int{1, 2, 3} {
			t.Run(fmt.Sprintf("%s, %d deep", dress.name, depth), func(t *testing.T) {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				p := pool.New[int, int](append(options(pool.WithWorkers(1)), dress.opts...)...)
				defer p.Close()
				var run intFunc
				run = func(ctx context.Context, level int) (int, error) {
					if level < depth {
						return p.Submit(ctx, run, level+1).Await(ctx)
					}
					before := goroutines()
					for range n {
						derived, cancel := context.WithTimeout(ctx, time.Hour)
						defer cancel()
						derived, cancel = context.WithCancel(context.WithValue(derived, anyKey{}, 1))
						defer cancel()
						if derived.Err() != nil {
							return 0, errors.New("derived ctx is dead")
						}
					}
					return goroutines() - before, nil
				}
				// Goroutines of other tests may end meanwhile, so fewer is as good as none.
				if got, err := p.Do(ctx, run, 1); got > n/2 || err != nil {
					t.Errorf("goroutines started by %d derived contexts: got %d, %v, want 0", 2*n, got, err)
				}
			})
		}
	}
}
