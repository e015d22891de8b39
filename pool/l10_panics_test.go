package pool_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

type codeError struct{ code int }

func (e *codeError) Error() string { return "code" }

//go:noinline
func nilMap(_ context.Context, n int) (int, error) {
	var m map[int]int
	//lint:ignore SA5000 the panic is what this is for
	m[n] = n
	return n, nil
}

//go:noinline
func panicNil(context.Context, int) (int, error) { panic(nil) }

//go:noinline
func panicCode(_ context.Context, n int) (int, error) { panic(&codeError{n}) }

// Recovered into *PanicError with the stack, delivered as an error, with what was panicked
// with inside; the worker survives.
func TestL10_PanicIsAnErrorWithItsStack(t *testing.T) {
	inits := 0
	count := pool.WithWorkerInit(func(ctx context.Context) (context.Context, func()) {
		inits++
		return ctx, nil
	})
	bubble(t, options(pool.WithWorkers(1), count), func(t *testing.T, p *intPool) {
		for _, tt := range []struct {
			fn    intFunc
			name  string // of the function that panics
			text  string // in Error()
			check func(error, *future.PanicError) bool
		}{
			{explode, "pool_test.explode", "boom", func(_ error, pe *future.PanicError) bool {
				return pe.Value == "boom" && pe.Unwrap() == nil
			}},
			{endings.panics, "pool_test.init", errTask.Error(), func(err error, pe *future.PanicError) bool {
				return pe.Value == errTask && errors.Is(err, errTask) && pe.Unwrap() == errTask
			}},
			{panicCode, "pool_test.panicCode", "code", func(err error, _ *future.PanicError) bool {
				var ce *codeError
				return errors.As(err, &ce) && ce.code == 7
			}},
			{nilMap, "pool_test.nilMap", "nil map", func(err error, _ *future.PanicError) bool {
				var re runtime.Error
				return errors.As(err, &re)
			}},
			{panicNil, "pool_test.panicNil", "nil", func(err error, _ *future.PanicError) bool {
				var ne *runtime.PanicNilError
				return errors.As(err, &ne)
			}},
		} {
			f := p.Submit(t.Context(), tt.fn, 7)
			v, err := f.Await(t.Context())
			var pe *future.PanicError
			if !errors.As(err, &pe) {
				t.Errorf("%s: got %d, %v in state %v, want a *PanicError", tt.name, v, err, f.State())
				continue
			}
			wantState(t, tt.name, f, future.Failed)
			if !strings.Contains(string(pe.Stack), tt.name) {
				t.Errorf("%s: the Stack is without the function that panicked:\n%s", tt.name, pe.Stack)
			}
			if !strings.Contains(err.Error(), tt.text) || !strings.Contains(err.Error(), string(pe.Stack)) {
				t.Errorf("%s: Error() is without %q or the stack:\n%s", tt.name, tt.text, err)
			}
			if !tt.check(err, pe) {
				t.Errorf("%s: what was panicked with is not found in the error: Value is %v (%T)", tt.name, pe.Value, pe.Value)
			}
		}
		wantValue(t, "a task after the panics", p.Submit(t.Context(), inc, 1), 2)
		synctest.Wait()
		if s := p.Stats(); s.Panicked != 5 || s.Failed != 0 || s.Succeeded != 1 {
			t.Errorf("got %d panicked, %d failed, %d succeeded, want 5, 0, 1", s.Panicked, s.Failed, s.Succeeded)
		}
	})
	if inits != 1 {
		t.Errorf("%d workers were started, want 1: a worker survives a panic", inits)
	}
}

// A panic of a task that its awaiter runs is the task's, not the awaiter's.
func TestL10_InlinePanicStaysInItsTask(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		wantValue(t, "the awaiter", p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			_, err := p.Submit(ctx, panicCode, 7).Await(ctx)
			var pe *future.PanicError
			if !errors.As(err, &pe) {
				t.Errorf("Await inside the task: got error %v, want a *PanicError", err)
			}
			return n, nil
		}, 3), 3)
	})
}

