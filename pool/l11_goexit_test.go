package pool_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

func TestL11_GoexitSettlesAndWorkerIsReplaced(t *testing.T) {
	for _, tt := range []struct {
		name string
		opts []pool.Option
		exit intFunc
	}{
		{"Goexit", nil, endings.exits},
		{"FailNow", nil, func(context.Context, int) (int, error) { new(testing.T).FailNow(); return 0, nil }},
		{"SkipNow", nil, func(context.Context, int) (int, error) { new(testing.T).SkipNow(); return 0, nil }},
		{"on a locked thread", nil, func(context.Context, int) (int, error) {
			runtime.LockOSThread()
			runtime.Goexit()
			return 0, nil
		}},
		{"behind a recovered panic", nil, func(context.Context, int) (int, error) {
			defer func() { _ = recover() }()
			func() {
				defer func() { _ = recover() }()
				panic("boom")
			}()
			runtime.Goexit()
			return 0, nil
		}},
		{"in a deferred call of a panic", nil, func(context.Context, int) (int, error) {
			defer runtime.Goexit()
			panic("boom")
		}},
		{"with WithCrashOnPanic", options(pool.WithCrashOnPanic()), endings.exits},
		{"with WithTaskTimeout", options(pool.WithTaskTimeout(1)), endings.exits},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, append(options(pool.WithWorkers(1)), tt.opts...), func(t *testing.T, p *intPool) {
				for range 3 {
					wantFailure(t, "the task", p.Submit(t.Context(), tt.exit, 1), future.Failed, future.ErrGoexit)
				}
				wantValue(t, "the next task", p.Submit(t.Context(), inc, 1), 2)
				synctest.Wait()
				if s := p.Stats(); s.Failed != 3 || s.Panicked != 0 || s.Succeeded != 1 {
					t.Errorf("got %d failed, %d panicked, %d succeeded, want 3, 0, 1", s.Failed, s.Panicked, s.Succeeded)
				}
			})
		})
	}
}

// At once: what was queued behind the task runs, without another submit.
func TestL11_QueuedTaskNeedsNoNewSubmit(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		hold := make(gate)
		exiting := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			_, _ = hold.hold(ctx, n)
			runtime.Goexit()
			return 0, nil
		}, 1)
		queued := p.Submit(t.Context(), inc, 1)
		hold.open()
		wantFailure(t, "the task", exiting, future.Failed, future.ErrGoexit)
		wantValue(t, "the task queued behind it", queued, 2)
	})
}

// A task run by its awaiter ends the awaiter too, and both settle.
func TestL11_InlineGoexitEndsBoth(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		var inner *intFuture
		outer := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			inner = p.Submit(ctx, endings.exits, n)
			_, _ = inner.Await(ctx)
			t.Error("Await returned, want the goroutine to end in it")
			return n, nil
		}, 1)
		wantFailure(t, "the awaiter", outer, future.Failed, future.ErrGoexit)
		wantFailure(t, "the task", inner, future.Failed, future.ErrGoexit)
		wantValue(t, "a task after", p.Submit(t.Context(), inc, 1), 2)
	})
}

// When the awaiter's ctx may end before the task's, the task has a goroutine of its own, and
// the awaiter survives.
func TestL11_GoexitBesideTheAwaiter(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		wantValue(t, "the awaiter", p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			sooner, cancel := context.WithCancel(ctx)
			defer cancel()
			if _, err := p.Submit(ctx, endings.exits, n).Await(sooner); !errors.Is(err, future.ErrGoexit) {
				t.Errorf("Await inside the task: got %v, want ErrGoexit", err)
			}
			return n, nil
		}, 1), 1)
		wantValue(t, "a task after", p.Submit(t.Context(), inc, 1), 2)
	})
}

func TestL11_GoexitOfGo(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		if err := p.Go(t.Context(), endings.exits, 1); err != nil {
			t.Errorf("Go() = %v, want nil", err)
		}
		wantValue(t, "the next task", p.Submit(t.Context(), inc, 1), 2)
		synctest.Wait()
		if s := p.Stats(); s.Failed != 1 {
			t.Errorf("got %d failed, want 1", s.Failed)
		}
	})
}

func TestL11_GoexitInBlock(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		f := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			pool.Block(ctx, runtime.Goexit)
			return n, nil
		}, 1)
		wantFailure(t, "the task", f, future.Failed, future.ErrGoexit)
		wantValue(t, "the next task", p.Submit(t.Context(), inc, 1), 2)
	})
}

// CallerRuns runs the task on the submitter's goroutine, which then ends like in a call; the
// task settles, and the pool still closes.
func TestL11_GoexitInCallerRuns(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1), pool.WithOnFull(pool.CallerRunsWhenFull)), func(t *testing.T, p *intPool) {
		hold := make(gate)
		held := []*intFuture{p.Submit(t.Context(), hold.hold, 1)}
		synctest.Wait()
		held = append(held, p.Submit(t.Context(), hold.hold, 2))
		submitter := start(func() {
			p.Submit(t.Context(), endings.exits, 1)
			t.Error("Submit returned, want the goroutine to end in it")
		})
		wantOver(t, "the submitter", submitter, true)
		hold.open()
		wantValue(t, "the running task", held[0], 1)
		wantValue(t, "the queued task", held[1], 2)
		if s := p.Stats(); s.Failed != 1 {
			t.Errorf("got %d failed, want 1", s.Failed)
		}
	})
}

