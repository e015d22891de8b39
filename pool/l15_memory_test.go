package pool_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// The tests of L15 write and read plain variables, and the race detector is the judge: without
// it they only see that the values arrive.

// Each way to see that a task has settled.
var observations = []struct {
	name string
	see  func(p *intPool, f *intFuture, started gate)
}{
	{"Await", func(_ *intPool, f *intFuture, _ gate) { _, _ = f.Await(context.Background()) }},
	{"Done", func(_ *intPool, f *intFuture, _ gate) { <-f.Done() }},
	{"Try", func(_ *intPool, f *intFuture, _ gate) {
		for _, ok := f.Try(); !ok; _, ok = f.Try() {
			runtime.Gosched()
		}
	}},
	{"State", func(_ *intPool, f *intFuture, _ gate) {
		for f.State() < future.Succeeded {
			runtime.Gosched()
		}
	}},
	{"AfterFunc", func(_ *intPool, f *intFuture, _ gate) {
		fired := make(gate)
		f.AfterFunc(func(future.Result[int]) { fired.open() })
		<-fired
	}},
	{"Close", func(p *intPool, _ *intFuture, _ gate) { _ = p.Close() }},
	{"Shutdown", func(p *intPool, _ *intFuture, _ gate) { _ = p.Shutdown(context.Background()) }},
	{"Stop", func(p *intPool, _ *intFuture, started gate) {
		<-started // or it might never run
		p.Stop(nil)
	}},
}

// What the submitter wrote is there in the task, and what the task wrote for whoever sees it
// settled, in each way of ending.
func TestL15_SubmitTaskObserver(t *testing.T) {
	for _, o := range observations {
		t.Run(o.name, func(t *testing.T) {
			for range scaled(20) {
				p := pool.New[int, int](pool.WithWorkers(2), pool.WithQueue(2))
				started := make(gate)
				before, after := 1, 0
				o.see(p, p.Submit(t.Context(), func(context.Context, int) (int, error) {
					started.open()
					after = before
					return 0, nil
				}, 0), started)
				if after != 1 {
					t.Errorf("the task's write is %d, want 1", after)
				}
				_ = p.Close()
			}
		})
	}
}

// The same for Go, which only Close can observe.
func TestL15_Go(t *testing.T) {
	p := pool.New[int, int](pool.WithWorkers(2))
	written := make([]int, 100)
	for i := range written {
		written[i] = -1
		if err := p.Go(t.Context(), func(_ context.Context, i int) (int, error) {
			written[i] -= i
			return 0, nil
		}, i); err != nil {
			t.Fatalf("Go() = %v, want nil", err)
		}
	}
	_ = p.Close()
	for i, got := range written {
		if got != -1-i {
			t.Fatalf("task %d's write is %d, want %d", i, got, -1-i)
		}
	}
}

// Tasks of one worker come one after the other: they need no lock between them.
func TestL15_OneWorkerIsSequential(t *testing.T) {
	p := pool.New[int, int](pool.WithWorkers(1), pool.WithQueue(4), pool.WithIdleTimeout(0))
	sum := 0
	add := func(_ context.Context, n int) (int, error) {
		sum += n
		return sum, nil
	}
	for range 100 {
		_ = p.Go(t.Context(), add, 1)
		_, _ = p.Do(t.Context(), add, 1)
		if _, err := p.Do(t.Context(), func(ctx context.Context, n int) (int, error) {
			return p.Submit(ctx, add, n).Await(ctx)
		}, 1); err != nil {
			t.Fatal(err)
		}
	}
	_ = p.Close()
	if sum != 300 {
		t.Errorf("sum is %d, want 300", sum)
	}
}

// The awaiter that runs a task itself, and the one beside which it runs, see its writes.
func TestL15_NestedAwait(t *testing.T) {
	p := pool.New[int, int](pool.WithWorkers(1))
	defer p.Close()
	for range scaled(50) {
		_, _ = p.Do(t.Context(), func(ctx context.Context, n int) (int, error) {
			for _, wait := range []func(f *intFuture){
				func(f *intFuture) { _, _ = f.Await(ctx) },
				func(f *intFuture) {
					sooner, cancel := context.WithCancel(ctx)
					defer cancel()
					_, _ = f.Await(sooner)
				},
			} {
				written := 1
				wait(p.Submit(ctx, func(context.Context, int) (int, error) {
					written++
					return 0, nil
				}, n))
				if written != 2 {
					t.Errorf("the nested task's write is %d, want 2", written)
				}
			}
			return 0, nil
		}, 0)
	}
}

// What a worker's init wrote is there in each of its tasks, and the tasks' writes in its stop
// function.
func TestL15_WorkerInit(t *testing.T) {
	var total atomic.Int64 // a worker may start while another is on its way out
	p := pool.New[int, int](pool.WithWorkers(1), pool.WithIdleTimeout(0), pool.WithWorkerInit(
		func(ctx context.Context) (context.Context, func()) {
			n := new(int)
			return context.WithValue(ctx, ctxKey{}, n), func() { total.Add(int64(*n)) }
		}))
	count := func(ctx context.Context, n int) (int, error) {
		*ctx.Value(ctxKey{}).(*int) += n
		return n, nil
	}
	for range 50 {
		_, _ = p.Do(t.Context(), count, 1)
	}
	_ = p.Close()
	if got := total.Load(); got != 50 {
		t.Errorf("the stop functions counted %d, want 50", got)
	}
}
