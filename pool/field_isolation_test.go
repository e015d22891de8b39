package pool_test

import (
	"context"
	"errors"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// The bugs that others shipped, numbered as in the project's list of them; here those where
// one thing of a pool gets into another: a task into the next, a bubble into the process, a
// pool into the time after its end.

// 13: a slot or a recycled object keeps the closure or the result alive. Every slot of the
// ring is used once, and then the pool idles.
func TestField13_IdleSlotsKeepNothing(t *testing.T) {
	const slots = 8
	p := pool.New[*thing, *thing](pool.WithWorkers(1), pool.WithQueue(slots))
	defer p.Close()
	var probes []probe
	func() {
		hold := make(gate)
		occupy(p, hold)
		var fs []*thingFuture
		for range slots {
			d := newProbed()
			probes = append(append(probes, d.parts...), d.result)
			fs = append(fs, d.submit(p))
		}
		hold.open()
		for _, f := range fs {
			_ = await(f)
		}
	}()
	wantCollected(t, "the pool idles", probes...)
}

// 14: recycled channels in a package-level sync.Pool crash testing/synctest: a bubble, the
// world outside, and another bubble may share nothing.
func TestField14_BubblesAndTheWorldShareNothing(t *testing.T) {
	use := func(t *testing.T) {
		p := pool.New[int, int](pool.WithWorkers(2), pool.WithQueue(1), pool.WithTaskTimeout(time.Hour))
		var fs []*intFuture
		for i := range 10 {
			fs = append(fs, p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
				return p.Submit(ctx, inc, n).Await(ctx)
			}, i))
		}
		for i, f := range fs {
			<-f.Done()
			wantValue(t, "a task", f, i+1)
		}
		_ = p.Close()
	}
	for range 2 {
		synctest.Test(t, use)
		use(t)
	}
}

// 16: a background goroutine or ticker outlives Stop. (That none starts at import is L17.)
func TestField16_NothingOutlivesStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New[int, int](pool.WithWorkers(4), pool.WithIdleTimeout(time.Hour))
		for range 3 {
			p.Submit(t.Context(), untilDone, 1)
		}
		wantValue(t, "a task whose worker then parks", p.Submit(t.Context(), inc, 1), 2)
		synctest.Wait()
		begin := time.Now()
		p.Stop(nil)
		wantElapsed(t, "Stop", &begin, 0)
		synctest.Wait() // what Stop has joined may still be on its way out
		for _, g := range strings.Split(stacks(), "\n\n") {
			if strings.Contains(g, "synctest bubble") && strings.Contains(g, "/internal/") && strings.Contains(g, "forebay") {
				t.Errorf("a goroutine outlives Stop:\n%s", g)
			}
		}
	})
}

// 21: a worker is reused with polluted state. A task that labels itself the usual way leaves
// the labels of its ctx behind, which are its submitter's: the next task must not have them.
func TestField21_LabelsOfATaskEndWithIt(t *testing.T) {
	p := pool.New[int, int](pool.WithWorkers(1), pool.WithName("turbine"))
	defer p.Close()
	var got string
	probe := func(_ context.Context, n int) (int, error) {
		got = labelProbe()
		return n, nil
	}
	for name, pollute := range map[string]intFunc{
		"pprof.Do": func(ctx context.Context, n int) (int, error) {
			pprof.Do(ctx, pprof.Labels("task", "first"), func(context.Context) {})
			return n, nil
		},
		"SetGoroutineLabels": func(ctx context.Context, n int) (int, error) {
			pprof.SetGoroutineLabels(pprof.WithLabels(ctx, pprof.Labels("task", "first")))
			return n, nil
		},
	} {
		labelled(func(ctx context.Context) { _, _ = p.Do(ctx, pollute, 1) })
		_, _ = p.Do(t.Context(), probe, 1)
		if got != turbine {
			t.Errorf("after a task that used %s the worker's labels are %q, want %q", name, got, turbine)
		}
	}
}

// The same for a worker that was started to run a task beside its awaiter, and whose entry
// in the queue another worker has passed.
func TestField21_LabelsOfATaskBesideItsAwaiter(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2), pool.WithName("turbine")), func(t *testing.T, p *intPool) {
		hold := make(gate)
		p.Submit(t.Context(), hold.hold, 1) // one slot is taken, and the awaiter has the other
		synctest.Wait()
		first := 0 // the goroutine of the worker that is started
		_, _ = p.Do(t.Context(), func(ctx context.Context, n int) (int, error) {
			sooner, cancel := context.WithCancel(ctx)
			defer cancel()
			_, _ = p.Submit(ctx, func(ctx context.Context, n int) (int, error) {
				first = goroutineID()
				pprof.SetGoroutineLabels(pprof.WithLabels(ctx, pprof.Labels("task", "first")))
				return n, nil
			}, n).Await(sooner)
			time.Sleep(time.Nanosecond) // in a bubble: until that worker has parked
			return n, nil
		}, 1)
		synctest.Wait()
		p.Submit(t.Context(), hold.hold, 1) // on the worker that parked last
		synctest.Wait()
		p.Resize(3) // so that the other one is needed
		_, _ = p.Do(t.Context(), func(_ context.Context, n int) (int, error) {
			if got := labelProbe(); got != turbine {
				t.Errorf("the worker's labels are %q after a task that changed them, want %q", got, turbine)
			}
			if got := goroutineID(); got != first {
				t.Errorf("this task is on goroutine %d, want the one that was started, %d", got, first)
			}
			return n, nil
		}, 1)
		hold.open()
	})
}

