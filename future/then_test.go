package future_test

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
)

// unwanted is a function for Then that must not be called.
func unwanted(t *testing.T) func(context.Context, int) (string, error) {
	return func(context.Context, int) (string, error) {
		t.Error("the function was called, want not")
		return "", nil
	}
}

func itoa(_ context.Context, n int) (string, error) { return strconv.Itoa(n), nil }

func TestThen_Result(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fn    func(context.Context, int) (string, error)
		state future.State
		v     string
		err   error
	}{
		{"value", itoa, future.Succeeded, "7", nil},
		{"error", func(context.Context, int) (string, error) { return "x", errBoom }, future.Failed, "x", errBoom},
		{"panic", func(context.Context, int) (string, error) { panic(errBoom) }, future.Failed, "", errBoom},
		{"Goexit", func(context.Context, int) (string, error) { runtime.Goexit(); return "", nil }, future.Failed, "", future.ErrGoexit},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := future.NewPromise[int]()
				f := future.Then(t.Context(), p.Future(), tt.fn)
				background := future.Then(context.Background(), p.Future(), tt.fn) // cannot end
				synctest.Wait()
				checkPending(t, f)
				p.Resolve(7)
				_, _ = f.Await(t.Context())
				checkSettled(t, f, tt.state, tt.v, tt.err)
				_, _ = background.Await(t.Context())
				checkSettled(t, background, tt.state, tt.v, tt.err)
				f = future.Then(t.Context(), p.Future(), tt.fn) // settled already
				_, _ = f.Await(t.Context())
				checkSettled(t, f, tt.state, tt.v, tt.err)
			})
		})
	}
}

// A failure of the input is the result's: the same error and state, before the call or after
// it, and also if ctx has ended, when it was there first.
func TestThen_FailureOfTheInput(t *testing.T) {
	dead, cancel := context.WithCancel(t.Context())
	cancel()
	for _, s := range settlings {
		if s.err == nil {
			continue
		}
		p := future.NewPromise[int]()
		later := future.Then(t.Context(), p.Future(), unwanted(t))
		s.settle(p)
		r, _ := p.Future().Try()
		for _, f := range []*future.Future[string]{later, future.Then(dead, p.Future(), unwanted(t))} {
			checkSettled(t, f, s.state, "", s.err)
			if got, _ := f.Try(); got.Err != r.Err {
				t.Errorf("%s: error %v, want the input's very error %v", s.name, got.Err, r.Err)
			}
		}
	}
}

// The end of ctx, or Cancel, before the input settles: the result settles at once, and the
// input is as it was.
func TestThen_EndBeforeTheInput(t *testing.T) {
	for name, end := range map[string]func(f *future.Future[string], cancel context.CancelCauseFunc){
		"ctx": func(_ *future.Future[string], cancel context.CancelCauseFunc) {
			cancel(errBoom)
			synctest.Wait()
		},
		"Cancel": func(f *future.Future[string], _ context.CancelCauseFunc) {
			if !f.Cancel(errBoom) {
				t.Errorf("Cancel() = false, want true: the function had not started")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				p := future.NewPromise[int]()
				f := future.Then(ctx, p.Future(), unwanted(t))
				end(f, cancel)
				checkSettled(t, f, future.Canceled, "", errBoom)
				checkSettled(t, f, future.Canceled, "", future.ErrCanceled)
				checkPending(t, p.Future())
				p.Resolve(7)
				synctest.Wait()
			})
		})
	}
}

func TestThen_DeadCtxNeverRuns(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errBoom)
	checkSettled(t, future.Then(ctx, future.Resolved(7), unwanted(t)), future.Canceled, "", errBoom)
	checkSettled(t, future.Then(ctx, future.NewPromise[int]().Future(), unwanted(t)), future.Canceled, "", errBoom)
}

