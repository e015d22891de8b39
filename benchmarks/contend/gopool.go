package contend

import (
	"context"
	"sync"

	"github.com/bytedance/gopkg/util/gopool"
)

// goPool: "just replace your go func with gopool.Go", so what surrounds it is what surrounds
// a go statement: a WaitGroup, a slice or a channel. A pool of its own with a cap, as the
// package's default one has none; its queue has no bound, and it has no end.
type goPool struct{}

func (goPool) About() About {
	return About{
		Name: "gopool", Module: "github.com/bytedance/gopkg",
		Use: "`NewPool` with a cap and `Go` in place of the go statement, as its README says, with what one uses around that: a `WaitGroup`, a slice, a channel; its queue has no bound",
	}
}

func (goPool) Start(shape Shape, s Setup) (*Session, error) {
	ctx := context.Background()
	p := gopool.NewPool("bench", int32(s.Workers), gopool.NewConfig())
	var wg sync.WaitGroup
	switch shape {
	case Fire:
		return &Session{Do: func(from, n int) {
			wg.Add(n)
			for i := from; i < from+n; i++ {
				p.Go(func() {
					defer wg.Done()
					_, _ = s.Fn(ctx, i)
				})
			}
		}, Join: wg.Wait}, nil
	case Results:
		return &Session{Do: func(_, n int) {
			out := make([]result, s.Batch)
			for ; n > 0; n -= s.Batch {
				wg.Add(s.Batch)
				for i := range out {
					p.Go(func() {
						defer wg.Done()
						out[i].v, out[i].err = s.Fn(ctx, i)
					})
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
				out := make(chan result, 1)
				p.Go(func() {
					v, err := s.Fn(ctx, i)
					out <- result{v, err}
				})
				r := <-out
				check(r.v, r.err, i)
			}
		}}, nil
	case Batch:
		return nil, noBatch
	case Fork:
		return nil, deadlocks
	case Hold:
		return nil, noHandle
	case Map:
		return nil, Cannot("has no map, and no results to build one of: see results")
	}
	return nil, noOrder
}
