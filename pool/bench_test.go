package pool_test

import (
	"context"
	"runtime"
	"sync"
	"testing"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/internal/queue"
	"github.com/forebay-go/forebay/pool"
)

// The benchmarks come in groups: the same work on a pool, and as a careful Go programmer
// would write it by hand with goroutines and channels, typed and without closures. Compare
// within one run only, over several counts:
//
//	make bench

func inc(_ context.Context, n int) (int, error) { return n + 1, nil }

// channelPool is the hand-written rival: W workers on one buffered channel.
type channelPool struct {
	jobs chan job
	wg   sync.WaitGroup
}

type job struct {
	ctx context.Context
	fn  pool.Func[int, int]
	arg int
	out chan result // nil: nobody waits
}

type result struct {
	v   int
	err error
}

func newChannelPool(workers, queue int) *channelPool {
	p := &channelPool{jobs: make(chan job, queue)}
	for range workers {
		p.wg.Go(func() {
			for j := range p.jobs {
				v, err := j.fn(j.ctx, j.arg)
				if j.out != nil {
					j.out <- result{v, err}
				}
			}
		})
	}
	return p
}

func (p *channelPool) submit(ctx context.Context, fn pool.Func[int, int], arg int) <-chan result {
	out := make(chan result, 1)
	p.jobs <- job{ctx, fn, arg, out}
	return out
}

func (p *channelPool) close() {
	close(p.jobs)
	p.wg.Wait()
}

// fireJob is a job without a way back: fire needs no more, so its rival gets no more.
type fireJob struct {
	ctx context.Context
	fn  pool.Func[int, int]
	arg int
}

func fireChannel(queue int) (jobs chan fireJob, stop func()) {
	jobs = make(chan fireJob, queue)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for j := range jobs {
				_, _ = j.fn(j.ctx, j.arg)
			}
		})
	}
	return jobs, func() {
		close(jobs)
		wg.Wait()
	}
}

const benchQueue = 1024

// Fire: one producer, empty tasks, nobody awaits. Timed until all have run.
func BenchmarkFire(b *testing.B) {
	ctx := context.Background()
	b.Run("forebay", func(b *testing.B) {
		b.ReportAllocs()
		p := pool.New[int, int](pool.WithQueue(benchQueue))
		for i := 0; b.Loop(); i++ {
			if err := p.Go(ctx, inc, i); err != nil {
				b.Fatal(err)
			}
		}
		_ = p.Close()
	})
	b.Run("channel", func(b *testing.B) {
		b.ReportAllocs()
		jobs, stop := fireChannel(benchQueue)
		for i := 0; b.Loop(); i++ {
			jobs <- fireJob{ctx, inc, i}
		}
		stop()
	})
}

// FireRing: what the ring alone costs in Fire: the same entries pushed and popped and the function
// called, by as many workers, without contexts, recovery, counters and scheduler. Who finds the ring
// full or empty yields, so it is no lower bound for a pool whose workers sleep.
func BenchmarkFireRing(b *testing.B) {
	ctx := context.Background()
	b.ReportAllocs()
	r := queue.NewRing[fireJob](benchQueue)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			var j fireJob
			for {
				switch st := r.Pop(&j); {
				case st == queue.OK:
					_, _ = j.fn(j.ctx, j.arg)
				case st == queue.Empty && r.Closed():
					return
				default:
					runtime.Gosched()
				}
			}
		})
	}
	for i := 0; b.Loop(); i++ {
		for r.Push(&fireJob{ctx, inc, i}) != queue.OK {
			runtime.Gosched()
		}
	}
	r.Close()
	wg.Wait()
}

// FireParallel: as many producers as processors.
func BenchmarkFireParallel(b *testing.B) { fireParallel(b, 1) }

// FireCrowd: 64 producers, or a few less, so the queue is full most of the time and most of them wait
// for room.
func BenchmarkFireCrowd(b *testing.B) { fireParallel(b, 64/runtime.GOMAXPROCS(0)) }

