package pool_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/forebay-go/forebay/pool"
)

// handMap is the loop that Map stands for, as one would write it by hand: goroutines that
// share an index, and end at the first error or when ctx ends.
func handMap(ctx context.Context, workers int, fn intFunc, args []int) ([]int, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	out := make([]int, len(args))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(workers, len(args)) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1) - 1)
				if i >= len(args) {
					return
				}
				var err error
				if out[i], err = fn(ctx, args[i]); err != nil {
					cancel(err)
				}
			}
		})
	}
	wg.Wait()
	return out, context.Cause(ctx)
}

// handStream is an ordered pipeline of channels: whoever feeds it puts the way back of each
// job into a second channel, which is the window.
func handStream(ctx context.Context, workers, window int, fn intFunc, n int, each func(result) bool) {
	ctx, cancel := context.WithCancel(ctx)
	jobs := make(chan job)
	order := make(chan chan result, window)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() {
		defer close(order)
		defer close(jobs)
		for i := range n {
			j := job{ctx, fn, i, make(chan result, 1)}
			select {
			case order <- j.out:
				jobs <- j
			case <-ctx.Done():
				return
			}
		}
	})
	for range workers {
		wg.Go(func() {
			for j := range jobs {
				v, err := j.fn(j.ctx, j.arg)
				j.out <- result{v, err}
			}
		})
	}
	for out := range order {
		if !each(<-out) {
			return
		}
	}
}

// Map: 10,000 items on as many workers as processors. One op is one item.
func BenchmarkMap(b *testing.B) {
	ctx := context.Background()
	args := make([]int, 10_000)
	b.Run("forebay", func(b *testing.B) {
		b.ReportAllocs()
		p := pool.New[int, int]()
		defer p.Close()
		for i := 0; i < b.N; i += len(args) {
			if out, err := p.Map(ctx, inc, args); err != nil || out[len(out)-1] != 1 {
				b.Fatal(err)
			}
		}
	})
	b.Run("loop", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; i < b.N; i += len(args) {
			if out, err := handMap(ctx, runtime.GOMAXPROCS(0), inc, args); err != nil || out[len(out)-1] != 1 {
				b.Fatal(err)
			}
		}
	})
}

// MapNested: Maps of 10 items inside the 1000 items of one. One op is one inner item.
func BenchmarkMapNested(b *testing.B) {
	ctx := context.Background()
	outer, inner := make([]int, 1000), make([]int, 10)
	n := len(outer) * len(inner)
	b.Run("forebay", func(b *testing.B) {
		b.ReportAllocs()
		p := pool.New[int, int]()
		defer p.Close()
		for i := 0; i < b.N; i += n {
			if _, err := p.Map(ctx, func(ctx context.Context, _ int) (int, error) {
				_, err := p.Map(ctx, inc, inner)
				return 0, err
			}, outer); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("loop", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; i < b.N; i += n {
			if _, err := handMap(ctx, runtime.GOMAXPROCS(0), func(ctx context.Context, _ int) (int, error) {
				_, err := handMap(ctx, runtime.GOMAXPROCS(0), inc, inner)
				return 0, err
			}, outer); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// upTo yields 0 to n-1.
func upTo(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// Stream: b.N items, in order, with the default window. One op is one item.
func BenchmarkStream(b *testing.B) {
	ctx := context.Background()
	workers := runtime.GOMAXPROCS(0)
	b.Run("forebay", func(b *testing.B) {
		b.ReportAllocs()
		p := pool.New[int, int]()
		defer p.Close()
		for _, err := range p.Stream(ctx, inc, upTo(b.N)) {
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("forebay unordered", func(b *testing.B) {
		b.ReportAllocs()
		p := pool.New[int, int]()
		defer p.Close()
		for _, r := range p.StreamUnordered(ctx, inc, upTo(b.N)) {
			if r.Err != nil {
				b.Fatal(r.Err)
			}
		}
	})
	b.Run("channels", func(b *testing.B) {
		b.ReportAllocs()
		handStream(ctx, workers, 2*workers, inc, b.N, func(r result) bool { return r.err == nil })
	})
}
