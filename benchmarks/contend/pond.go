package contend

import (
	"context"

	"github.com/alitto/pond/v2"
)

// pondPool: Go to fire and forget; ResultPool for typed results; a group for many tasks at
// once, whose Wait returns the results in order. The queue has the same bound as everybody's
// (WithQueueSize), and a submit waits while it is full, its default.
type pondPool struct{}

func (pondPool) About() About {
	return About{
		Name: "pond", Module: "github.com/alitto/pond/v2",
		Use: "`Go` to fire; `ResultPool`, `SubmitErr` and `Wait` for results; a task group for batch and map; the queue bounded (`WithQueueSize`), with its default of waiting while it is full",
	}
}

func (pondPool) Start(shape Shape, s Setup) (*Session, error) {
	ctx := context.Background()
	size := pond.WithQueueSize(pond.Unbounded)
	if s.Queue != Unbounded {
		size = pond.WithQueueSize(s.Queue)
	}
	if shape == Fire {
		p := pond.NewPool(s.Workers, size)
		return &Session{Do: func(from, n int) {
			for i := from; i < from+n; i++ {
				must(p.Go(func() { _, _ = s.Fn(ctx, i) }))
			}
		}, Join: p.StopAndWait}, nil
	}
	p := pond.NewResultPool[int](s.Workers, size)
	submit := func(arg int) pond.ResultTask[int] {
		return p.SubmitErr(func() (int, error) { return s.Fn(ctx, arg) })
	}
	switch shape {
	case Hold:
		var tasks []pond.ResultTask[int]
		return &Session{Do: func(from, n int) {
			tasks = make([]pond.ResultTask[int], n)
			for i := range tasks {
				tasks[i] = submit(from + i)
			}
		}, Join: func() {
			for i, t := range tasks {
				v, err := t.Wait()
				check(v, err, i)
			}
			p.StopAndWait()
		}}, nil
	case Results:
		tasks := make([]pond.ResultTask[int], s.Batch)
		return &Session{Do: func(_, n int) {
			for ; n > 0; n -= s.Batch {
				for i := range tasks {
					tasks[i] = submit(i)
				}
				for i, t := range tasks {
					v, err := t.Wait()
					check(v, err, i)
				}
			}
		}, Stop: p.StopAndWait}, nil
	case Batch, Map:
		return &Session{Do: func(_, n int) {
			for ; n > 0; n -= s.Batch {
				tasks := make([]func() (int, error), s.Batch)
				for i := range tasks {
					tasks[i] = func() (int, error) { return s.Fn(ctx, i) }
				}
				out, err := p.NewGroup().SubmitErr(tasks...).Wait()
				must(err)
				for i, v := range out {
					check(v, nil, i)
				}
			}
		}, Stop: p.StopAndWait}, nil
	case Ping:
		return &Session{Do: func(from, n int) {
			for i := from; i < from+n; i++ {
				v, err := submit(i).Wait()
				check(v, err, i)
			}
		}, Stop: p.StopAndWait}, nil
	case Fork:
		return nil, deadlocks
	}
	return nil, noOrder
}
