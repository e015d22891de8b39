package pool_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// The ends of a pool, for tests that go through all of them.
var ends = []struct {
	name  string
	races int // of TestL1_EndRacesWithSubmitters: a millisecond or more each under the race detector
	end   func(p *intPool)
}{
	{"Close", 300, func(p *intPool) { _ = p.Close() }},
	{"Stop", 120, func(p *intPool) { p.Stop(errStop) }},
	{"Shutdown", 120, func(p *intPool) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = p.Shutdown(ctx)
	}},
}

const submitters = 64

// A race is one pool, its submitters, and the one of them who ends the pool instead.
type race struct {
	*intPool
	arrived atomic.Int64
	ran     atomic.Uint64
	futures [submitters]*intFuture
	down    pool.Stats // after the end
}

func (r *race) run(_ context.Context, n int) (int, error) {
	r.ran.Add(1)
	return n, nil
}

// Submitters race with the end of the pool. Whatever they get, at the end the tasks that ran
// are the tasks that were accepted (or, in a hurry, cancelled), and each future says which.
func TestL1_EndRacesWithSubmitters(t *testing.T) {
	for _, tt := range ends {
		t.Run(tt.name, func(t *testing.T) {
			leaks := goleak.IgnoreCurrent()
			n := tt.races
			if !inFull(t) {
				n /= 3
			}
			races := make([]race, n)
			for i := range races {
				races[i].intPool = pool.New[int, int](pool.WithWorkers(1+i%3), pool.WithQueue(1+i%5))
			}
			// All submitters go through all races, at their own pace.
			var wg sync.WaitGroup
			for i := range submitters {
				wg.Go(func() {
					for n := range races {
						r := &races[n]
						if r.arrived.Add(1) == int64(1+n%submitters) {
							tt.end(r.intPool)
							r.down = r.Stats()
						}
						r.futures[i] = r.Submit(context.Background(), r.run, i)
					}
				})
			}
			wg.Wait()
			for n := range races {
				if races[n].check(t, tt.name == "Close"); t.Failed() {
					t.Fatalf("in race %d", n)
				}
			}
			if err := goleak.Find(leaks); err != nil {
				t.Error(err)
			}
		})
	}
}

// check checks the books. Unless the pool was ended in a hurry, what was accepted has run.
func (r *race) check(t *testing.T, unhurried bool) {
	var succeeded, canceled, refused uint64
	for i, f := range r.futures {
		switch got, ok := f.Try(); {
		case !ok:
			t.Errorf("future %d after the end: got state %v, want it settled", i, f.State())
		case got.Err == nil && got.Value == i:
			succeeded++
		case errors.Is(got.Err, future.ErrCanceled) && !unhurried:
			canceled++
		case errors.Is(got.Err, pool.ErrClosed):
			refused++
		default:
			t.Errorf("future %d: got %d, %v in state %v", i, got.Value, got.Err, f.State())
		}
	}
	s := r.Stats()
	wantBalance(t, r.intPool)
	if ran := r.ran.Load(); ran != s.Succeeded || ran != succeeded || unhurried && ran != s.Accepted {
		t.Errorf("ran: %d tasks, and by their futures %d; %+v", ran, succeeded, s)
	}
	if s.Accepted+s.Rejected != submitters || canceled+refused != s.Canceled+s.Rejected {
		t.Errorf("futures: %d canceled, %d refused of %d; %+v", canceled, refused, submitters, s)
	}
	if s.Rejected = r.down.Rejected; s != r.down {
		t.Errorf("Stats after the end has returned: got %+v,\nthen %+v, want no change", r.down, s)
	}
}

// Cancel, the worker and the end of the pool race for each task. One of them decides, and
// everybody who looks sees the same result.
func TestL1_SettlesOnce(t *testing.T) {
	for round := range scaled(100) {
		p := pool.New[int, int](pool.WithWorkers(2))
		var ran atomic.Int64
		f := p.Submit(context.Background(), func(_ context.Context, n int) (int, error) {
			ran.Add(1)
			return n, nil
		}, 1)
		fired := make(chan future.Result[int], 2)
		f.AfterFunc(func(r future.Result[int]) { fired <- r })
		var never atomic.Bool
		seen := make([]future.Result[int], 4)
		var wg sync.WaitGroup
		wg.Go(func() { never.Store(f.Cancel(errStop)) })
		wg.Go(func() { p.Stop(errStop) })
		for i := range seen {
			wg.Go(func() {
				v, err := f.Await(context.Background())
				seen[i] = future.Result[int]{Value: v, Err: err}
			})
		}
		wg.Wait()
		if r := <-fired; r != seen[0] || len(fired) > 0 {
			t.Errorf("AfterFunc: got %v and %d more calls, want %v, once", r, len(fired), seen[0])
		}
		for i, r := range seen {
			if r != seen[0] {
				t.Errorf("reader %d: got %v, want %v as reader 0", i, r, seen[0])
			}
		}
		wantRan := int64(0)
		if seen[0].Err == nil {
			wantRan = 1
		}
		if got := ran.Load(); got != wantRan || got == 1 && never.Load() {
			t.Errorf("state %v, %v: got %d runs, want %d; Cancel said %t",
				f.State(), seen[0].Err, got, wantRan, never.Load())
		}
		wantBalance(t, p)
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
}

// Cancel claims a queued task and settles it a moment later. A pool that is ended meanwhile
// waits for that moment, though nothing is left in its queue.
func TestL1_EndWaitsForCancelInFlight(t *testing.T) {
	for round := range scaled(150) {
		p := pool.New[int, int](pool.WithWorkers(2))
		var fs [16]*intFuture
		for i := range fs {
			fs[i] = p.Submit(context.Background(), inc, i)
		}
		over := start(func() {
			for i := range fs {
				fs[len(fs)-1-i].Cancel(nil)
			}
		})
		ends[round%len(ends)].end(p)
		for i, f := range fs {
			if _, ok := f.Try(); !ok {
				t.Errorf("round %d: future %d after %s: got state %v, want it settled",
					round, i, ends[round%len(ends)].name, f.State())
			}
		}
		<-over
		wantBalance(t, p)
	}
}
