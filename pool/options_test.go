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

// What the options that set a number or a name, and their defaults, say in Stats.
func TestOptions_Sizes(t *testing.T) {
	procs := runtime.GOMAXPROCS(0)
	for _, tt := range []struct {
		name string
		opts []pool.Option
		want pool.Stats
	}{
		{"default", nil, pool.Stats{Limit: procs, QueueCap: 1024}},
		{"WithWorkers", options(pool.WithWorkers(7)), pool.Stats{Limit: 7, QueueCap: 1024}},
		{"the most workers", options(pool.WithWorkers(1<<20 - 1)), pool.Stats{Limit: 1<<20 - 1, QueueCap: 1024}},
		{"WithQueue", options(pool.WithQueue(1)), pool.Stats{Limit: procs, QueueCap: 1}},
		{"a queue of 3, no power of two", options(pool.WithQueue(3)), pool.Stats{Limit: procs, QueueCap: 3}},
		{"WithUnboundedQueue", options(pool.WithUnboundedQueue()), pool.Stats{Limit: procs}},
		{"WithName", options(pool.WithName("turbine")), pool.Stats{Name: "turbine", Limit: procs, QueueCap: 1024}},
		{"the later holds", options(pool.WithWorkers(1), pool.WithWorkers(2), pool.WithQueue(5), pool.WithUnboundedQueue()), pool.Stats{Limit: 2}},
		{"the later holds", options(pool.WithUnboundedQueue(), pool.WithQueue(5)), pool.Stats{Limit: procs, QueueCap: 5}},
	} {
		p := pool.New[int, int](tt.opts...)
		if got := p.Stats(); got != tt.want {
			t.Errorf("%s: Stats() = %+v, want %+v", tt.name, got, tt.want)
		}
		_ = p.Close()
	}
}

// The options hold: as many run, and as many wait, as they say.
func TestOptions_WorkersAndQueue(t *testing.T) {
	bubble(t, options(pool.WithWorkers(3), pool.WithQueue(5)), func(t *testing.T, p *intPool) {
		hold := make(gate)
		for i := range 3 {
			p.Submit(t.Context(), hold.hold, i)
		}
		synctest.Wait()
		for i := range 5 {
			if _, err := p.TrySubmit(t.Context(), hold.hold, i); err != nil {
				t.Errorf("TrySubmit %d to a queue of 5: got %v, want nil", i, err)
			}
		}
		_, err := p.TrySubmit(t.Context(), hold.hold, 0)
		wantErr(t, "TrySubmit to a full queue", err, pool.ErrFull)
		if s := p.Stats(); s.Running != 3 || s.Queued != 5 {
			t.Errorf("got %d running, %d queued, want 3, 5", s.Running, s.Queued)
		}
		hold.open()
	})
}

// No submit ever waits, or is refused, and the order stays.
func TestOptions_UnboundedQueue(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithUnboundedQueue(), pool.WithOnFull(pool.RejectWhenFull)), func(t *testing.T, p *intPool) {
		hold := make(gate)
		p.Submit(t.Context(), hold.hold, 0)
		var ran record[int]
		const n = 3000
		for i := range n {
			if err := p.Go(t.Context(), func(_ context.Context, i int) (int, error) {
				ran.add(i)
				return i, nil
			}, i); err != nil {
				t.Fatalf("Go %d: got %v, want nil", i, err)
			}
		}
		hold.open()
		synctest.Wait()
		got := ran.all()
		if len(got) != n {
			t.Fatalf("%d tasks ran, want %d", len(got), n)
		}
		for i, v := range got {
			if v != i {
				t.Fatalf("task %d ran at place %d", v, i)
			}
		}
	})
}

