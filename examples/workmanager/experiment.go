package main

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/forebay-go/forebay/pool"
)

// experiment is the amount of work.
type experiment struct {
	jobs, workers int
	sleep         time.Duration
}

// ideal is the time below which nobody can do it.
func (e experiment) ideal() time.Duration {
	rounds := (e.jobs-1)/e.workers + 1
	return time.Duration(rounds) * e.sleep
}

// outcome is how many jobs were done, in what time.
type outcome struct {
	done  int
	total time.Duration
}

// onPool submits every job to a pool and waits until the pool has done them all. When ctx ends, the
// jobs that sleep wake up and those still queued never start.
func (e experiment) onPool(ctx context.Context) outcome {
	var done atomic.Int64
	job := func(ctx context.Context, d time.Duration) (struct{}, error) {
		err := sleep(ctx, d)
		if err == nil {
			done.Add(1)
		}
		return struct{}{}, err
	}

	start := time.Now()
	p := pool.New[time.Duration, struct{}](pool.WithName("workmanager"), pool.WithWorkers(e.workers))
	for range e.jobs {
		if err := p.Go(ctx, job, e.sleep); err != nil {
			break // ctx has ended
		}
	}
	_ = p.Close() // it has an error to return in fail-fast mode only
	return outcome{int(done.Load()), time.Since(start)}
}

// onGoroutines does the same with nothing but goroutines that take the next job off a counter.
func (e experiment) onGoroutines(ctx context.Context) outcome {
	var taken, done atomic.Int64
	start := time.Now()
	var wg sync.WaitGroup
	for range e.workers {
		wg.Go(func() {
			for taken.Add(1) <= int64(e.jobs) && sleep(ctx, e.sleep) == nil {
				done.Add(1)
			}
		})
	}
	wg.Wait()
	return outcome{int(done.Load()), time.Since(start)}
}

// sleep is one job. It leaves early, with the cause, when ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