// 22: a panic is flattened to text: errors.Is, errors.As and the stack are lost. By all ways
// to learn of it.
func TestField22_PanicIsNotFlattened(t *testing.T) {
	check := func(t *testing.T, how string, err error) {
		t.Helper()
		var pe *future.PanicError
		var ce *codeError
		if !errors.As(err, &pe) || !errors.As(err, &ce) || !strings.Contains(string(pe.Stack), "pool_test.panicCode") {
			t.Errorf("%s: got %v, want a PanicError with a codeError and the stack of pool_test.panicCode", how, err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		var handled error
		p := pool.New[int, int](pool.WithWorkers(1), pool.WithFailFast(), pool.WithPanicHandler(func(pe *future.PanicError) { handled = pe }))
		f := p.Submit(t.Context(), panicCode, 7)
		queued := p.Submit(t.Context(), inc, 1)
		check(t, "Await", errOf(f.Await(t.Context())))
		r, _ := f.Try()
		check(t, "Try", r.Err)
		f.AfterFunc(func(r future.Result[int]) { check(t, "AfterFunc", r.Err) })
		synctest.Wait()
		check(t, "the cause of a queued task's end", errOf(queued.Await(t.Context())))
		check(t, "Close", p.Close())

		p = pool.New[int, int](pool.WithPanicHandler(func(pe *future.PanicError) { handled = pe }))
		_, err := p.Do(t.Context(), panicCode, 7)
		check(t, "Do", err)
		_ = p.Go(t.Context(), panicCode, 7)
		_ = p.Close()
		check(t, "the handler", handled)
	})
}

// 23: a nil func is accepted, and crashes a worker later.
func TestField23_NilFuncIsRefusedAtTheCall(t *testing.T) {
	bubble(t, nil, func(t *testing.T, p *intPool) {
		for name, call := range map[string]func(){
			"Submit":    func() { p.Submit(t.Context(), nil, 1) },
			"TrySubmit": func() { _, _ = p.TrySubmit(t.Context(), nil, 1) },
			"Go":        func() { _ = p.Go(t.Context(), nil, 1) },
			"Do":        func() { _, _ = p.Do(t.Context(), nil, 1) },
		} {
			if text := panicText(call); !strings.Contains(text, name+": fn is nil") {
				t.Errorf("%s(nil): panicked with %q, want it to say that fn is nil", name, text)
			}
		}
		synctest.Wait()
		wantCounts(t, p, pool.Stats{})
	})
}

// 31: helping with arbitrary tasks while holding a lock deadlocks. An awaiter runs the task
// that it awaits, and no other, though another was submitted before.
func TestField31_AwaiterHelpsWithNoOtherTask(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		var lock sync.Mutex
		var other *intFuture
		wantValue(t, "the task that awaits under a lock", p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			lock.Lock()
			defer lock.Unlock()
			other = p.Submit(t.Context(), func(context.Context, int) (int, error) {
				lock.Lock()
				defer lock.Unlock()
				return 7, nil
			}, 0)
			return p.Submit(ctx, inc, n).Await(ctx)
		}, 1), 2)
		wantValue(t, "the task that wants the lock", other, 7)
	})
}

// The same when the awaited task runs already, so that others take over the slots meanwhile:
// those that lend theirs while they wait for the lock stand in nobody's way.
func TestField31_BlockOnALockOfAnAwaiter(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
		lock := make(chan struct{}, 1) // a mutex that parks durably
		promise := future.NewPromise[int]()
		awaiter := p.Submit(t.Context(), func(ctx context.Context, _ int) (int, error) {
			lock <- struct{}{}
			defer func() { <-lock }()
			return promise.Future().Await(ctx)
		}, 0)
		synctest.Wait()
		var others []*intFuture
		for i := range 4 {
			others = append(others, p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
				pool.Block(ctx, func() { lock <- struct{}{} })
				defer func() { <-lock }()
				return n, nil
			}, i))
		}
		synctest.Wait()
		promise.Resolve(7)
		wantValue(t, "the awaiter", awaiter, 7)
		for i, f := range others {
			wantValue(t, "a task that wants the lock", f, i)
		}
	})
}
