package contend

import (
	"context"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// forebay: Go where nobody awaits; Submit and Await for results; SubmitAll, Map and Stream
// for what they are named after.
type forebay struct{}

func (forebay) About() About {
	return About{
		Name: "forebay",
		Use:  "`Go` to fire; `Submit` and `Await`; `SubmitAll`, `Map` and `Stream` for what they are named after",
	}
}

func (forebay) Start(shape Shape, s Setup) (*Session, error) {
	ctx := context.Background()
	queue := pool.WithUnboundedQueue()
	if s.Queue != Unbounded {
		queue = pool.WithQueue(s.Queue)
	}
	p := pool.New[int, int](pool.WithWorkers(s.Workers), queue)
	end := func() { must(p.Close()) }
	switch shape {
	case Fire:
		return &Session{Do: func(from, n int) {
			for i := from; i < from+n; i++ {
				must(p.Go(ctx, s.Fn, i))
			}
		}, Join: end}, nil
	case Hold:
		var fs []*future.Future[int]
		return &Session{Do: func(from, n int) {
			fs = make([]*future.Future[int], n)
			for i := range fs {
				fs[i] = p.Submit(ctx, s.Fn, from+i)
			}
		}, Join: func() {
			for i, f := range fs {
				v, err := f.Await(ctx)
				check(v, err, i)
			}
			end()
		}}, nil
	case Results:
		fs := make([]*future.Future[int], s.Batch)
		return &Session{Do: func(_, n int) {
			for ; n > 0; n -= s.Batch {
				for i := range fs {
					fs[i] = p.Submit(ctx, s.Fn, i)
				}
				for i, f := range fs {
					v, err := f.Await(ctx)
					check(v, err, i)
				}
			}
		}, Stop: end}, nil
	case Batch:
		args := upFrom(0, s.Batch)
		return &Session{Do: func(_, n int) {
			for ; n > 0; n -= s.Batch {
				for i, f := range p.SubmitAll(ctx, s.Fn, args) {
					v, err := f.Await(ctx)
					check(v, err, i)
				}
			}
		}, Stop: end}, nil
	case Ping:
		return &Session{Do: func(from, n int) {
			for i := from; i < from+n; i++ {
				v, err := p.Submit(ctx, s.Fn, i).Await(ctx)
				check(v, err, i)
			}
		}, Stop: end}, nil
	case Fork:
		var fib pool.Func[int, int]
		fib = func(ctx context.Context, n int) (int, error) {
			if n < 2 {
				return n, nil
			}
			f := p.Submit(ctx, fib, n-1)
			y, err := fib(ctx, n-2)
			if err != nil {
				return 0, err
			}
			x, err := f.Await(ctx)
			return x + y, err
		}
		want, _ := fibWant(s.Batch)
		return &Session{Do: func(_, n int) {
			for range n {
				v, err := p.Do(ctx, fib, s.Batch)
				check(v, err, want-1)
			}
		}, Stop: end}, nil
	case Map:
		args := upFrom(0, s.Batch)
		return &Session{Do: func(_, n int) {
			for ; n > 0; n -= s.Batch {
				out, err := p.Map(ctx, s.Fn, args)
				check(out[len(out)-1], err, len(out)-1)
			}
		}, Stop: end}, nil
	case Stream:
		return &Session{Do: func(from, n int) {
			next := from
			inputs := func(yield func(int) bool) {
				for i := from; i < from+n && yield(i); i++ {
				}
			}
			for v, err := range p.Stream(ctx, s.Fn, inputs) {
				check(v, err, next)
				next++
			}
		}, Stop: end}, nil
	}
	panic("no such shape")
}
