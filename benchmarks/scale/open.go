package scale

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/alitto/pond/v2"
	"github.com/panjf2000/ants/v2"

	"github.com/forebay-go/forebay/pool"
)

// An opened pool runs functions. end waits for them, and for the workers where the pool offers that.
type opened struct {
	run func(fn func())
	end func()
}

// open makes the pool of a contender. expiry is how long a worker without work is kept, where
// that can be said; 0 is the pool's default. pond keeps none, and channel all.
func open(name string, workers int, expiry time.Duration) opened {
	switch name {
	case "forebay":
		opts := []pool.Option{pool.WithWorkers(workers)}
		if expiry > 0 {
			opts = append(opts, pool.WithIdleTimeout(expiry))
		}
		p := pool.New[func(), struct{}](opts...)
		call := func(_ context.Context, fn func()) (struct{}, error) {
			fn()
			return struct{}{}, nil
		}
		return opened{
			run: func(fn func()) { must(p.Go(context.Background(), call, fn)) },
			end: func() { must(p.Close()) },
		}
	case "channel":
		var wg sync.WaitGroup
		jobs := make(chan func(), 1024)
		for range workers {
			wg.Go(func() {
				for fn := range jobs {
					fn()
				}
			})
		}
		return opened{
			run: func(fn func()) { jobs <- fn },
			end: func() {
				close(jobs)
				wg.Wait()
			},
		}
	case "ants":
		var opts []ants.Option
		if expiry > 0 {
			opts = append(opts, ants.WithExpiryDuration(expiry))
		}
		p, err := ants.NewPoolWithFuncGeneric(workers, func(fn func()) { fn() }, opts...)
		must(err)
		return opened{
			run: func(fn func()) { must(p.Invoke(fn)) },
			end: func() { must(p.ReleaseTimeout(10 * time.Second)) },
		}
	case "pond":
		p := pond.NewPool(workers, pond.WithQueueSize(1024))
		return opened{run: func(fn func()) { must(p.Go(fn)) }, end: p.StopAndWait}
	case nothing:
		return opened{run: func(fn func()) {}, end: func() {}}
	}
	panic(fmt.Sprintf("no such pool: %q", name))
}

// busy has all workers at work at the same time, so that all have been started, and returns
// when they have no work any more.
func (o opened) busy(workers int) {
	var all, done sync.WaitGroup
	all.Add(workers)
	done.Add(workers)
	for range workers {
		o.run(func() {
			all.Done()
			all.Wait()
			done.Done()
		})
	}
	done.Wait()
}
