package contend

import (
	"context"

	"github.com/go-pkgz/pool"
)

// pkgz: a pool with its worker function. For trivial tasks batches and channels of 100, its
// README's advice "for heavy workloads with many items"; without batches where a task is
// heavy, since batching is "when processing overhead per item is low", and in burst, as a batch
// waits until it is full. Submit for one producer, Send for several. Results through its Collector, with the index beside the value, as
// they come in no order; a pool for each batch, since only Close flushes the last items.
type pkgz struct{}

func (pkgz) About() About {
	return About{
		Name: "go-pkgz", Module: "github.com/go-pkgz/pool",
		Use: "`Submit` (several producers: `Send`) with batches and channels of 100 for trivial tasks, as its README advises, and no batches for heavy ones and in burst; results through its `Collector`, with a pool for each batch, since only `Close` flushes",
	}
}

type pkgzAsk struct {
	arg int
	out chan result
}

type pkgzResult struct{ arg, v int }

func (pkgz) Start(shape Shape, s Setup) (*Session, error) {
	ctx := context.Background()
	switch {
	case s.Queue == Unbounded:
		return nil, noQueue
	case shape == Fire:
		p := pool.New(s.Workers, pool.WorkerFunc[int](func(ctx context.Context, arg int) error {
			_, err := s.Fn(ctx, arg)
			return err
		})).WithWorkerChanSize(100).WithBatchSize(100)
		if s.Heavy || s.Prompt {
			p = p.WithBatchSize(0)
		}
		must(p.Go(ctx))
		submit := p.Submit
		if s.Producers > 1 {
			submit = p.Send
		}
		return &Session{Do: func(from, n int) {
			for i := from; i < from+n; i++ {
				submit(i)
			}
		}, Join: func() { must(p.Close(ctx)) }}, nil
	case shape == Results, shape == Map:
		return &Session{Do: func(_, n int) {
			for ; n > 0; n -= s.Batch {
				results := pool.NewCollector[pkgzResult](ctx, s.Batch)
				p := pool.New(s.Workers, pool.WorkerFunc[int](func(ctx context.Context, arg int) error {
					v, err := s.Fn(ctx, arg)
					results.Submit(pkgzResult{arg, v})
					return err
				})).WithWorkerChanSize(100).WithBatchSize(100)
				must(p.Go(ctx))
				for i := range s.Batch {
					p.Submit(i)
				}
				must(p.Close(ctx))
				results.Close()
				out := make([]int, s.Batch)
				for r, err := range results.Iter() {
					must(err)
					out[r.arg] = r.v
				}
				for i, v := range out {
					check(v, nil, i)
				}
			}
		}}, nil
	case shape == Ping:
		// A collector cannot tell whose result it has: the item carries the way back.
		p := pool.New(s.Workers, pool.WorkerFunc[pkgzAsk](func(ctx context.Context, a pkgzAsk) error {
			v, err := s.Fn(ctx, a.arg)
			a.out <- result{v, err}
			return nil
		})).WithBatchSize(0)
		must(p.Go(ctx))
		return &Session{Do: func(from, n int) {
			for i := from; i < from+n; i++ {
				out := make(chan result, 1)
				p.Send(pkgzAsk{i, out})
				r := <-out
				check(r.v, r.err, i)
			}
		}, Stop: func() { must(p.Close(ctx)) }}, nil
	case shape == Batch:
		return nil, noBatch
	case shape == Fork:
		return nil, deadlocks
	}
	return nil, noOrder
}
