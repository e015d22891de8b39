package pool_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/pool"
)

var goroutinesAtInit = goroutines()

func TestL17_ImportStartsNothing(t *testing.T) {
	if goroutinesAtInit != 1 {
		t.Errorf("%d goroutines after the imports, want 1", goroutinesAtInit)
	}
}

// An unused pool has started nothing, so a bubble whose only business it is ends without a
// Close, and so does its garbage.
func TestL17_UnusedPoolIsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for _, tt := range []struct {
		name string
		opts []pool.Option
	}{
		{"default", nil},
		{"unbounded", options(pool.WithUnboundedQueue())},
		{"with everything", options(pool.WithWorkers(1000), pool.WithQueue(10), pool.WithName("x"), pool.WithContext(ctx), pool.WithFailFast(),
			pool.WithTaskTimeout(time.Second), pool.WithIdleTimeout(time.Second), pool.WithWorkerInit(
				func(ctx context.Context) (context.Context, func()) { return ctx, nil }))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := goroutines()
			p := pool.New[int, int](tt.opts...)
			if got := goroutines(); got > before {
				t.Errorf("%d goroutines with a new pool, want %d", got, before)
			}
			p.Resize(100)
			p.Stats()
			if got := goroutines(); got > before {
				t.Errorf("%d goroutines with a resized pool, want %d", got, before)
			}
			_ = p.Close()
		})
	}
	synctest.Test(t, func(*testing.T) { pool.New[int, int]() })
}

// The number of workers is not paid for before they are needed.
func TestL17_ManyWorkersCostNothing(t *testing.T) {
	cost := func(workers int) int64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		p := pool.New[int, int](pool.WithWorkers(workers), pool.WithQueue(1))
		if v, err := p.Do(t.Context(), inc, 1); v != 2 || err != nil {
			t.Errorf("Do() = %d, %v, want 2, nil", v, err)
		}
		_ = p.Close()
		runtime.ReadMemStats(&after)
		return int64(after.TotalAlloc - before.TotalAlloc)
	}
	cost(1)
	one, many := cost(1), cost(100_000)
	if many > one+16<<10 {
		t.Errorf("a pool of 100,000 workers allocated %d bytes for one task, want about the %d of one worker", many, one)
	}
}

// Sparse work is done by one worker, whatever the limit.
func TestL17_SparseWorkStartsOneWorker(t *testing.T) {
	bubble(t, options(pool.WithWorkers(100)), func(t *testing.T, p *intPool) {
		for range 20 {
			wantValue(t, "a task", p.Submit(t.Context(), inc, 1), 2)
			synctest.Wait()
		}
		if s := p.Stats(); s.Idle != 1 {
			t.Errorf("got %d idle workers after 20 tasks one by one, want 1", s.Idle)
		}
	})
}

// Workers retire after the idle timeout, down to none, and then nothing is left of the pool,
// no ticker either: the bubble, which is not closed, has nothing but the test in it.
func TestL17_IdlePoolRetiresToNothing(t *testing.T) {
	const idle = time.Minute
	synctest.Test(t, func(t *testing.T) {
		p := pool.New[int, int](pool.WithWorkers(8), pool.WithIdleTimeout(idle))
		hold := make(gate)
		for i := range 8 {
			_ = p.Go(t.Context(), hold.hold, i)
		}
		synctest.Wait()
		hold.open()
		synctest.Wait()
		if s := p.Stats(); s.Idle != 8 {
			t.Errorf("got %d idle workers after a burst, want 8", s.Idle)
		}
		time.Sleep(idle - 1)
		synctest.Wait()
		if s := p.Stats(); s.Idle != 8 {
			t.Errorf("got %d idle workers just before the timeout, want 8", s.Idle)
		}
		time.Sleep(idle + 1)
		synctest.Wait()
		if s := p.Stats(); s.Idle != 0 {
			t.Errorf("got %d idle workers after two timeouts, want 0", s.Idle)
		}
		for _, g := range strings.Split(stacks(), "\n\n") {
			if strings.Contains(g, "synctest bubble") && strings.Contains(g, "internal/sched.") {
				t.Errorf("a worker is left after two timeouts:\n%s", g)
			}
		}
		// A retired pool works.
		wantValue(t, "a task", p.Submit(t.Context(), inc, 1), 2)
		time.Sleep(2 * idle)
		synctest.Wait()
		if s := p.Stats(); s.Idle != 0 {
			t.Errorf("got %d idle workers after another two timeouts, want 0", s.Idle)
		}
	})
}

// A timer would keep the pool alive.
func TestL17_RetiredPoolHasNoTimer(t *testing.T) {
	const idle = time.Minute
	synctest.Test(t, func(t *testing.T) {
		retired := func() probe {
			p := pool.New[int, int](pool.WithWorkers(2), pool.WithIdleTimeout(idle))
			wantValue(t, "a task", p.Submit(t.Context(), inc, 1), 2)
			time.Sleep(2 * idle)
			synctest.Wait()
			return probeOf("the pool", p)
		}
		wantCollected(t, "the workers have retired, the pool is not closed", retired())
	})
}

// A worker that gets work now and then stays; the others go.
func TestL17_BusyWorkerStays(t *testing.T) {
	const idle = time.Minute
	var w workshop
	bubble(t, options(pool.WithWorkers(4), pool.WithIdleTimeout(idle), w.option()), func(t *testing.T, p *intPool) {
		hold := make(gate)
		for i := range 4 {
			_ = p.Go(t.Context(), hold.hold, i)
		}
		synctest.Wait()
		hold.open()
		for range 8 {
			time.Sleep(idle / 4)
			wantValue(t, "a task", p.Submit(t.Context(), inc, 1), 2)
		}
		synctest.Wait()
		if s := p.Stats(); s.Idle != 1 {
			t.Errorf("got %d idle workers after a burst and sparse work for two timeouts, want 1", s.Idle)
		}
		w.want(t, "one of the four has been busy", 4, 3)
	})
}

// No timeout, no worker that stays, and no timer.
func TestL17_IdleTimeoutZero(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2), pool.WithIdleTimeout(0)), func(t *testing.T, p *intPool) {
		for range 3 {
			wantValue(t, "a task", p.Submit(t.Context(), inc, 1), 2)
			synctest.Wait()
			if s := p.Stats(); s.Idle != 0 || s.Running != 0 {
				t.Errorf("got %d idle workers and %d running, want 0", s.Idle, s.Running)
			}
		}
	})
}

func stacks() string {
	buf := make([]byte, 1<<20)
	return string(buf[:runtime.Stack(buf, true)])
}
