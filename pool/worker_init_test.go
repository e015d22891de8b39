package pool_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// A workshop counts the lives of workers and gives each a number as its value.
type workshop struct{ inits, stops record[int] }

func (w *workshop) option() pool.Option {
	return pool.WithWorkerInit(func(ctx context.Context) (context.Context, func()) {
		id := len(w.inits.all()) + 1
		w.inits.add(id)
		return context.WithValue(ctx, ctxKey{}, id), func() { w.stops.add(id) }
	})
}

func (w *workshop) want(t *testing.T, when string, inits, stops int) {
	t.Helper()
	if i, s := len(w.inits.all()), len(w.stops.all()); i != inits || s != stops {
		t.Errorf("%s: %d workers began and %d ended, want %d and %d", when, i, s, inits, stops)
	}
}

// workersValue is a task that returns the number of its worker, 0 if it has none.
func workersValue(ctx context.Context, _ int) (int, error) {
	id, _ := ctx.Value(ctxKey{}).(int)
	return id, nil
}

// Called when a worker starts, and what it returns when it ends: lazily, once for each worker
// whatever number of tasks, and all of them before Close returns.
func TestWorkerInit_EnclosesTheWorkersLife(t *testing.T) {
	var w workshop
	bubble(t, options(pool.WithWorkers(2), pool.WithIdleTimeout(time.Minute), w.option()), func(t *testing.T, p *intPool) {
		w.want(t, "before the first task", 0, 0)
		for range 3 {
			wantValue(t, "the worker's value", p.Submit(t.Context(), workersValue, 0), 1)
			synctest.Wait()
		}
		w.want(t, "after three tasks one by one", 1, 0)
		hold := make(gate)
		p.Submit(t.Context(), hold.hold, 1)
		p.Submit(t.Context(), hold.hold, 2)
		synctest.Wait()
		w.want(t, "with two tasks at once", 2, 0)
		hold.open()
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		w.want(t, "after the idle timeout", 2, 2)
		wantValue(t, "the new worker's value", p.Submit(t.Context(), workersValue, 0), 3)
		_ = p.Close()
		w.want(t, "after Close", 3, 3)
	})
}

// The worker's values come before the submitter's, and those before the pool's; a nested task
// sees those of the worker that it runs on, with whatever ctx it was submitted.
func TestWorkerInit_Values(t *testing.T) {
	type other struct{}
	var w workshop
	base := context.WithValue(context.WithValue(context.Background(), ctxKey{}, 100), other{}, "base")
	bubble(t, options(pool.WithWorkers(1), pool.WithContext(base), w.option()), func(t *testing.T, p *intPool) {
		submit := context.WithValue(t.Context(), ctxKey{}, 200)
		wantValue(t, "the value, with one in the submit ctx", p.Submit(submit, workersValue, 0), 1)
		wantValue(t, "the value in a nested task", p.Submit(submit, func(ctx context.Context, n int) (int, error) {
			if got := ctx.Value(other{}); got != "base" {
				t.Errorf("Value(other) = %v, want base", got)
			}
			return p.Submit(context.WithValue(ctx, ctxKey{}, 300), workersValue, n).Await(ctx)
		}, 0), 1)
		wantValue(t, "the value in a task beside its awaiter", p.Submit(submit, func(ctx context.Context, n int) (int, error) {
			sooner, cancel := context.WithCancel(ctx)
			defer cancel()
			return p.Submit(ctx, workersValue, n).Await(sooner)
		}, 0), 2)
	})
}

// A pool whose task submits to another pool: each task sees its own worker's value.
func TestWorkerInit_TwoPools(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a, b workshop
		b.inits.add(0) // so that the numbers differ
		p, q := pool.New[int, int](a.option()), pool.New[int, int](b.option())
		wantValue(t, "the value in the other pool's task", p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			return q.Submit(ctx, workersValue, n).Await(ctx)
		}, 0), 2)
		_ = p.Close()
		_ = q.Close()
	})
}

// Who runs its own task has no worker; inside a task the caller is one.
func TestWorkerInit_CallerRuns(t *testing.T) {
	var w workshop
	opts := options(pool.WithWorkers(1), pool.WithQueue(1), pool.WithOnFull(pool.CallerRunsWhenFull), w.option())
	bubble(t, opts, func(t *testing.T, p *intPool) {
		hold := make(gate)
		p.Submit(t.Context(), hold.hold, 1)
		synctest.Wait()
		p.Submit(t.Context(), inc, 1)
		wantValue(t, "the value on the caller's goroutine", p.Submit(t.Context(), workersValue, 0), 0)
		hold.open()
		synctest.Wait()
		wantValue(t, "the value in a task that runs the caller's", p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			p.Submit(ctx, inc, n)
			return p.Submit(ctx, workersValue, n).Await(ctx)
		}, 0), 1)
		w.want(t, "in all", 1, 0)
	})
}

// The ctx that it gets ends when the pool is stopped; the stop function may be nil.
func TestWorkerInit_Ctx(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got context.Context
		p := pool.New[int, int](pool.WithWorkers(1), pool.WithWorkerInit(func(ctx context.Context) (context.Context, func()) {
			got = ctx
			return ctx, nil
		}))
		running := p.Submit(t.Context(), untilDone, 1)
		synctest.Wait()
		if got.Err() != nil {
			t.Errorf("the worker's ctx has Err() %v before Stop, want nil", got.Err())
		}
		p.Stop(errStop)
		if cause := context.Cause(got); cause != errStop {
			t.Errorf("the worker's ctx has cause %v after Stop, want %v", cause, errStop)
		}
		_, _ = running.Await(t.Context())
	})
}

// The end of the worker's own ctx is not that of its tasks: only its values are used.
func TestWorkerInit_OnlyValues(t *testing.T) {
	canceled := pool.WithWorkerInit(func(ctx context.Context) (context.Context, func()) {
		ctx, cancel := context.WithCancel(context.WithValue(ctx, ctxKey{}, 7))
		cancel()
		return ctx, nil
	})
	bubble(t, options(pool.WithWorkers(1), canceled), func(t *testing.T, p *intPool) {
		wantValue(t, "a task", p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			derived, cancel := context.WithCancel(ctx)
			defer cancel()
			for _, ctx := range []context.Context{ctx, derived} {
				if ctx.Err() != nil || context.Cause(ctx) != nil {
					t.Errorf("the task's ctx has Err() %v and cause %v, want nil", ctx.Err(), context.Cause(ctx))
				}
			}
			return workersValue(derived, n)
		}, 0), 7)
		running := p.Submit(t.Context(), untilDone, 0)
		synctest.Wait()
		running.Cancel(errStop)
		wantFailure(t, "a task with a cause of its own", running, future.Failed, errStop)
	})
}
