package contend

import (
	"context"

	"github.com/gammazero/workerpool"
)

// gammazero: Do, which never waits, as its queue has no bound; StopWait to join. "Any return
// values should be returned over a channel that is captured in the task function closure":
// one with room for the batch. One task is awaited with DoWait.
type gammazero struct{}

func (gammazero) About() About {
	return About{
		Name: "gammazero", Module: "github.com/gammazero/workerpool",
		Use: "`Do`, whose queue has no bound; results over a channel that the closure captures, as its docs say, with room for the batch; `DoWait` for one",
	}
}

func (gammazero) Start(shape Shape, s Setup) (*Session, error) {
	ctx := context.Background()
	type indexed struct {
		i int
		result
	}
	var do func(from, n int)
	p := workerpool.New(s.Workers)
	session := &Session{Stop: p.StopWait}
	switch shape {
	case Fire:
		session.Stop, session.Join = nil, p.StopWait
		do = func(from, n int) {
			for i := from; i < from+n; i++ {
				must(p.Do(func() { _, _ = s.Fn(ctx, i) }))
			}
		}
	case Results:
		do = func(_, n int) {
			out := make(chan indexed, s.Batch)
			for ; n > 0; n -= s.Batch {
				for i := range s.Batch {
					must(p.Do(func() {
						v, err := s.Fn(ctx, i)
						out <- indexed{i, result{v, err}}
					}))
				}
				for range s.Batch {
					r := <-out
					check(r.v, r.err, r.i)
				}
			}
		}
	case Ping:
		do = func(from, n int) {
			for i := from; i < from+n; i++ {
				var r result
				must(p.DoWait(func() { r.v, r.err = s.Fn(ctx, i) }))
				check(r.v, r.err, i)
			}
		}
	default:
		p.StopWait()
		switch shape {
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
	session.Do = do
	return session, nil
}
