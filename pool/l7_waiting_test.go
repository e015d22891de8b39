package pool_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// A wait that ends early tells why, and leaves the future as it was: for the one who waited,
// for those who wait still, and for those who come later.
func TestL7_AWaitThatEndsEarlyChangesNothing(t *testing.T) {
	for _, queued := range []bool{false, true} {
		bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
			worker := make(gate)
			f := p.Submit(t.Context(), worker.hold, 1)
			state, want := future.Running, 1
			if queued {
				f, state, want = p.Submit(t.Context(), inc, 1), future.Pending, 2
			}
			synctest.Wait()
			var patient [3]int
			var all sync.WaitGroup
			for i := range patient {
				all.Go(func() { patient[i], _ = f.Await(t.Context()) })
			}
			for range 3 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				begin := time.Now()
				v, err := f.Await(ctx)
				cancel()
				wantErr(t, "Await", err, future.ErrNotReady, context.DeadlineExceeded)
				if d := time.Since(begin); v != 0 || d != time.Second {
					t.Errorf("Await that ends early: got %d after %v, want 0 after 1s", v, d)
				}
				wantState(t, "future", f, state)
			}
			worker.open()
			all.Wait()
			if patient != [3]int{want, want, want} {
				t.Errorf("those who went on waiting: got %v, want %d each", patient, want)
			}
			wantValue(t, "future awaited again", f, want)
			wantValue(t, "future awaited again", f, want)
		})
	}
}

// The task's own ctx does not notice that somebody stopped waiting.
func TestL7_AWaitThatEndsDoesNotReachTheTask(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		g := make(gate)
		f := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			<-g
			return n, ctx.Err()
		}, 1)
		ctx, cancel := context.WithCancel(t.Context())
		over := start(func() { _, _ = f.Await(ctx) })
		wantOver(t, "Await", over, false)
		cancel()
		wantOver(t, "Await", over, true)
		g.open()
		wantValue(t, "task whose awaiter has left", f, 1)
	})
}

// A result that is there beats a ctx that has ended.
func TestL7_SettledBeatsADeadCtx(t *testing.T) {
	dead, cancel := context.WithCancelCause(context.Background())
	cancel(errStop)
	p := pool.New[int, int](pool.WithWorkers(1))
	defer p.Close()
	good, bad := p.Submit(context.Background(), inc, 1), p.Submit(context.Background(), endings.fails, 1)
	<-good.Done()
	<-bad.Done()
	for range 100 {
		if v, err := good.Await(dead); v != 2 || err != nil {
			t.Fatalf("Await of a settled future with a dead ctx: got %d, %v, want 2, <nil>", v, err)
		}
		if _, err := bad.Await(dead); err != errTask {
			t.Fatalf("Await of a failed future with a dead ctx: got %v, want %v", err, errTask)
		}
	}
}

// A lastMoment ctx has ended, and settles the future just when Await asks for its channel.
type lastMoment struct {
	context.Context
	settle func()
}

func (c lastMoment) Done() <-chan struct{} {
	c.settle()
	return c.Context.Done()
}

// Await finds the future not settled, and then both at once. It must not toss a coin.
func TestL7_SettledBeatsACtxThatHasEndedWithIt(t *testing.T) {
	dead, cancel := context.WithCancel(context.Background())
	cancel()
	for range 50 {
		pr := future.NewPromise[int]()
		v, err := pr.Future().Await(lastMoment{dead, func() { pr.Resolve(1) }})
		if v != 1 || err != nil {
			t.Fatalf("Await: got %d, %v in state %v, want 1, <nil>", v, err, pr.Future().State())
		}
	}
}

// Inside a task too: a wait that ends early has changed nothing, and can be taken up again
// with another ctx, by another task, and from outside.
func TestL7_InsideATask(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
		g := make(gate)
		held := p.Submit(t.Context(), g.hold, 7)
		synctest.Wait()
		inside := func(ctx context.Context, _ int) (int, error) {
			short, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			_, err := held.Await(short)
			wantErr(t, "Await inside a task", err, future.ErrNotReady, context.DeadlineExceeded)
			wantState(t, "future", held, future.Running)
			if ctx.Err() != nil {
				t.Errorf("the task's ctx after a wait that ended early: got %v, want it alive", ctx.Err())
			}
			return held.Await(ctx)
		}
		a, b := p.Submit(t.Context(), inside, 0), p.Submit(t.Context(), inside, 0)
		time.Sleep(time.Minute)
		g.open()
		wantValue(t, "one awaiter", a, 7)
		wantValue(t, "another awaiter", b, 7)
		wantValue(t, "future awaited from outside", held, 7)
	})
}

