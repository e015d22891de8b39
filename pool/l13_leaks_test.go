package pool_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// The ways to end a pool.
var waysDown = []struct {
	name string
	down func(p *intPool)
}{
	{"Close", func(p *intPool) { _ = p.Close() }},
	{"Shutdown", func(p *intPool) { _ = p.Shutdown(context.Background()) }},
	{"Shutdown that times out", func(p *intPool) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		_ = p.Shutdown(ctx)
	}},
	{"Stop", func(p *intPool) { p.Stop(nil) }},
}

// After Close, Shutdown or Stop returns, no future is pending, whatever its task was doing.
// That no goroutine is left is the bubble's own check: it waits for all of them.
func TestL13_NoPendingFuture(t *testing.T) {
	for _, way := range waysDown {
		t.Run(way.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := pool.New[int, int](pool.WithWorkers(2), pool.WithQueue(2), pool.WithTaskTimeout(time.Hour))
				var nested record[*intFuture]
				hold := make(gate)
				task := func(ctx context.Context, n int) (int, error) {
					for range 3 { // the last ones go to the overflow
						nested.add(p.Submit(ctx, hold.hold, n))
					}
					select {
					case <-hold:
					case <-ctx.Done():
					}
					return nested.all()[0].Await(ctx)
				}
				fs := []*intFuture{p.Submit(t.Context(), task, 1), p.Submit(t.Context(), task, 2)}
				synctest.Wait()
				fs[0].AfterFunc(func(future.Result[int]) {})
				var blocked *intFuture
				submitter := start(func() { blocked = p.Submit(t.Context(), inc, 1) })
				wantOver(t, "Submit to a full queue", submitter, false)
				opener := time.AfterFunc(time.Second, hold.open)
				way.down(p)
				if opener.Stop() {
					hold.open()
				}
				<-submitter
				for i, f := range append(append(fs, blocked), nested.all()...) {
					if _, ok := f.Try(); !ok {
						t.Errorf("future %d is %v after %s, want it settled", i, f.State(), way.name)
					}
				}
				wantBalance(t, p)
			})
		})
	}
}

// A timer, a goroutine or a registration that outlives the pool would keep the pool alive.
// One that is used and ended is garbage though its ctx lives on.
func TestL13_NothingOfThePoolIsLeft(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, way := range waysDown {
		t.Run(way.name, func(t *testing.T) {
			ptr := usedPool(ctx, way.down)
			for i := 0; ptr.Value() != nil; i++ {
				if i == 20 {
					t.Fatalf("after %s the pool is still referenced", way.name)
				}
				runtime.Gosched()
				runtime.GC()
			}
		})
	}
}

// usedPool makes a pool on ctx, uses its timers, lets a worker park and ends it.
//
//go:noinline
func usedPool(ctx context.Context, down func(*intPool)) weak.Pointer[intPool] {
	p := pool.New[int, int](pool.WithContext(ctx), pool.WithIdleTimeout(time.Hour), pool.WithTaskTimeout(time.Hour), pool.WithWorkers(2))
	quick := p.Submit(ctx, inc, 1)
	_, _ = quick.Await(ctx)
	derived := p.Submit(ctx, func(ctx context.Context, n int) (int, error) {
		ctx, cancel := context.WithTimeout(ctx, time.Hour)
		defer cancel()
		return n, ctx.Err()
	}, 1)
	_, _ = derived.Await(ctx)
	for p.Stats().Idle == 0 {
		runtime.Gosched()
	}
	down(p)
	return weak.Make(p)
}

// An awaiter that gave up left nothing behind, neither in the future nor in the pool.
func TestL13_EndedWaitsLeaveNothing(t *testing.T) {
	p := pool.New[int, int](pool.WithWorkers(1), pool.WithQueue(1))
	hold, held := make(gate), make(gate)
	running := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
		held.open()
		return hold.hold(ctx, n)
	}, 1)
	<-held
	queued := p.Submit(t.Context(), inc, 1)
	dead, cancel := context.WithCancel(t.Context())
	cancel()
	n := 100_000
	if testing.Short() || raceEnabled {
		n = 4_000
	}
	for what, leave := range map[string]func(){
		"awaits of a running task":     func() { _, _ = running.Await(dead) },
		"awaits of a queued task":      func() { _, _ = queued.Await(dead) },
		"AfterFuncs of a running task": func() { running.AfterFunc(func(future.Result[int]) {})() },
		"TrySubmits to a full queue":   func() { _, _ = p.TrySubmit(t.Context(), inc, 1) },
		"submits with an ended ctx":    func() { p.Submit(dead, inc, 1).Cancel(nil) },
	} {
		for range 100 {
			leave()
		}
		before := heapInUse()
		for range n {
			leave()
		}
		if grown := heapInUse() - before; grown > int64(8*n+16<<10) {
			t.Errorf("the heap grew by %d bytes in %d %s, want it flat", grown, n, what)
		}
	}
	hold.open()
	wantValue(t, "the running task", running, 1)
	wantValue(t, "the queued task", queued, 2)
	_ = p.Close()
	wantBalance(t, p)
}

func heapInUse() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A submitter that gave up waiting for room is out of the line: room goes to one that waits.
func TestL13_EndedSubmitLeavesTheLine(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
		hold := make(gate)
		p.Submit(t.Context(), hold.hold, 1)
		synctest.Wait()
		p.Submit(t.Context(), hold.hold, 2)
		for range 100 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			wantFailure(t, "a submit that timed out", p.Submit(ctx, inc, 1), future.Canceled, context.DeadlineExceeded)
			cancel()
		}
		var waited *intFuture
		submitter := start(func() { waited = p.Submit(t.Context(), inc, 1) })
		wantOver(t, "Submit to a full queue", submitter, false)
		hold.open()
		<-submitter
		wantValue(t, "the one that waited", waited, 2)
	})
}

// One ctx for many pools: each is unregistered from it when it is closed, used or not.
func TestL13_PoolsLeaveTheirCtx(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for _, way := range waysDown {
		if way.name == "Shutdown that times out" {
			continue // it would take its time
		}
		use := func(n int) {
			for i := range n {
				p := pool.New[int, int](pool.WithContext(ctx), pool.WithQueue(1), pool.WithWorkers(1))
				if i%2 == 0 {
					_, _ = p.Do(ctx, inc, 1)
				}
				way.down(p)
			}
		}
		use(100)
		before := heapInUse()
		const n = 500
		use(n)
		if grown := heapInUse() - before; grown > 8*n+16<<10 {
			t.Errorf("%s: the heap grew by %d bytes in %d pools on one ctx, want it flat", way.name, grown, n)
		}
	}
}

// One ctx for many tasks: each is unregistered from it when it ends.
func TestL13_TasksLeaveTheirCtx(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p := pool.New[int, int](pool.WithWorkers(2), pool.WithContext(ctx))
	defer p.Close()
	asks := func(ctx context.Context, n int) (int, error) { // for Done, so a real context is made
		select {
		case <-ctx.Done():
			return n, ctx.Err()
		default:
			return n, nil
		}
	}
	use := func(n int) {
		for range n {
			_, _ = p.Do(ctx, asks, 1)
		}
	}
	use(1000)
	before := heapInUse()
	n := 10_000
	if testing.Short() || raceEnabled {
		n = 1000
	}
	use(n)
	if grown := heapInUse() - before; grown > int64(8*n+16<<10) {
		t.Errorf("the heap grew by %d bytes in %d tasks with one ctx, want it flat", grown, n)
	}
}