// ctx has ended, and nobody has noticed yet when the input succeeds.
func TestThen_CtxEndsAsTheInputSettles(t *testing.T) {
	for range many() / 100 {
		ctx, cancel := context.WithCancelCause(t.Context())
		p := future.NewPromise[int]()
		f := future.Then(ctx, p.Future(), unwanted(t))
		cancel(errBoom)
		p.Resolve(7)
		if _, err := f.Await(context.Background()); !errors.Is(err, future.ErrCanceled) || !errors.Is(err, errBoom) {
			t.Fatalf("Await() error %v, want a CancelError with cause %v", err, errBoom)
		}
	}
}

// The function's ctx has the caller's values, ends by Cancel and by ctx, with the cause, and
// when the function has returned; not because it was made before the input settled.
func TestL8_ThenCancellationReachesTheFunction(t *testing.T) {
	for name, end := range map[string]func(f *future.Future[error], cancel context.CancelCauseFunc){
		"ctx": func(_ *future.Future[error], cancel context.CancelCauseFunc) { cancel(errBoom) },
		"Cancel": func(f *future.Future[error], _ context.CancelCauseFunc) {
			if f.Cancel(errBoom) {
				t.Errorf("Cancel() = true, want false: the function runs")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(context.WithValue(t.Context(), ctxKey{}, "here"))
				defer cancel(nil)
				p := future.NewPromise[int]()
				var kept context.Context
				f := future.Then(ctx, p.Future(), func(ctx context.Context, _ int) (error, error) {
					if got := ctx.Value(ctxKey{}); got != "here" {
						t.Errorf("ctx.Value() = %v, want here", got)
					}
					kept = ctx
					<-ctx.Done()
					return context.Cause(ctx), nil
				})
				p.Resolve(7)
				synctest.Wait()
				if got := f.State(); got != future.Running {
					t.Errorf("State() = %v, want %v", got, future.Running)
				}
				end(f, cancel)
				if cause, err := f.Await(t.Context()); cause != errBoom || err != nil {
					t.Errorf("Await() = %v, %v, want the cause %v, nil", cause, err, errBoom)
				}
				after := future.Then(ctx, future.Then(t.Context(), p.Future(), itoa), func(ctx context.Context, _ string) (int, error) { return 0, nil })
				_, _ = after.Await(t.Context())
				if kept.Err() == nil {
					t.Error("the function has returned, and its ctx has not ended")
				}
			})
		})
	}
}

// No user code runs on the goroutine that settles the input.
func TestField30_ThenRunsOnItsOwnGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		p := future.NewPromise[int]()
		lock := func(context.Context, int) (int, error) {
			mu.Lock() // held by the completer
			defer mu.Unlock()
			return 7, nil
		}
		before := future.Then(t.Context(), p.Future(), lock)
		mu.Lock()
		p.Resolve(1)
		after := future.Then(t.Context(), p.Future(), lock)
		mu.Unlock()
		if vs, err := future.All(t.Context(), before, after); err != nil || vs[0] != 7 || vs[1] != 7 {
			t.Errorf("All() = %v, %v, want two times 7", vs, err)
		}
	})
}

// The input settles, ctx ends, and Cancel is called, all at once: the result settles once, and
// as one of the three says.
func TestL1_ThenSettlesOnce(t *testing.T) {
	for i := range many() / 50 {
		p := future.NewPromise[int]()
		ctx, cancel := context.WithCancelCause(t.Context())
		ran, never := 0, false
		var f *future.Future[int]
		var wg sync.WaitGroup
		wg.Go(func() { cancel(errBoom) }) // also while Then is at it
		if i%2 == 0 {
			wg.Go(func() { p.Resolve(7) })
		}
		f = future.Then(ctx, p.Future(), func(context.Context, int) (int, error) { ran++; return 8, nil })
		if i%3 == 0 {
			wg.Go(func() { never = f.Cancel(errBoom) })
		}
		wg.Wait()
		p.Resolve(7)
		v, err := f.Await(context.Background())
		switch {
		case f.State() == future.Succeeded && v == 8 && err == nil && ran == 1 && !never:
		case f.State() == future.Canceled && v == 0 && errors.Is(err, errBoom) && ran == 0:
		default:
			t.Fatalf("round %d: %v with %d, %v; the function ran %d times, Cancel() = %t", i, f.State(), v, err, ran, never)
		}
	}
}