// A wait inside a task may be over and still have to wait for a slot. What settles meanwhile
// is there when Await returns.
func TestL7_SettledBeatsADeadCtxWhileWaitingForASlot(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		pr := future.NewPromise[int]()
		f := p.Submit(t.Context(), func(ctx context.Context, _ int) (int, error) {
			short, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			return pr.Future().Await(short)
		}, 0)
		g := make(gate)
		p.Submit(t.Context(), g.hold, 0)
		time.Sleep(time.Minute) // the ctx has ended, but the slot is in use
		pr.Resolve(1)
		g.open()
		wantValue(t, "task whose wait was settled before it returned", f, 1)
	})
}

// A task that is cancelled while it waits gets its wait's end, with the cause; the awaited
// task goes on.
func TestL7_AwaiterIsCancelled(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
		g := make(gate)
		held := p.Submit(t.Context(), g.hold, 7)
		synctest.Wait()
		awaiter := p.Submit(t.Context(), func(ctx context.Context, _ int) (int, error) { return held.Await(ctx) }, 0)
		synctest.Wait()
		awaiter.Cancel(errStop)
		wantFailure(t, "cancelled awaiter", awaiter, future.Failed, future.ErrNotReady, context.Canceled, errStop)
		wantState(t, "what it awaited", held, future.Running)
		g.open()
		wantValue(t, "what it awaited", held, 7)
	})
}

type customError struct{ code int }

func (e *customError) Error() string { return fmt.Sprint("code ", e.code) }

// What the error of a wait is and is not, whatever ended the ctx.
func TestL7_WaitError(t *testing.T) {
	custom := &customError{42}
	another := &future.CancelError{Cause: errTask}
	with := func(cause error) func() context.Context {
		return func() context.Context {
			ctx, cancel := context.WithCancelCause(context.Background())
			cancel(cause)
			return ctx
		}
	}
	late := func(cause error) func() context.Context {
		return func() context.Context {
			ctx, cancel := context.WithDeadlineCause(context.Background(), time.Unix(0, 0), cause)
			cancel()
			return ctx
		}
	}
	tests := []struct {
		name string
		ctx  func() context.Context
		is   []error
		not  []error
		as   bool // a *customError is to be found
	}{
		{"cancelled", with(nil), []error{context.Canceled}, []error{context.DeadlineExceeded}, false},
		{"cancelled with a cause", with(errStop), []error{context.Canceled, errStop}, []error{context.DeadlineExceeded}, false},
		{"cancelled with a typed cause", with(custom), []error{context.Canceled, custom}, nil, true},
		{"cancelled with a wrapped cause", with(fmt.Errorf("wrapped: %w", custom)), []error{context.Canceled, custom}, nil, true},
		{"timed out", late(nil), []error{context.DeadlineExceeded}, []error{context.Canceled}, false},
		{"timed out with a cause", late(errStop), []error{context.DeadlineExceeded, errStop}, []error{context.Canceled}, false},
		{"cancelled as a task was", with(another), []error{context.Canceled, errTask}, nil, false},
		{"cancelled as a task was, wrapped", with(fmt.Errorf("wrapped: %w", another)), []error{context.Canceled, errTask}, nil, false},
		{"timed out as a task was", late(another), []error{context.DeadlineExceeded, errTask}, nil, false},
		{"cancelled with ErrCanceled itself", with(future.ErrCanceled), []error{context.Canceled}, nil, false},
	}
	p := pool.New[int, int](pool.WithWorkers(1))
	defer p.Close()
	g := make(gate)
	defer g.open()
	f := p.Submit(context.Background(), g.hold, 1)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := f.Await(tt.ctx())
			w := new(future.WaitError)
			if !errors.As(err, &w) {
				t.Fatalf("Await: got %T %v in state %v, want a %T", err, err, f.State(), w)
			}
			wantErr(t, "Await", err, append(tt.is, future.ErrNotReady)...)
			for _, target := range append(tt.not, future.ErrCanceled, pool.ErrClosed) {
				if errors.Is(err, target) {
					t.Errorf("got error %v that is %v, want that it is not", err, target)
				}
			}
			if c := new(future.CancelError); errors.As(err, &c) {
				t.Errorf("got error %v as a %T, want it hidden: it is another task's", err, c)
			}
			c := new(customError)
			if got := errors.As(err, &c); got != tt.as || got && c != custom {
				t.Errorf("error %v as a %T: got %t, %v, want %t", err, c, got, c, tt.as)
			}
		})
	}
}
