package contend

import (
	"context"

	"github.com/sourcegraph/conc/iter"
	"github.com/sourcegraph/conc/pool"
	"github.com/sourcegraph/conc/stream"
)

// concPool: each of its packages for what its README says "use it if": pool.Pool for tasks with
// a limit, ResultErrorPool for results (they come in no order in v0.3), iter.Mapper for a
// slice, stream.Stream for ordered callbacks. Go waits while all goroutines are busy.
type concPool struct{}

func (concPool) About() About {
	return About{
		Name: "conc", Module: "github.com/sourcegraph/conc",
		Use: "each package for what its README names it for: `pool.New` to fire, `NewWithResults` for results (unordered; a pool for each batch), `iter.Mapper` for map, `stream` for stream; all with `MaxGoroutines`",
	}
}

func (concPool) Start(shape Shape, s Setup) (*Session, error) {
	ctx := context.Background()
	switch {
	case s.Queue == Unbounded:
		return nil, noQueue
	case shape == Fire:
		p := pool.New().WithMaxGoroutines(s.Workers)
		return &Session{Do: func(from, n int) {
			for i := from; i < from+n; i++ {
				p.Go(func() { _, _ = s.Fn(ctx, i) })
			}
		}, Join: p.Wait}, nil
	case shape == Results:
		return &Session{Do: func(_, n int) {
			for ; n > 0; n -= s.Batch {
				p := pool.NewWithResults[int]().WithErrors().WithMaxGoroutines(s.Workers)
				for i := range s.Batch {
					p.Go(func() (int, error) { return s.Fn(ctx, i) })
				}
				out, err := p.Wait()
				sum := 0
				for _, v := range out {
					sum += v
				}
				check(sum, err, s.Batch*(s.Batch+1)/2-1)
			}
		}}, nil
	case shape == Map:
		args := upFrom(0, s.Batch)
		m := iter.Mapper[int, int]{MaxGoroutines: s.Workers}
		return &Session{Do: func(_, n int) {
			for ; n > 0; n -= s.Batch {
				out, err := m.MapErr(args, func(arg *int) (int, error) { return s.Fn(ctx, *arg) })
				check(out[len(out)-1], err, len(out)-1)
			}
		}}, nil
	case shape == Stream:
		return &Session{Do: func(from, n int) {
			str := stream.New().WithMaxGoroutines(s.Workers)
			next := from // "no synchronization is necessary between callbacks"
			for i := from; i < from+n; i++ {
				str.Go(func() stream.Callback {
					v, err := s.Fn(ctx, i)
					return func() {
						check(v, err, next)
						next++
					}
				})
			}
			str.Wait()
		}}, nil
	case shape == Batch:
		return nil, noBatch
	case shape == Fork:
		return nil, deadlocks
	}
	return nil, noHandle
}