// The pool's ctx: its values are seen behind those of the submit ctx, its deadline counts,
// and its end is that of all tasks, with its cause.
func TestOptions_Context(t *testing.T) {
	type base struct{}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(context.WithValue(context.WithValue(t.Context(), base{}, "base"), ctxKey{}, "hidden"))
		p := pool.New[int, int](pool.WithWorkers(1), pool.WithContext(ctx))
		_, err := p.Do(context.WithValue(t.Context(), ctxKey{}, "submit"), func(ctx context.Context, n int) (int, error) {
			for key, want := range map[any]any{base{}: "base", ctxKey{}: "submit", "other": nil} {
				if got := ctx.Value(key); got != want {
					t.Errorf("Value(%v) = %v, want %v", key, got, want)
				}
			}
			return n, nil
		}, 1)
		wantNil(t, "Do", err)
		running := p.Submit(t.Context(), untilDone, 1)
		synctest.Wait()
		queued := p.Submit(t.Context(), inc, 1)
		cancel(errStop)
		wantFailure(t, "the running task", running, future.Failed, errStop)
		wantFailure(t, "the queued task", queued, future.Canceled, future.ErrCanceled, errStop)
		wantFailure(t, "a later task", p.Submit(t.Context(), inc, 1), future.Canceled, future.ErrCanceled, errStop)
		_ = p.Close()
		wantBalance(t, p)
	})
}

func TestOptions_ContextDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		soon, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		later, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		want, _ := soon.Deadline()
		for _, tt := range []struct {
			name           string
			pools, submits context.Context
		}{{"the pool's is sooner", soon, later}, {"the submit's is sooner", later, soon}, {"only the pool's", soon, context.Background()}} {
			p := pool.New[int, int](pool.WithContext(tt.pools))
			_, _ = p.Do(tt.submits, func(ctx context.Context, n int) (int, error) {
				if got, ok := ctx.Deadline(); !ok || !got.Equal(want) {
					t.Errorf("%s: Deadline() = %v, %t, want %v, true", tt.name, got, ok, want)
				}
				return n, nil
			}, 1)
			_ = p.Close()
		}
	})
}

func TestOptions_FailFast(t *testing.T) {
	for name, fails := range map[string]intFunc{"error": endings.fails, "panic": endings.panics} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := pool.New[int, int](pool.WithWorkers(2), pool.WithFailFast())
				running := p.Submit(t.Context(), untilDone, 1)
				synctest.Wait()
				hold := make(gate)
				first := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
					<-hold
					return fails(ctx, n)
				}, 1)
				queued := p.Submit(t.Context(), inc, 1)
				hold.open()
				wantFailure(t, "the first to fail", first, future.Failed, errTask)
				wantFailure(t, "the running task", running, future.Failed, errTask)
				wantFailure(t, "the queued task", queued, future.Canceled, future.ErrCanceled, errTask)
				wantErr(t, "Shutdown", p.Shutdown(t.Context()), errTask)
				wantErr(t, "Close", p.Close(), errTask)
				wantBalance(t, p)
			})
		})
	}
}

// The pool has failed before the task's future is settled, and before its slot is free: here it
// has to wait for the slot, which a goroutine of its own has lent.
func TestOptions_FailFastComesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New[int, int](pool.WithWorkers(1), pool.WithFailFast())
		hold, held, lend, lent := make(gate), make(gate), make(gate), make(gate)
		var inner *intFuture
		outer := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			inner = p.Submit(ctx, func(ctx context.Context, n int) (int, error) {
				go pool.Block(ctx, func() {
					lent.open()
					<-lend
				})
				<-lent
				p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
					held.open()
					return hold.hold(ctx, n)
				}, n)
				<-held
				return endings.fails(ctx, n)
			}, n)
			return inner.Await(ctx)
		}, 1)
		synctest.Wait()
		wantFailure(t, "the task that failed", inner, future.Failed, errTask)
		wantState(t, "its awaiter, which waits for the slot", outer, future.Running)
		_, err := p.TrySubmit(t.Context(), inc, 1)
		wantErr(t, "TrySubmit meanwhile", err, future.ErrCanceled, errTask)
		hold.open()
		lend.open()
		wantErr(t, "Close", p.Close(), errTask)
		synctest.Wait() // Close waits for tasks, not for their goroutines
		wantBalance(t, p)
	})
}

