package future_test

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
)

// The bugs that others shipped, numbered as in the project's list of them; here those that
// concern futures alone.

// many is how often a test repeats what must leave nothing behind.
func many() int {
	if testing.Short() {
		return 10_000
	}
	return 100_000
}

// heap returns the bytes in use.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// checkFlat fails if n calls of leave, after a few to warm up, leave something each: 8 bytes
// are noise, and so are 16 kB once.
func checkFlat(t *testing.T, what string, n int, leave func()) {
	t.Helper()
	for range 100 {
		leave()
	}
	before := heap()
	for range n {
		leave()
	}
	if grown := heap() - before; grown > int64(8*n+16<<10) {
		t.Errorf("the heap grew by %d bytes in %d times %s, want it flat", grown, n, what)
	}
}

// 10: one cancelled wait poisons the future for everybody.
func TestField10_CancelledWaitPoisonsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		f := future.Go(t.Context(), func(context.Context) (int, error) {
			<-release
			return 7, nil
		})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := f.Await(ctx); err == nil {
			t.Errorf("Await(dead) error nil, want a WaitError; the future is %v", f.State())
		}
		if got := f.State(); got != future.Running {
			t.Errorf("State() after a cancelled wait = %v, want %v", got, future.Running)
		}
		close(release)
		if v, err := f.Await(t.Context()); v != 7 || err != nil {
			t.Errorf("Await() after another's cancelled wait = %d, %v, want 7, nil; the future is %v", v, err, f.State())
		}
	})
}

// 11: Done or readiness only works after somebody called Get.
func TestField11_ReadinessNeedsNoAwait(t *testing.T) {
	readiness := map[string]func(*future.Future[int]) bool{
		"Done": func(f *future.Future[int]) bool {
			select {
			case <-f.Done():
				return true
			default:
				return false
			}
		},
		"Try":   func(f *future.Future[int]) bool { _, ok := f.Try(); return ok },
		"State": func(f *future.Future[int]) bool { return f.State() == future.Succeeded },
	}
	for name, ready := range readiness {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := future.Go(t.Context(), func(context.Context) (int, error) {
					time.Sleep(time.Second)
					return 7, nil
				})
				if ready(f) {
					t.Errorf("%s says ready; the future is %v", name, f.State())
				}
				time.Sleep(2 * time.Second)
				if !ready(f) {
					t.Errorf("%s says not ready, and nobody has awaited; the future is %v", name, f.State())
				}
			})
		})
	}
}

// 12: an abandoned future wedges whoever produces the result.
func TestField12_AbandonedFutureWedgesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ran := make(chan struct{})
		future.Go(t.Context(), func(context.Context) (int, error) {
			defer close(ran)
			return 7, nil
		})
		<-ran
		if !future.NewPromise[int]().Resolve(7) {
			t.Error("Resolve() = false, want true")
		}
		// The bubble reports a deadlock if the goroutine that settles is stuck.
	})
}

// 27: racing a long-lived future leaks one waiter a call.
func TestField27_LongLivedFutureKeepsNoWaiters(t *testing.T) {
	p := future.NewPromise[int]()
	f := p.Future()
	dead, cancel := context.WithCancel(t.Context())
	cancel()
	checkFlat(t, "Await with a dead ctx", many(), func() { _, _ = f.Await(dead) })
	checkFlat(t, "AfterFunc and stop", many(), func() {
		if !f.AfterFunc(func(future.Result[int]) { t.Error("called after stop") })() {
			t.Error("stop() = false, want true")
		}
	})
	checkFlat(t, "select on Done", many()/10, func() {
		select {
		case <-f.Done():
			t.Errorf("Done() is closed; the future is %v", f.State())
		default:
		}
	})
	// Waits that really park, and end because their ctx does.
	ctxs := make(chan context.Context)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer close(ctxs)
	waited := make(chan struct{})
	wg.Go(func() {
		for ctx := range ctxs {
			_, _ = f.Await(ctx)
			waited <- struct{}{}
		}
	})
	checkFlat(t, "a wait that was given up", many()/5, func() {
		ctx, cancel := context.WithCancel(t.Context())
		ctxs <- ctx
		cancel()
		<-waited
	})
	p.Resolve(1)
}

// 30: callbacks on the completer's goroutine deadlock or starve it.
func TestField30_CallbacksRunOnTheirOwnGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := future.NewPromise[int]()
		var mu sync.Mutex
		called := 0
		for range 2 {
			p.Future().AfterFunc(func(future.Result[int]) {
				mu.Lock() // held by the completer
				defer mu.Unlock()
				called++
			})
		}
		forever := make(chan struct{})
		p.Future().AfterFunc(func(future.Result[int]) { <-forever })

		mu.Lock()
		p.Resolve(7)
		p.Future().AfterFunc(func(future.Result[int]) { // settled already: not on this goroutine either
			mu.Lock()
			defer mu.Unlock()
			called++
		})
		mu.Unlock()
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if called != 3 {
			t.Errorf("%d of 3 callbacks were called while a fourth blocks; the future is %v", called, p.Future().State())
		}
		close(forever)
	})
}
