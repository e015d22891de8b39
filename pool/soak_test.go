package pool_test

import (
	"context"
	"errors"
	"flag"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

var (
	soakFor  = flag.Duration("soak", 0, "how long TestSoak runs; 0: not at all")
	soakLine = flag.Duration("soakline", time.Minute, "how often TestSoak prints a line, and looks")
)

// TestSoak puts a mixed load on one long-lived pool and its view for a long time, in real time:
//
//	go test ./pool -run Soak -v -soak 30m -timeout 0
//
// Each minute it stops submitting, lets the pool come to rest, prints a line, and looks whether
// the laws hold and whether anything has grown since the first line. The load is a few
// submitters that pause now and then, so that workers park, retire and start again.
func TestSoak(t *testing.T) {
	if *soakFor == 0 {
		t.Skip("it takes long: go test ./pool -run Soak -v -soak 30m -timeout 0")
	}
	s := &soak{
		limit: max(2, runtime.GOMAXPROCS(0)),
		rng:   rand.New(rand.NewPCG(rand.Uint64(), 0)),
	}
	const idle = 50 * time.Millisecond
	s.p = pool.New[int, int](pool.WithWorkers(s.limit), pool.WithQueue(64), pool.WithIdleTimeout(idle))
	s.view = pool.Share[int, int](s.p, pool.WithWorkers(1))
	outside := goroutines()
	var firstHeap int64
	for end := time.Now().Add(*soakFor); time.Now().Before(end) && !t.Failed(); {
		s.load(t, min(*soakLine, time.Until(end)))
		for _, p := range []*intPool{s.p, s.view} {
			wantBalance(t, p)
		}
		s.gauge.wantPeak(t, s.limit)
		running := 0
		for range 200 { // until idle workers have retired
			if running = goroutines(); running <= outside {
				break
			}
			time.Sleep(idle / 10)
		}
		heap := heapInUse()
		a, b := s.p.Stats(), s.view.Stats()
		t.Logf("%10d tasks, %6d refused, heap %7d bytes, %d goroutines, submit to settled: %v median, %v p99",
			a.Accepted+b.Accepted, a.Rejected+b.Rejected, heap, running, s.quantile(0.5), s.quantile(0.99))
		// Map's tasks, one to three for three items, each run the function for several.
		begun, maps := s.begun.Load(), s.maps.Load()
		if ran := ended(a) + ended(b); ran < begun+maps || ran > begun+3*maps {
			t.Errorf("Stats say that %d tasks ran, want %d, and one to three for each of %d Maps", ran, begun, maps)
		}
		if running > outside {
			t.Errorf("goroutines of a pool at rest: got %d, and %d before it was used", running, outside)
		}
		const slack = 256 << 10
		switch {
		case firstHeap == 0:
			firstHeap = heap // buffers and caches have grown to their size
		case heap > firstHeap+slack:
			t.Errorf("heap at rest: got %d bytes, %d at the first line; a drift of %d is allowed", heap, firstHeap, slack)
		}
		s.latencies = s.latencies[:0]
		s.seen = 0
	}
	_ = s.p.Close()
	wantBalance(t, s.p)
	wantBalance(t, s.view)
}

func ended(s pool.Stats) uint64 { return s.Succeeded + s.Failed + s.Panicked }

type soak struct {
	p, view *intPool
	limit   int
	gauge   gauge
	begun   atomic.Uint64 // task functions called, but Map's
	maps    atomic.Uint64

	mu        sync.Mutex
	rng       *rand.Rand
	latencies []time.Duration // a reservoir: each of seen is in it with the same chance
	seen      int
}

// load runs submitters for d, and waits until all is settled.
func (s *soak) load(t *testing.T, d time.Duration) {
	var submitters sync.WaitGroup
	end := time.Now().Add(d)
	for range 4 {
		s.mu.Lock()
		rng := rand.New(rand.NewPCG(s.rng.Uint64(), 0))
		s.mu.Unlock()
		submitters.Go(func() {
			for time.Now().Before(end) {
				for range 1 + rng.IntN(200) {
					s.once(t, rng)
				}
				if rng.IntN(20) == 0 {
					time.Sleep(time.Duration(rng.IntN(120)) * time.Millisecond)
				}
			}
		})
	}
	submitters.Wait()
	for _, p := range []*intPool{s.p, s.view} { // what was submitted by Go, cancelled, or left alone
		for at := p.Stats(); at.Queued > 0 || at.Running > 0; at = p.Stats() {
			time.Sleep(time.Millisecond)
		}
	}
}

// once does one of the things that programs do with a pool.
func (s *soak) once(t *testing.T, rng *rand.Rand) {
	p, n := s.p, rng.IntN(1000)
	if rng.IntN(8) == 0 {
		p = s.view
	}
	ctx := t.Context()
	want := func(what string, got int, err error) {
		if err != nil || got != n+1 {
			t.Errorf("%s: got %d, %v, want %d", what, got, err, n+1)
		}
	}
	switch rng.IntN(16) {
	default:
		begin := time.Now()
		f := p.Submit(ctx, s.task(inc), n)
		got, err := f.Await(ctx)
		s.took(time.Since(begin))
		want("Submit", got, err)
	case 0:
		accept(t, "Go", p.Go(ctx, s.task(inc), n))
	case 1:
		if f, err := p.TrySubmit(ctx, s.task(inc), n); err == nil {
			got, err := f.Await(ctx)
			want("TrySubmit", got, err)
		} else {
			accept(t, "TrySubmit", err, pool.ErrFull)
		}
	case 2: // cancelled somewhere on the way
		f := p.Submit(ctx, s.task(inc), n)
		canceled := f.Cancel(errStop)
		if _, err := f.Await(ctx); canceled != errors.Is(err, future.ErrCanceled) {
			t.Errorf("Cancel said %t, and the result is %v", canceled, err)
		}
	case 3: // out of time somewhere on the way
		ctx, cancel := context.WithTimeout(ctx, time.Duration(rng.IntN(50))*time.Microsecond)
		_, err := p.Do(ctx, s.task(inc), n)
		cancel()
		accept(t, "Do", err, future.ErrCanceled, future.ErrNotReady)
	case 4: // nested
		f := p.Submit(ctx, s.task(func(ctx context.Context, n int) (int, error) {
			inner := p.Submit(ctx, s.task(inc), n)
			var got int
			var err error
			s.gauge.outside(func() { got, err = inner.Await(ctx) })
			return got, err
		}), n)
		got, err := f.Await(ctx)
		want("a nested Submit", got, err)
	case 5: // blocking
		_, err := p.Do(ctx, s.task(func(ctx context.Context, n int) (int, error) {
			s.gauge.outside(func() { pool.Block(ctx, func() { time.Sleep(50 * time.Microsecond) }) })
			return n, nil
		}), n)
		accept(t, "a task that blocks", err)
	case 6: // panics, and ends its goroutine
		_, err := p.Do(ctx, s.task(func(context.Context, int) (int, error) {
			if n%2 == 0 {
				runtime.Goexit()
			}
			panic(errAnyTask)
		}), n)
		if !errors.Is(err, future.ErrGoexit) && !errors.Is(err, errAnyTask) {
			t.Errorf("a panic or Goexit: got %v", err)
		}
	case 7:
		g, gctx := p.Group(ctx)
		for i := range 5 {
			g.Submit(s.task(func(ctx context.Context, n int) (int, error) {
				if i == 3 && n%2 == 0 {
					return 0, errAnyTask
				}
				return n, gctx.Err()
			}), n)
		}
		_, err := g.Wait()
		accept(t, "Group.Wait", err, errAnyTask, context.Canceled)
	case 8:
		s.maps.Add(1)
		vs, err := p.Map(ctx, s.gauge.task(inc), []int{n, n, n})
		if len(vs) != 3 {
			t.Errorf("Map: got %v, %v, want 3 values", vs, err)
		}
	case 9:
		first := p.Submit(ctx, s.task(func(_ context.Context, n int) (int, error) { return n, nil }), n)
		got, err := p.SubmitAfter(ctx, first, s.task(inc)).Await(ctx)
		want("SubmitAfter", got, err)
	}
}

// task is fn, counted.
func (s *soak) task(fn intFunc) intFunc {
	return func(ctx context.Context, n int) (int, error) {
		s.begun.Add(1)
		return s.gauge.task(fn)(ctx, n)
	}
}

const reservoir = 4096

func (s *soak) took(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen++
	if len(s.latencies) < reservoir {
		s.latencies = append(s.latencies, d)
	} else if i := s.rng.IntN(s.seen); i < reservoir {
		s.latencies[i] = d
	}
}

// quantile of what the reservoir holds.
func (s *soak) quantile(q float64) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.latencies) == 0 {
		return 0
	}
	slices.Sort(s.latencies)
	return s.latencies[int(q*float64(len(s.latencies)-1))].Round(100 * time.Nanosecond)
}
