package pool_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// onFull runs a test with a pool of one worker, which is held, and a queue of one, which is
// full. Panics of Go have a handler, or it would not run one on its caller's goroutine.
func onFull(t *testing.T, policy pool.FullPolicy, test func(t *testing.T, p *intPool, running, queued *intFuture, hold gate)) {
	t.Helper()
	opts := options(
		pool.WithWorkers(1), pool.WithQueue(1), pool.WithOnFull(policy),
		pool.WithPanicHandler(func(e *future.PanicError) { t.Error(e) }),
	)
	bubble(t, opts, func(t *testing.T, p *intPool) {
		hold := make(gate)
		running := p.Submit(t.Context(), hold.hold, 1)
		synctest.Wait()
		queued := p.Submit(t.Context(), inc, 1)
		test(t, p, running, queued, hold)
	})
}

func wantNil(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: got %v, want nil", what, err)
	}
}

// A method is one of Pool that queues a task: it returns the task's error, or nil.
type method struct {
	name   string
	submit func(p *intPool, ctx context.Context, fn intFunc, n int) error
}

func byFuture(f *intFuture) error {
	_, err := f.Await(context.Background())
	return err
}

var (
	bySubmit = method{"Submit", func(p *intPool, ctx context.Context, fn intFunc, n int) error { return byFuture(p.Submit(ctx, fn, n)) }}
	byGo     = method{"Go", func(p *intPool, ctx context.Context, fn intFunc, n int) error { return p.Go(ctx, fn, n) }}
	byDo     = method{"Do", func(p *intPool, ctx context.Context, fn intFunc, n int) error { _, err := p.Do(ctx, fn, n); return err }}
	byTry    = method{"TrySubmit", func(p *intPool, ctx context.Context, fn intFunc, n int) error {
		f, err := p.TrySubmit(ctx, fn, n)
		if err != nil {
			return err
		}
		return byFuture(f)
	}}
)

func TestPolicies_Block(t *testing.T) {
	for _, s := range []method{bySubmit, byGo, byDo} {
		t.Run(s.name, func(t *testing.T) {
			onFull(t, pool.BlockWhenFull, func(t *testing.T, p *intPool, running, queued *intFuture, hold gate) {
				var err error
				submitter := start(func() { err = s.submit(p, t.Context(), inc, 2) })
				wantOver(t, s.name+" to a full queue", submitter, false)
				hold.open()
				wantOver(t, s.name+" when there is room", submitter, true)
				wantNil(t, s.name, err)
				wantValue(t, "the running task", running, 1)
				wantValue(t, "the queued task", queued, 2)
				synctest.Wait()
				wantCounts(t, p, pool.Stats{Accepted: 3, Succeeded: 3})
			})
		})
	}
}

func TestPolicies_Reject(t *testing.T) {
	for _, s := range []method{bySubmit, byGo, byDo, byTry} {
		t.Run(s.name, func(t *testing.T) {
			onFull(t, pool.RejectWhenFull, func(t *testing.T, p *intPool, running, queued *intFuture, hold gate) {
				if err := s.submit(p, t.Context(), inc, 2); !errors.Is(err, pool.ErrFull) || errors.Is(err, future.ErrCanceled) {
					t.Errorf("%s to a full queue: got %v, want ErrFull", s.name, err)
				}
				hold.open()
				wantValue(t, "the running task", running, 1)
				wantValue(t, "the queued task", queued, 2)
				synctest.Wait()
				wantCounts(t, p, pool.Stats{Accepted: 2, Succeeded: 2, Rejected: 1})
			})
		})
	}
}

// Whatever the policy, TrySubmit neither waits nor runs the task.
func TestPolicies_TrySubmit(t *testing.T) {
	for _, policy := range []pool.FullPolicy{pool.BlockWhenFull, pool.RejectWhenFull, pool.CallerRunsWhenFull} {
		t.Run(policy.String(), func(t *testing.T) {
			onFull(t, policy, func(t *testing.T, p *intPool, running, _ *intFuture, hold gate) {
				f, err := p.TrySubmit(t.Context(), inc, 2)
				if f != nil || !errors.Is(err, pool.ErrFull) {
					t.Errorf("TrySubmit to a full queue: got %v, %v, want nil, ErrFull", f, err)
				}
				hold.open()
				wantValue(t, "the running task", running, 1)
				synctest.Wait()
				// The same inside a task, and the queue is empty.
				wantValue(t, "a task", p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
					_, first := p.TrySubmit(ctx, inc, n)
					_, second := p.TrySubmit(ctx, inc, n)
					wantNil(t, "TrySubmit inside a task, to a queue with room", first)
					wantErr(t, "TrySubmit inside a task, to a full queue", second, pool.ErrFull)
					return n, nil
				}, 3), 3)
			})
		})
	}
}

