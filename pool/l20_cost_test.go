package pool_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/forebay-go/forebay/pool"
)

func TestL20_TaskSize(t *testing.T) {
	for name, size := range map[string]uintptr{
		"Pool[int, int]":         pool.TaskSize[int, int](),
		"Pool[*int, *int]":       pool.TaskSize[*int, *int](),
		"Pool[struct{}, func()]": pool.TaskSize[struct{}, func()](),
	} {
		if size > 128 {
			t.Errorf("a task of %s has %d bytes, want 128 at most", name, size)
		}
	}
}

// AllocsPerRun counts the allocations of the whole process, those of workers too, and runs on
// one processor.
func TestL20_Allocations(t *testing.T) {
	const batch = 10
	p := pool.New[int, int](pool.WithWorkers(1))
	defer p.Close()
	ctx := context.Background()
	hold := make(chan struct{})
	wait := func(context.Context, int) (int, error) { <-hold; return 0, nil }
	fs := make([]*intFuture, batch)
	for _, tt := range []struct {
		what string
		do   func()
		want float64
	}{
		// There is one worker, so when the last is settled, so are the others.
		{"a batch of Submits of which one is waited for: a channel", func() {
			for i := range fs {
				fs[i] = p.Submit(ctx, inc, i)
			}
			for i := range fs {
				_, _ = fs[batch-1-i].Await(ctx)
			}
		}, batch + 1},
		{"TrySubmit, seen by Try", func() {
			f, _ := p.TrySubmit(ctx, inc, 1)
			for _, ok := f.Try(); !ok; _, ok = f.Try() {
				runtime.Gosched()
			}
		}, 1},
		{"Submit, with many who wait", func() {
			f := p.Submit(ctx, wait, 1)
			for range 5 {
				_ = f.Done()
			}
			hold <- struct{}{}
			_, _ = f.Await(ctx)
		}, 2},
		{"Do", func() { _, _ = p.Do(ctx, inc, 1) }, 2},
		{"Submit, cancelled: the error and its box", func() {
			p.Submit(ctx, inc, 1).Cancel(context.Canceled)
		}, 3},
	} {
		if got := testing.AllocsPerRun(100, tt.do); got > tt.want {
			t.Errorf("%s: %v allocations, want %v at most", tt.what, got, tt.want)
		}
	}
}

// Inside a task, awaiting one that has not started is a call: one allocation for Submit, and
// no channel, though it is awaited before it is settled.
func TestL20_NestedAllocations(t *testing.T) {
	p := pool.New[int, int](pool.WithWorkers(1), pool.WithQueue(4096))
	defer p.Close()
	_, _ = p.Do(context.Background(), func(ctx context.Context, _ int) (int, error) {
		if got := testing.AllocsPerRun(1000, func() {
			f := p.Submit(ctx, inc, 1)
			_, _ = f.Await(ctx)
			_, _ = f.Await(ctx)
		}); got != 1 {
			t.Errorf("submit and await inside a task: %v allocations, want 1", got)
		}
		return 0, nil
	}, 0)
}

// Go: none, but for a thirty-second of one, for the contexts that the functions get.
func TestL20_GoAllocations(t *testing.T) {
	const batch, limit = 1024, 1024/32 + 4
	p := pool.New[int, int](pool.WithWorkers(1), pool.WithQueue(batch))
	defer p.Close()
	ctx := context.Background()
	done := make(chan struct{}, 1)
	end := func(context.Context, int) (int, error) {
		done <- struct{}{}
		return 0, nil
	}
	if got := testing.AllocsPerRun(5, func() {
		for i := range batch - 1 {
			_ = p.Go(ctx, inc, i)
		}
		_ = p.Go(ctx, end, 0)
		<-done
	}); got > limit {
		t.Errorf("%d calls of Go: %v allocations, want %d at most", batch, got, limit)
	}
}

// A group's limit that is not reached costs no channel: the task, its waiter, what that calls, and
// the channel of who awaits it.
func TestL20_BelowTheLimitOfAGroup(t *testing.T) {
	p := pool.New[int, int](pool.WithWorkers(1))
	defer p.Close()
	ctx := context.Background()
	g, _ := p.Group(ctx, pool.Limit(2))
	defer g.Stop()
	if got := testing.AllocsPerRun(200, func() { _, _ = g.Submit(inc, 1).Await(ctx) }); got > 5 {
		t.Errorf("Submit and Await: %v allocations, want 5 at most", got)
	}
}
