package contend

import (
	"context"
	"sync"
)

// channel: workers on one buffered channel, typed and without closures, as a careful Go
// programmer writes it by hand. Fire sends struct{ctx, fn, arg}; where a result is wanted, the
// job carries a channel with room for it, the future. This is the baseline of most targets.
type channel struct{}

func (channel) About() About {
	return About{
		Name: "channel",
		Use:  "by hand: workers on a buffered channel of `struct{ctx, fn, arg}`; for results with a channel in it as the future; an ordered pipeline for stream",
	}
}

type job struct {
	ctx context.Context
	fn  Fn
	arg int
}

type askJob struct {
	job
	out chan result
}

func (channel) Start(shape Shape, s Setup) (*Session, error) {
	ctx := context.Background()
	queue := s.Queue
	if queue == Unbounded {
		queue = 1_000_000 // the nearest that a channel has; it is allocated at once
	}
	var wg sync.WaitGroup
	if shape == Fire {
		jobs := make(chan job, queue)
		for range s.Workers {
			wg.Go(func() {
				for j := range jobs {
					_, _ = j.fn(j.ctx, j.arg)
				}
			})
		}
		return &Session{Do: func(from, n int) {
			for i := from; i < from+n; i++ {
				jobs <- job{ctx, s.Fn, i}
			}
		}, Join: func() {
			close(jobs)
			wg.Wait()
		}}, nil
	}

	var do func(from, n int)
	jobs := make(chan askJob, queue)
	end := func() {
		close(jobs)
		wg.Wait()
	}
	submit := func(arg int) <-chan result {
		out := make(chan result, 1)
		jobs <- askJob{job{ctx, s.Fn, arg}, out}
		return out
	}
	session := &Session{Stop: end}
	switch shape {
	case Hold:
		var outs []<-chan result
		do = func(from, n int) {
			outs = make([]<-chan result, n)
			for i := range outs {
				outs[i] = submit(from + i)
			}
		}
		session.Stop, session.Join = nil, func() {
			for i, out := range outs {
				r := <-out
				check(r.v, r.err, i)
			}
			end()
		}
	case Results:
		outs := make([]<-chan result, s.Batch)
		do = func(_, n int) {
			for ; n > 0; n -= s.Batch {
				for i := range outs {
					outs[i] = submit(i)
				}
				for i, out := range outs {
					r := <-out
					check(r.v, r.err, i)
				}
			}
		}
	case Ping:
		do = func(from, n int) {
			for i := from; i < from+n; i++ {
				r := <-submit(i)
				check(r.v, r.err, i)
			}
		}
	case Map:
		return &Session{Do: channelMap(ctx, s)}, nil
	case Stream:
		return &Session{Do: channelStream(ctx, s)}, nil
	case Batch:
		return nil, noBatch
	default:
		return nil, deadlocks
	}
	session.Do = do
	for range s.Workers {
		wg.Go(func() {
			for j := range jobs {
				v, err := j.fn(j.ctx, j.arg)
				j.out <- result{v, err}
			}
		})
	}
	return session, nil
}

// channelMap sends the indices to workers, which write into one slice.
func channelMap(ctx context.Context, s Setup) func(from, n int) {
	args := upFrom(0, s.Batch)
	return func(_, n int) {
		for ; n > 0; n -= s.Batch {
			out, errs := make([]int, len(args)), make(chan error, s.Workers)
			next := make(chan int, s.Queue)
			var wg sync.WaitGroup
			for range s.Workers {
				wg.Go(func() {
					var failed error
					for i := range next {
						var err error
						if out[i], err = s.Fn(ctx, args[i]); err != nil && failed == nil {
							failed = err
						}
					}
					errs <- failed
				})
			}
			for i := range args {
				next <- i
			}
			close(next)
			wg.Wait()
			for range s.Workers {
				must(<-errs)
			}
			check(out[len(out)-1], nil, len(out)-1)
		}
	}
}

// channelStream is an ordered pipeline of channels: whoever feeds it puts the way back of each
// job into a second channel, which is the window: twice the workers, as Forebay's is.
func channelStream(ctx context.Context, s Setup) func(from, n int) {
	return func(from, n int) {
		ctx, cancel := context.WithCancel(ctx)
		jobs := make(chan askJob)
		order := make(chan chan result, 2*s.Workers)
		var wg sync.WaitGroup
		defer wg.Wait()
		defer cancel()
		wg.Go(func() {
			defer close(order)
			defer close(jobs)
			for i := from; i < from+n; i++ {
				j := askJob{job{ctx, s.Fn, i}, make(chan result, 1)}
				select {
				case order <- j.out:
					jobs <- j
				case <-ctx.Done():
					return
				}
			}
		})
		for range s.Workers {
			wg.Go(func() {
				for j := range jobs {
					v, err := j.fn(j.ctx, j.arg)
					j.out <- result{v, err}
				}
			})
		}
		next := from
		for out := range order {
			r := <-out
			check(r.v, r.err, next)
			next++
		}
	}
}