// Go's panic goes to the handler, on the worker, once; that of a task with a future does not.
func TestL10_HandlerGetsPanicsOfGo(t *testing.T) {
	for _, tt := range []struct {
		name    string
		opts    []pool.Option
		act     func(t *testing.T, p *intPool)
		handled int
	}{
		{"Go", nil, func(t *testing.T, p *intPool) { _ = p.Go(t.Context(), explode, 1) }, 1},
		{"Go inside a task", nil, func(t *testing.T, p *intPool) {
			wantValue(t, "the task", p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
				return n, p.Go(context.WithoutCancel(ctx), explode, 1)
			}, 3), 3)
		}, 1},
		{
			"Go inside a task, run by it",
			options(pool.WithQueue(1), pool.WithOnFull(pool.CallerRunsWhenFull)),
			func(t *testing.T, p *intPool) {
				wantValue(t, "the task", p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
					p.Submit(ctx, inc, 1)
					return n, p.Go(ctx, explode, 1)
				}, 3), 3)
			},
			1,
		},
		{"Submit", nil, func(t *testing.T, p *intPool) {
			_, _ = p.Submit(t.Context(), explode, 1).Await(t.Context())
		}, 0},
		{"Do", nil, func(t *testing.T, p *intPool) { _, _ = p.Do(t.Context(), explode, 1) }, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var handled record[*future.PanicError]
			opts := append(options(pool.WithWorkers(1), pool.WithPanicHandler(handled.add)), tt.opts...)
			bubble(t, opts, func(t *testing.T, p *intPool) {
				tt.act(t, p)
				synctest.Wait()
				wantValue(t, "a task after the panic", p.Submit(t.Context(), inc, 1), 2)
				if s := p.Stats(); s.Panicked != 1 {
					t.Errorf("got %d panicked, want 1", s.Panicked)
				}
			})
			got := handled.all()
			if len(got) != tt.handled {
				t.Fatalf("the handler was called %d times, want %d", len(got), tt.handled)
			}
			for _, pe := range got {
				if pe.Value != "boom" || !strings.Contains(string(pe.Stack), "pool_test.explode") {
					t.Errorf("the handler got %v with this stack, want boom and pool_test.explode in it:\n%s", pe.Value, pe.Stack)
				}
			}
		})
	}
}

// A handler may end its goroutine too, as t.Fatal in a test does: no slot is lost by it.
func TestL10_HandlerThatExits(t *testing.T) {
	exit := pool.WithPanicHandler(func(*future.PanicError) { runtime.Goexit() })
	for _, tt := range []struct {
		name string
		opts []pool.Option
		act  func(t *testing.T, p *intPool)
	}{
		{"on a worker", nil, func(t *testing.T, p *intPool) { _ = p.Go(t.Context(), explode, 1) }},
		{
			"on a task that runs the caller's",
			options(pool.WithQueue(1), pool.WithOnFull(pool.CallerRunsWhenFull)),
			func(t *testing.T, p *intPool) {
				wantFailure(t, "the task", p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
					p.Submit(ctx, inc, 1)
					return n, p.Go(ctx, explode, 1)
				}, 3), future.Failed, future.ErrGoexit)
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, append(options(pool.WithWorkers(1), exit), tt.opts...), func(t *testing.T, p *intPool) {
				tt.act(t, p)
				synctest.Wait()
				wantValue(t, "a task after the handler", p.Submit(t.Context(), inc, 1), 2)
			})
		})
	}
}

// A panic fails a pool in fail-fast mode at once: when the future is settled, or the handler
// is called, nothing that waits will run.
func TestL10_PanicFailsFast(t *testing.T) {
	for name, submit := range map[string]func(*intPool) error{
		"Submit": func(p *intPool) error { p.Submit(context.Background(), panicCode, 7); return nil },
		"Go":     func(p *intPool) error { return p.Go(context.Background(), panicCode, 7) },
	} {
		t.Run(name, func(t *testing.T) {
			var first error
			synctest.Test(t, func(t *testing.T) {
				p := pool.New[int, int](pool.WithWorkers(1), pool.WithFailFast(), pool.WithPanicHandler(func(*future.PanicError) {}))
				hold := make(gate)
				running := p.Submit(t.Context(), hold.hold, 1)
				if err := submit(p); err != nil {
					t.Errorf("submit: got %v, want nil", err)
				}
				sibling := p.Submit(t.Context(), func(context.Context, int) (int, error) {
					t.Error("a queued sibling ran after the panic")
					return 0, nil
				}, 1)
				hold.open()
				wantValue(t, "the task before", running, 1)
				wantFailure(t, "the queued sibling", sibling, future.Canceled, future.ErrCanceled)
				wantFailure(t, "a task after", p.Submit(t.Context(), inc, 1), future.Canceled, future.ErrCanceled)
				first = p.Close()
			})
			var ce *codeError
			if !errors.As(first, &ce) {
				t.Errorf("Close() = %v, want the panic with a codeError", first)
			}
		})
	}
}

// With no handler Go's panic crashes the process as a bare goroutine would, and
// WithCrashOnPanic never recovers: the original value, the stack of where it happened, and
// no word of a recovery.
func TestL10_CrashShowsWhereItHappened(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: starts processes")
	}
	for name, c := range crashAll() {
		if c.err == nil || !strings.Contains(c.out, "panic: boom") || !strings.Contains(c.out, "pool_test.explode(") {
			t.Errorf("%s: got %v, want a crash with %q and %q; the process printed:\n%s",
				name, c.err, "panic: boom", "pool_test.explode(", c.out)
		}
		for _, not := range []string{"recovered", "repanicked", "the handler was called"} {
			if strings.Contains(c.out, not) {
				t.Errorf("%s: the process printed %q:\n%s", name, not, c.out)
			}
		}
	}
}
