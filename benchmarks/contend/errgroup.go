package contend

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// errGroup: SetLimit, and Go, which waits at the limit. Results go into a slice that Wait
// completes, as in the package's example "Parallel"; a batch is a group.
type errGroup struct{}

func (errGroup) About() About {
	return About{
		Name: "errgroup", Module: "golang.org/x/sync",
		Use: "`SetLimit` and `Go`; results into a slice that `Wait` completes, as in its example; a group for each batch",
	}
}

func (errGroup) Start(shape Shape, s Setup) (*Session, error) {
	ctx := context.Background()
	switch {
	case s.Queue == Unbounded:
		return nil, noQueue
	case shape == Fire:
		var g errgroup.Group
		g.SetLimit(s.Workers)
		return &Session{Do: func(from, n int) {
			for i := from; i < from+n; i++ {
				g.Go(func() error {
					_, err := s.Fn(ctx, i)
					return err
				})
			}
		}, Join: func() { must(g.Wait()) }}, nil
	case shape == Results, shape == Map:
		return &Session{Do: func(_, n int) {
			for ; n > 0; n -= s.Batch {
				out := make([]int, s.Batch)
				g, ctx := errgroup.WithContext(ctx)
				g.SetLimit(s.Workers)
				for i := range out {
					g.Go(func() (err error) {
						out[i], err = s.Fn(ctx, i)
						return err
					})
				}
				must(g.Wait())
				for i, v := range out {
					check(v, nil, i)
				}
			}
		}}, nil
	case shape == Batch:
		return nil, noBatch
	case shape == Stream:
		return nil, noOrder
	case shape == Fork:
		return nil, deadlocks
	}
	return nil, noHandle
}
