package contend

import (
	"context"
	"sync"
	"sync/atomic"
)

// goroutine: no pool. A go statement for each task, with no limit except where the work
// is about one (then a semaphore of a buffered channel, the usual one). Results go into a slice
// under a WaitGroup, or through a channel where one task is awaited. Map is what one writes
// by hand instead of a goroutine for each item: some goroutines that share an index.
type goroutine struct{}

func (goroutine) About() About {
	return About{
		Name: "goroutine",
		Use:  "by hand: one goroutine for each task, without a limit except in bounded I/O (a semaphore); results into a slice under a `WaitGroup`, one result through a channel; map is a loop over a shared atomic index",
	}
}

func (goroutine) Start(shape Shape, s Setup) (*Session, error) {
	ctx := context.Background()
	var wg sync.WaitGroup
	switch shape {
	case Fire:
		if s.Bound {
			slots := make(chan struct{}, s.Workers)
			return &Session{Do: func(from, n int) {
				wg.Add(n)
				for i := from; i < from+n; i++ {
					slots <- struct{}{}
					go func() {
						defer wg.Done()
						_, _ = s.Fn(ctx, i)
						<-slots
					}()
				}
			}, Join: wg.Wait}, nil
		}
		return &Session{Do: func(from, n int) {
			wg.Add(n)
			for i := from; i < from+n; i++ {
				go func() {
					defer wg.Done()
					_, _ = s.Fn(ctx, i)
				}()
			}
		}, Join: wg.Wait}, nil
	case Hold:
		var outs []<-chan result
		return &Session{Do: func(from, n int) {
			outs = make([]<-chan result, n)
			for i := range outs {
				outs[i] = ask(ctx, s.Fn, from+i)
			}
		}, Join: func() {
			for i, out := range outs {
				r := <-out
				check(r.v, r.err, i)
			}
		}}, nil
	case Results:
		return &Session{Do: func(_, n int) {
			out := make([]result, s.Batch)
			for ; n > 0; n -= s.Batch {
				wg.Add(s.Batch)
				for i := range out {
					go func() {
						defer wg.Done()
						out[i].v, out[i].err = s.Fn(ctx, i)
					}()
				}
				wg.Wait()
				for i, r := range out {
					check(r.v, r.err, i)
				}
			}
		}}, nil
	case Ping:
		return &Session{Do: func(from, n int) {
			for i := from; i < from+n; i++ {
				r := <-ask(ctx, s.Fn, i)
				check(r.v, r.err, i)
			}
		}}, nil
	case Fork:
		var fib func(n int) int
		fib = func(n int) int {
			if n < 2 {
				return n
			}
			out := make(chan int, 1)
			go func() { out <- fib(n - 1) }()
			y := fib(n - 2)
			return <-out + y
		}
		want, _ := fibWant(s.Batch)
		return &Session{Do: func(_, n int) {
			for range n {
				check(fib(s.Batch), nil, want-1)
			}
		}}, nil
	case Map:
		args := upFrom(0, s.Batch)
		return &Session{Do: func(_, n int) {
			for ; n > 0; n -= s.Batch {
				out, err := indexLoop(ctx, s.Workers, s.Fn, args)
				check(out[len(out)-1], err, len(out)-1)
			}
		}}, nil
	case Stream:
		return &Session{Do: func(from, n int) {
			// The window holds one more: the goroutine whose channel waits for its place.
			order := make(chan (<-chan result), 2*s.Workers-1)
			wg.Go(func() {
				defer close(order)
				for i := from; i < from+n; i++ {
					order <- ask(ctx, s.Fn, i)
				}
			})
			next := from
			for out := range order {
				r := <-out
				check(r.v, r.err, next)
				next++
			}
			wg.Wait()
		}}, nil
	case Batch:
		return nil, noBatch
	}
	panic("no such shape")
}

// ask is a goroutine and a channel.
func ask(ctx context.Context, fn Fn, arg int) <-chan result {
	out := make(chan result, 1)
	go func() {
		v, err := fn(ctx, arg)
		out <- result{v, err}
	}()
	return out
}

// indexLoop is the loop that Map stands for: goroutines that share an index, and end at the
// first error or when ctx ends.
func indexLoop(ctx context.Context, workers int, fn Fn, args []int) ([]int, error) {
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