// The submitting goroutine runs the task, before the submit returns and outside the limit.
func TestPolicies_CallerRuns(t *testing.T) {
	for _, s := range []method{bySubmit, byGo, byDo} {
		t.Run(s.name, func(t *testing.T) {
			onFull(t, pool.CallerRunsWhenFull, func(t *testing.T, p *intPool, running, queued *intFuture, hold gate) {
				me, ran := goroutineID(), false
				err := s.submit(p, t.Context(), func(_ context.Context, n int) (int, error) {
					ran = true // without a lock: the race detector sees who runs it
					if got := goroutineID(); got != me {
						t.Errorf("%s ran the task on goroutine %d, want the caller's, %d", s.name, got, me)
					}
					if got := p.Stats(); got.Queued != 1 || got.Running != 2 {
						t.Errorf("while the caller runs a task: got %d queued, %d running, want 1, 2", got.Queued, got.Running)
					}
					return n, nil
				}, 2)
				if err != nil || !ran {
					t.Errorf("%s to a full queue: got %v and ran %t when it returned, want nil, true", s.name, err, ran)
				}
				hold.open()
				wantValue(t, "the running task", running, 1)
				wantValue(t, "the queued task", queued, 2)
				synctest.Wait()
				wantCounts(t, p, pool.Stats{Accepted: 3, Succeeded: 3})
			})
		})
	}
}

// A task whose panic would crash the process runs where nothing can recover it, but before
// the submit returns all the same, and ends nobody but itself.
func TestPolicies_CallerRunsWhatMayCrash(t *testing.T) {
	for name, opts := range map[string][]pool.Option{"Go without a handler": nil, "WithCrashOnPanic": options(pool.WithCrashOnPanic())} {
		t.Run(name, func(t *testing.T) {
			opts := append(options(pool.WithWorkers(1), pool.WithQueue(1), pool.WithOnFull(pool.CallerRunsWhenFull)), opts...)
			bubble(t, opts, func(t *testing.T, p *intPool) {
				wantValue(t, "a task that submits too much", p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
					p.Submit(ctx, inc, n)
					for _, fn := range []intFunc{inc, endings.fails, endings.exits} {
						before := p.Stats()
						wantNil(t, "Go", p.Go(ctx, fn, n))
						after := p.Stats()
						if was, is := before.Succeeded+before.Failed, after.Succeeded+after.Failed; is != was+1 {
							t.Errorf("%d tasks have ended before Go returns, and %d after, want one more", was, is)
						}
					}
					return n, nil
				}, 7), 7)
			})
		})
	}
}

// The same settling rules as on a worker.
func TestPolicies_CallerRunsSettles(t *testing.T) {
	onFull(t, pool.CallerRunsWhenFull, func(t *testing.T, p *intPool, _, _ *intFuture, hold gate) {
		wantFailure(t, "an error", p.Submit(t.Context(), endings.fails, 1), future.Failed, errTask)
		wantFailure(t, "a panic", p.Submit(t.Context(), endings.panics, 1), future.Failed, errTask)
		dead, cancel := context.WithCancelCause(t.Context())
		cancel(errStop)
		wantFailure(t, "a dead ctx", p.Submit(dead, inc, 1), future.Canceled, errStop)
		ctx, cancel := context.WithCancelCause(t.Context())
		wantFailure(t, "a ctx that ends meanwhile", p.Submit(ctx, func(ctx context.Context, n int) (int, error) {
			cancel(errStop)
			return untilDone(ctx, n)
		}, 1), future.Failed, errStop)
		hold.open()
		_ = p.Close()
		wantCounts(t, p, pool.Stats{Accepted: 5, Succeeded: 2, Failed: 2, Panicked: 1, Rejected: 1})
	})
}

