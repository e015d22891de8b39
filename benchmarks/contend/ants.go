package contend

import (
	"context"
	"sync"
	"time"

	"github.com/panjf2000/ants/v2"
)

// antsPool: PoolWithFuncGeneric and Invoke, its typed form for many calls of one function,
// which needs no closure. Invoke waits for a free worker, its default; there is no queue. It has
// no results and Release does not wait for tasks, so as in its examples a WaitGroup tells the
// end, and a result is written where the argument points. PreAlloc is for "ultra-large
// capacity", by its README, and not used.
type antsPool struct{}

func (antsPool) About() About {
	return About{
		Name: "ants", Module: "github.com/panjf2000/ants/v2",
		Use: "`PoolWithFuncGeneric` and `Invoke`, its form without closures, which waits for a free worker (there is no queue); a `WaitGroup` tells the end, as in its examples; results where the argument points",
	}
}

type antsTask struct {
	arg int
	out *result
	wg  *sync.WaitGroup
}

type antsAsk struct {
	arg int
	out chan result
}

func newAnts[T any](workers int, fn func(T)) (p *ants.PoolWithFuncGeneric[T], end func()) {
	p, err := ants.NewPoolWithFuncGeneric(workers, fn)
	must(err)
	return p, func() { must(p.ReleaseTimeout(10 * time.Second)) }
}

func (antsPool) Start(shape Shape, s Setup) (*Session, error) {
	ctx := context.Background()
	var wg sync.WaitGroup
	switch {
	case s.Queue == Unbounded:
		return nil, noQueue
	case shape == Fire:
		p, end := newAnts(s.Workers, func(arg int) {
			_, _ = s.Fn(ctx, arg)
			wg.Done()
		})
		return &Session{Do: func(from, n int) {
			wg.Add(n)
			for i := from; i < from+n; i++ {
				must(p.Invoke(i))
			}
		}, Join: wg.Wait, Stop: end}, nil
	case shape == Results:
		p, end := newAnts(s.Workers, func(t antsTask) {
			t.out.v, t.out.err = s.Fn(ctx, t.arg)
			t.wg.Done()
		})
		return &Session{Do: func(_, n int) {
			out := make([]result, s.Batch)
			for ; n > 0; n -= s.Batch {
				wg.Add(s.Batch)
				for i := range out {
					must(p.Invoke(antsTask{i, &out[i], &wg}))
				}
				wg.Wait()
				for i, r := range out {
					check(r.v, r.err, i)
				}
			}
		}, Stop: end}, nil
	case shape == Ping:
		p, end := newAnts(s.Workers, func(a antsAsk) {
			v, err := s.Fn(ctx, a.arg)
			a.out <- result{v, err}
		})
		return &Session{Do: func(from, n int) {
			for i := from; i < from+n; i++ {
				out := make(chan result, 1)
				must(p.Invoke(antsAsk{i, out}))
				r := <-out
				check(r.v, r.err, i)
			}
		}, Stop: end}, nil
	case shape == Batch:
		return nil, noBatch
	case shape == Fork:
		return nil, deadlocks
	case shape == Map:
		return nil, Cannot("has no map, and no results to build one of: see results")
	}
	return nil, noOrder
}