//go:noinline
func thenProbed(end func(p *future.Promise[*thing], f *future.Future[int], cancel func())) (f *future.Future[int], probes []probe) {
	captured, capturedProbe := newThing("the function's closure")
	value, valueProbe := newThing("the ctx")
	input, inputProbe := newThing("the input's result")
	p := future.NewPromise[*thing]()
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), ctxKey{}, value))
	f = future.Then(ctx, p.Future(), func(context.Context, *thing) (int, error) {
		runtime.KeepAlive(captured)
		return 7, nil
	})
	end(p, f, cancel)
	_, _ = f.Await(context.Background())
	p.Resolve(input)
	cancel()
	return f, []probe{capturedProbe, valueProbe, inputProbe}
}

func TestL14_SettledThenKeepsOnlyItsResult(t *testing.T) {
	for name, end := range map[string]func(p *future.Promise[*thing], f *future.Future[int], cancel func()){
		"succeeded": func(p *future.Promise[*thing], _ *future.Future[int], _ func()) { p.Resolve(new(thing)) },
		"failed":    func(p *future.Promise[*thing], _ *future.Future[int], _ func()) { p.Reject(errBoom) },
		"cancelled": func(_ *future.Promise[*thing], f *future.Future[int], _ func()) { f.Cancel(nil) },
		"ctx ended": func(_ *future.Promise[*thing], _ *future.Future[int], cancel func()) { cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			f, probes := thenProbed(end)
			checkCollected(t, "the future is "+f.State().String(), probes...)
			runtime.KeepAlive(f)
		})
	}
}

// A Then that waits has no goroutine.
func TestL17_ThenWaitsWithoutAGoroutine(t *testing.T) {
	before := goroutines()
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	f := future.Then(ctx, future.NewPromise[int]().Future(), itoa)
	if got := goroutines(); got > before {
		t.Errorf("%d goroutines with a Then that waits, want %d", got, before)
	}
	f.Cancel(nil)
	if got := goroutines(); got > before {
		t.Errorf("%d goroutines after its Cancel, want %d", got, before)
	}
}

// doneCtx is a context that calls asked when somebody asks for its channel.
type doneCtx struct {
	context.Context
	asked func()
}

func (c doneCtx) Done() <-chan struct{} {
	c.asked()
	return c.Context.Done()
}

// The input settles in the middle of the call of Then, when that has found it pending and does not
// listen to it yet: the function runs, or the result fails with it, all the same.
func TestL1_ThenAsItsInputSettles(t *testing.T) {
	for _, tt := range []struct {
		name  string
		end   func(*future.Promise[int])
		v     string
		err   error
		state future.State
	}{
		{"Resolve", func(p *future.Promise[int]) { p.Resolve(7) }, "7", nil, future.Succeeded},
		{"Reject", func(p *future.Promise[int]) { p.Reject(errBoom) }, "", errBoom, future.Failed},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := future.NewPromise[int]()
			settled := 0
			ctx := doneCtx{t.Context(), sync.OnceFunc(func() { settled++; tt.end(p) })}
			f := future.Then(ctx, p.Future(), itoa)
			if settled != 1 {
				t.Errorf("%s: the input was settled %d times during the call, want once", tt.name, settled)
			}
			if v, err := f.Await(t.Context()); v != tt.v || err != tt.err || f.State() != tt.state {
				t.Errorf("%s: got %q, %v in state %v, want %q, %v in state %v", tt.name, v, err, f.State(), tt.v, tt.err, tt.state)
			}
		})
	}
}