// A pool does not go down under a caller that runs a task.
func TestPolicies_CloseWaitsForTheCaller(t *testing.T) {
	onFull(t, pool.CallerRunsWhenFull, func(t *testing.T, p *intPool, _, _ *intFuture, hold gate) {
		mine := make(gate)
		caller := start(func() { p.Submit(t.Context(), mine.hold, 1) })
		synctest.Wait()
		hold.open()
		closer := start(func() { _ = p.Close() })
		wantOver(t, "Close while a caller runs a task", closer, false)
		mine.open()
		wantOver(t, "Close after it", closer, true)
		<-caller
	})
}

// Inside a task the caller's slot is the task's own: nothing runs beside it.
func TestPolicies_CallerRunsInItsSlot(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1), pool.WithOnFull(pool.CallerRunsWhenFull)), func(t *testing.T, p *intPool) {
		var running gauge
		var fib intFunc
		fib = func(ctx context.Context, n int) (int, error) {
			running.enter()
			defer running.leave()
			if n < 2 {
				return n, nil
			}
			var a, b *intFuture
			running.outside(func() { a, b = p.Submit(ctx, fib, n-1), p.Submit(ctx, fib, n-2) })
			sum := 0
			for _, f := range []*intFuture{a, b} {
				running.outside(func() {
					v, err := f.Await(ctx)
					if err != nil {
						t.Errorf("Await: got %v, want nil", err)
					}
					sum += v
				})
			}
			return sum, nil
		}
		wantValue(t, "fib(10)", p.Submit(t.Context(), fib, 10), 55)
		running.wantPeak(t, 1)
	})
}

func TestPolicies_DropOldest(t *testing.T) {
	for _, s := range []method{bySubmit, byGo, byDo, byTry} {
		t.Run(s.name, func(t *testing.T) {
			onFull(t, pool.DropOldestWhenFull, func(t *testing.T, p *intPool, running, queued *intFuture, hold gate) {
				var err error
				submitter := start(func() { err = s.submit(p, t.Context(), inc, 2) })
				synctest.Wait()
				wantFailure(t, "the oldest task", queued, future.Canceled, pool.ErrDropped)
				if errOf(queued.Await(t.Context())) != pool.ErrDropped {
					t.Errorf("the oldest task's error is %v, want ErrDropped itself", errOf(queued.Await(t.Context())))
				}
				hold.open()
				wantOver(t, s.name, submitter, true)
				wantNil(t, s.name, err)
				wantValue(t, "the running task", running, 1)
				synctest.Wait()
				wantCounts(t, p, pool.Stats{Accepted: 3, Succeeded: 2, Dropped: 1})
			})
		})
	}
}

// What was cancelled in the queue, or has no future, makes room just as well.
func TestPolicies_DropOldestTombstone(t *testing.T) {
	onFull(t, pool.DropOldestWhenFull, func(t *testing.T, p *intPool, _, queued *intFuture, hold gate) {
		queued.Cancel(errStop)
		wantNil(t, "Go", p.Go(t.Context(), inc, 1))
		last := p.Submit(t.Context(), inc, 7)
		wantFailure(t, "the cancelled task", queued, future.Canceled, errStop)
		hold.open()
		wantValue(t, "the newest task", last, 8)
		synctest.Wait()
		wantCounts(t, p, pool.Stats{Accepted: 4, Succeeded: 2, Canceled: 1, Dropped: 1})
	})
}

// A task that submits too much to its own pool drops its own, and comes to its end.
func TestPolicies_DropOldestInsideATask(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1), pool.WithOnFull(pool.DropOldestWhenFull)), func(t *testing.T, p *intPool) {
		wantValue(t, "the task", p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			first, second := p.Submit(ctx, inc, n), p.Submit(ctx, inc, n)
			wantErr(t, "the first", errOf(first.Await(ctx)), pool.ErrDropped)
			return second.Await(ctx)
		}, 1), 2)
	})
}

func TestPolicies_String(t *testing.T) {
	for p, want := range map[pool.FullPolicy]string{
		pool.BlockWhenFull: "BlockWhenFull", pool.RejectWhenFull: "RejectWhenFull",
		pool.CallerRunsWhenFull: "CallerRunsWhenFull", pool.DropOldestWhenFull: "DropOldestWhenFull",
		pool.FullPolicy(9): "FullPolicy(9)",
	} {
		if got := p.String(); got != want {
			t.Errorf("FullPolicy(%d).String() = %q, want %q", uint8(p), got, want)
		}
	}
}