// Work that was cancelled is no failure, and neither is what a pool without the option does.
func TestOptions_FailFastCountsOnlyFailures(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithFailFast()), func(t *testing.T, p *intPool) {
		hold := make(gate)
		p.Submit(t.Context(), hold.hold, 1)
		p.Submit(t.Context(), inc, 1).Cancel(errTask)
		dead, cancel := context.WithCancel(t.Context())
		cancel()
		p.Submit(dead, inc, 1)
		hold.open()
		wantValue(t, "a task after a cancelled one", p.Submit(t.Context(), inc, 1), 2)
		if err := p.Close(); err != nil {
			t.Errorf("Close() = %v, want nil: nothing has failed", err)
		}
	})
	bubble(t, nil, func(t *testing.T, p *intPool) {
		_, _ = p.Do(t.Context(), endings.fails, 1)
		wantValue(t, "a task after one that failed", p.Submit(t.Context(), inc, 1), 2)
		if err := p.Close(); err != nil {
			t.Errorf("Close() = %v, want nil: the pool does not fail fast", err)
		}
	})
}

// The timeout counts from the start of the task, not from the submit.
func TestOptions_TaskTimeout(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithTaskTimeout(time.Second)), func(t *testing.T, p *intPool) {
		begin := time.Now()
		var fs []*intFuture
		for i := range 3 {
			fs = append(fs, p.Submit(t.Context(), untilDone, i))
		}
		for _, f := range fs {
			wantFailure(t, "a task that waits for its timeout", f, future.Failed, context.DeadlineExceeded)
			wantElapsed(t, "the timeout", &begin, time.Second)
		}
		quick := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			if d, ok := ctx.Deadline(); !ok || time.Until(d) != time.Second {
				t.Errorf("Deadline() = %v, %t, want in a second", d, ok)
			}
			return n, ctx.Err()
		}, 7)
		wantValue(t, "a quick task", quick, 7)
		// The nested task has a timeout of its own, from its own start.
		_, _ = p.Do(t.Context(), func(ctx context.Context, n int) (int, error) {
			time.Sleep(time.Second / 2)
			begin := time.Now()
			f := p.Submit(context.WithoutCancel(ctx), untilDone, n)
			wantErr(t, "a nested task", errOf(f.Await(context.WithoutCancel(ctx))), context.DeadlineExceeded)
			wantElapsed(t, "the nested timeout", &begin, time.Second)
			return 0, nil
		}, 1)
		// And ends no later than the task that it is part of.
		begin = time.Now()
		outer := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			time.Sleep(time.Second / 2)
			return p.Submit(ctx, untilDone, n).Await(ctx)
		}, 1)
		wantFailure(t, "a task that awaits one with its ctx", outer, future.Failed, context.DeadlineExceeded)
		wantElapsed(t, "the timeout of both", &begin, time.Second)
	})
}

func errOf(_ int, err error) error { return err }

// Recursion works the same with what the options put around a task's ctx.
func TestOptions_RecursionInDressedTasks(t *testing.T) {
	keep := func(ctx context.Context) (context.Context, func()) { return ctx, nil }
	for name, opts := range map[string][]pool.Option{
		"WithTaskTimeout": options(pool.WithTaskTimeout(time.Hour)),
		"WithWorkerInit":  options(pool.WithWorkerInit(keep)),
		"both":            options(pool.WithTaskTimeout(time.Hour), pool.WithWorkerInit(keep)),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, append(options(pool.WithWorkers(1), pool.WithQueue(1)), opts...), func(t *testing.T, p *intPool) {
				var fib intFunc
				fib = func(ctx context.Context, n int) (int, error) {
					if n < 2 {
						return n, nil
					}
					a, b := p.Submit(ctx, fib, n-1), p.Submit(ctx, fib, n-2)
					x, err1 := a.Await(ctx)
					y, err2 := b.Await(ctx)
					return x + y, errors.Join(err1, err2)
				}
				wantValue(t, "fib(10)", p.Submit(t.Context(), fib, 10), 55)
			})
		})
	}
}