// Submitted inside a task it runs in that task's slot, and ends that task too.
func TestL11_GoexitInNestedCallerRuns(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1), pool.WithOnFull(pool.CallerRunsWhenFull)), func(t *testing.T, p *intPool) {
		f := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			p.Submit(ctx, inc, n)
			p.Submit(ctx, endings.exits, n)
			return n, nil
		}, 1)
		wantFailure(t, "the submitting task", f, future.Failed, future.ErrGoexit)
		wantValue(t, "a task after", p.Submit(t.Context(), inc, 1), 2)
	})
}

func TestL11_GoexitFailsFast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pool.New[int, int](pool.WithWorkers(1), pool.WithFailFast())
		_, _ = p.Do(t.Context(), endings.exits, 1)
		wantFailure(t, "a task after", p.Submit(t.Context(), inc, 1), future.Canceled, future.ErrCanceled, future.ErrGoexit)
		wantErr(t, "Close", p.Close(), future.ErrGoexit)
	})
}

// A worker's init and stop functions enclose each goroutine, the one that a task ended too.
func TestL11_GoexitStopsTheWorkersValues(t *testing.T) {
	inits, stops := 0, 0
	values := pool.WithWorkerInit(func(ctx context.Context) (context.Context, func()) {
		inits++
		return ctx, func() { stops++ }
	})
	bubble(t, options(pool.WithWorkers(1), values), func(t *testing.T, p *intPool) {
		_, _ = p.Do(t.Context(), endings.exits, 1)
		wantValue(t, "the next task", p.Submit(t.Context(), inc, 1), 2)
		synctest.Wait()
		if inits != 2 || stops != 1 {
			t.Errorf("after a Goexit: %d inits, %d stops, want 2, 1", inits, stops)
		}
	})
	if inits != stops {
		t.Errorf("after Close: %d inits, %d stops, want as many", inits, stops)
	}
}

// A stop function that ends its goroutine, as t.Fatal would, keeps no worker alive and loses
// no slot: neither when the worker ends, nor when a task has ended it.
func TestL11_GoexitInWorkersStop(t *testing.T) {
	for name, fn := range map[string]intFunc{"the worker retires": inc, "a task exits": endings.exits} {
		t.Run(name, func(t *testing.T) {
			inits, stops := 0, 0
			exit := func() {
				if stops++; stops > 10 {
					panic("the worker is replaced at each end, for ever")
				}
				runtime.Goexit()
			}
			values := pool.WithWorkerInit(func(ctx context.Context) (context.Context, func()) {
				inits++
				return ctx, exit
			})
			bubble(t, options(pool.WithWorkers(1), values), func(t *testing.T, p *intPool) {
				_, _ = p.Do(t.Context(), fn, 1)
				wantValue(t, "a task", p.Submit(t.Context(), inc, 1), 2)
			})
			if inits != stops {
				t.Errorf("%d inits, %d stops, want as many", inits, stops)
			}
		})
	}
}

// No slot is lost however often tasks exit, and none is won: the limit stays.
func TestL11_NoSlotIsLost(t *testing.T) {
	const workers = 2
	p := pool.New[int, int](pool.WithWorkers(workers))
	var running gauge
	exits := running.task(func(ctx context.Context, n int) (int, error) {
		inner := p.Submit(ctx, endings.exits, n)
		running.leave()
		defer running.enter() // when the slot is back
		switch n % 3 {
		case 0:
			_, _ = inner.Await(ctx)
		case 1:
			pool.Block(ctx, runtime.Goexit)
		}
		runtime.Goexit()
		return 0, nil
	})
	fs := make([]*intFuture, scaled(500))
	for i := range fs {
		fs[i] = p.Submit(t.Context(), exits, i)
	}
	for i, f := range fs {
		if _, err := f.Await(t.Context()); !errors.Is(err, future.ErrGoexit) {
			t.Fatalf("task %d: got %v in state %v, want ErrGoexit", i, err, f.State())
		}
	}
	// All slots are still there: as many tasks run at once as there are workers.
	meet := make(chan int)
	pass := func(_ context.Context, n int) (int, error) {
		if n == 0 {
			meet <- 7
			return 7, nil
		}
		return <-meet, nil
	}
	a, b := p.Submit(t.Context(), pass, 0), p.Submit(t.Context(), pass, 1)
	wantValue(t, "one of two that meet", a, 7)
	wantValue(t, "the other", b, 7)
	running.wantPeak(t, workers)
	_ = p.Close()
	wantBalance(t, p)
}
