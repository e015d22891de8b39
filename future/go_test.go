package future_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
)

func explode(v any) { panic(v) }

type codeError struct{ code int }

func (e *codeError) Error() string { return "code" }

func TestGo_Result(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fn    func(context.Context) (int, error)
		state future.State
		v     int
		err   error
	}{
		{"value", func(context.Context) (int, error) { return 7, nil }, future.Succeeded, 7, nil},
		{"error", func(context.Context) (int, error) { return 0, errBoom }, future.Failed, 0, errBoom},
		{"value beside an error", func(context.Context) (int, error) { return 7, errBoom }, future.Failed, 7, errBoom},
		{"Goexit", func(context.Context) (int, error) { runtime.Goexit(); return 7, nil }, future.Failed, 0, future.ErrGoexit},
		{"FailNow", func(context.Context) (int, error) { new(testing.T).FailNow(); return 7, nil }, future.Failed, 0, future.ErrGoexit},
		{"panic", func(context.Context) (int, error) { panic(errBoom) }, future.Failed, 0, errBoom},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := future.Go(t.Context(), tt.fn)
				_, _ = f.Await(t.Context())
				checkSettled(t, f, tt.state, tt.v, tt.err)
			})
		})
	}
}

func TestL10_GoPanic(t *testing.T) {
	for _, tt := range []struct {
		name string
		v    any
	}{
		{"string", "boom"},
		{"error", &codeError{7}},
		{"nil", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := future.Go(t.Context(), func(context.Context) (int, error) {
				explode(tt.v)
				return 0, nil
			}).Await(t.Context())
			var pe *future.PanicError
			if !errors.As(err, &pe) {
				t.Fatalf("Await() error is %T (%v), want a *PanicError", err, err)
			}
			if !strings.Contains(string(pe.Stack), "future_test.explode") {
				t.Errorf("Stack does not name future_test.explode, which panicked:\n%s", pe.Stack)
			}
			if !strings.Contains(err.Error(), string(pe.Stack)) {
				t.Errorf("Error() is without the stack: %q", err)
			}
			var ce *codeError
			var nilErr *runtime.PanicNilError
			switch tt.v.(type) {
			case string:
				if pe.Value != tt.v || pe.Unwrap() != nil {
					t.Errorf("Value, Unwrap() = %v, %v, want %v, nil", pe.Value, pe.Unwrap(), tt.v)
				}
			case error:
				if !errors.As(err, &ce) || ce.code != 7 || !errors.Is(err, tt.v.(error)) {
					t.Errorf("the error is not, or not as, what was panicked with: %v", pe.Value)
				}
			default:
				if !errors.As(err, &nilErr) {
					t.Errorf("panic(nil) became %T, want a *runtime.PanicNilError inside", pe.Value)
				}
			}
		})
	}
}

func TestGo_DeadCtxNeverRuns(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errBoom)
	f := future.Go(ctx, func(context.Context) (int, error) {
		t.Error("the function was called, want not: ctx had ended")
		return 0, nil
	})
	checkSettled(t, f, future.Canceled, 0, errBoom)
	checkSettled(t, f, future.Canceled, 0, future.ErrCanceled)
}

// The function's ctx ends by Cancel and by the caller's ctx, both with their cause, and it
// has the caller's values.
func TestL8_GoCancellationReachesTheFunction(t *testing.T) {
	type key struct{}
	for _, tt := range []struct {
		name   string
		cancel func(f *future.Future[error], cancel context.CancelCauseFunc)
		cause  error
	}{
		{"Cancel", func(f *future.Future[error], _ context.CancelCauseFunc) { f.Cancel(errBoom) }, errBoom},
		{"Cancel with nil", func(f *future.Future[error], _ context.CancelCauseFunc) { f.Cancel(nil) }, context.Canceled},
		{"ctx", func(_ *future.Future[error], cancel context.CancelCauseFunc) { cancel(errBoom) }, errBoom},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(context.WithValue(t.Context(), key{}, "here"))
				defer cancel(nil)
				f := future.Go(ctx, func(ctx context.Context) (error, error) {
					if got := ctx.Value(key{}); got != "here" {
						t.Errorf("ctx.Value() = %v, want here", got)
					}
					<-ctx.Done()
					return context.Cause(ctx), nil
				})
				synctest.Wait()
				tt.cancel(f, cancel)
				if cause, err := f.Await(t.Context()); cause != tt.cause || err != nil {
					t.Errorf("Await() = %v, %v, want the cause %v, nil; the future is %v", cause, err, tt.cause, f.State())
				}
			})
		})
	}
}

// Cancelling what runs is a request: the future settles later, with the function's result.
func TestL2_GoCancelIsARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		finish := make(chan struct{})
		f := future.Go(t.Context(), func(context.Context) (int, error) {
			<-finish
			return 7, nil
		})
		if got := f.State(); got != future.Running {
			t.Errorf("State() = %v, want %v", got, future.Running)
		}
		if f.Cancel(errBoom) {
			t.Errorf("Cancel() = true, want false: the function runs")
		}
		synctest.Wait()
		if got := f.State(); got != future.Running {
			t.Errorf("State() after Cancel = %v, want %v: the function has not returned", got, future.Running)
		}
		close(finish)
		if v, err := f.Await(t.Context()); v != 7 || err != nil {
			t.Errorf("Await() = %d, %v, want 7, nil", v, err)
		}
		checkSettled(t, f, future.Succeeded, 7, nil)
	})
}

// The function's deferred calls are part of it.
func TestL2_GoSettlesAfterDeferredCalls(t *testing.T) {
	for name, leave := range map[string]func(){"return": func() {}, "panic": func() { panic("boom") }, "Goexit": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				unwound := false
				f := future.Go(t.Context(), func(context.Context) (int, error) {
					defer func() {
						time.Sleep(time.Second)
						unwound = true
					}()
					leave()
					return 0, nil
				})
				<-f.Done()
				if !unwound {
					t.Errorf("the future is %v, but a deferred call of its function has not returned", f.State())
				}
			})
		})
	}
}

// The ctx ends when the function has returned, so nothing hangs on to the caller's ctx.
func TestGo_CtxEndsWithTheFunction(t *testing.T) {
	f := future.Go(t.Context(), func(ctx context.Context) (context.Context, error) { return ctx, nil })
	ctx, err := f.Await(t.Context())
	if err != nil {
		t.Fatalf("Await() error %v, want nil", err)
	}
	if ctx.Err() != context.Canceled {
		t.Errorf("the function's ctx has Err() %v after it returned, want %v", ctx.Err(), context.Canceled)
	}
}