// fireParallel has so many producers for each processor.
func fireParallel(b *testing.B, producers int) {
	ctx := context.Background()
	b.Run("forebay", func(b *testing.B) {
		b.ReportAllocs()
		b.SetParallelism(producers)
		p := pool.New[int, int](pool.WithQueue(benchQueue))
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				_ = p.Go(ctx, inc, 1)
			}
		})
		_ = p.Close()
	})
	b.Run("channel", func(b *testing.B) {
		b.ReportAllocs()
		b.SetParallelism(producers)
		jobs, stop := fireChannel(benchQueue)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				jobs <- fireJob{ctx, inc, 1}
			}
		})
		stop()
	})
}

// Results: submit 1000 tasks, then await their results in order. One op is one task.
func BenchmarkResults(b *testing.B) {
	ctx := context.Background()
	const batch = 1000
	b.Run("forebay", func(b *testing.B) {
		b.ReportAllocs()
		p := pool.New[int, int](pool.WithQueue(benchQueue))
		defer p.Close()
		fs := make([]*future.Future[int], batch)
		for i := 0; i < b.N; i += batch {
			for j := range fs {
				fs[j] = p.Submit(ctx, inc, j)
			}
			for j, f := range fs {
				if v, err := f.Await(ctx); err != nil || v != j+1 {
					b.Fatal(v, err)
				}
			}
		}
	})
	b.Run("channel", func(b *testing.B) {
		b.ReportAllocs()
		p := newChannelPool(runtime.GOMAXPROCS(0), benchQueue)
		defer p.close()
		outs := make([]<-chan result, batch)
		for i := 0; i < b.N; i += batch {
			for j := range outs {
				outs[j] = p.submit(ctx, inc, j)
			}
			for j, out := range outs {
				if r := <-out; r.err != nil || r.v != j+1 {
					b.Fatal(r)
				}
			}
		}
	})
}

// Ping: submit one task and await it.
func BenchmarkPing(b *testing.B) {
	ctx := context.Background()
	b.Run("forebay", func(b *testing.B) {
		b.ReportAllocs()
		p := pool.New[int, int]()
		defer p.Close()
		for b.Loop() {
			if v, err := p.Submit(ctx, inc, 1).Await(ctx); err != nil || v != 2 {
				b.Fatal(v, err)
			}
		}
	})
	b.Run("channel", func(b *testing.B) {
		b.ReportAllocs()
		p := newChannelPool(runtime.GOMAXPROCS(0), benchQueue)
		defer p.close()
		for b.Loop() {
			if r := <-p.submit(ctx, inc, 1); r.err != nil || r.v != 2 {
				b.Fatal(r)
			}
		}
	})
	b.Run("goroutine", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			out := make(chan result, 1)
			go func() {
				v, err := inc(ctx, 1)
				out <- result{v, err}
			}()
			if r := <-out; r.err != nil || r.v != 2 {
				b.Fatal(r)
			}
		}
	})
}

// Fib: fib(25) as nested tasks, one fork for each addition. One op is one fork. A channel
// pool deadlocks on this, so the rival is a goroutine for each fork.
func BenchmarkFib(b *testing.B) {
	const n, want, forks = 25, 75025, 121392
	ctx := context.Background()
	b.Run("forebay", func(b *testing.B) {
		b.ReportAllocs()
		p := pool.New[int, int](pool.WithQueue(256))
		defer p.Close()
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
		for i := 0; i < b.N; i += forks {
			if v, err := p.Do(ctx, fib, n); err != nil || v != want {
				b.Fatal(v, err)
			}
		}
	})
	b.Run("goroutine", func(b *testing.B) {
		b.ReportAllocs()
		var fib func(n int) int
		fib = func(n int) int {
			if n < 2 {
				return n
			}
			out := make(chan int, 1)
			go func() { out <- fib(n - 1) }()
			y := fib(n - 2)
			return <-out + y
		}
		for i := 0; i < b.N; i += forks {
			if v := fib(n); v != want {
				b.Fatal(v)
			}
		}
	})
}
