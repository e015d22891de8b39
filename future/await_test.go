package future_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
)

var errBoom = errors.New("boom")

// checkSettled fails unless f is settled as wanted, whichever way it is looked at.
func checkSettled[R comparable](t *testing.T, f *future.Future[R], state future.State, v R, err error) {
	t.Helper()
	if got := f.State(); got != state {
		t.Errorf("State() = %v, want %v", got, state)
	}
	if gotV, gotErr := f.Await(t.Context()); gotV != v || !errors.Is(gotErr, err) || (err == nil) != (gotErr == nil) {
		t.Errorf("Await() = %v, %v, want %v, %v; the future is %v", gotV, gotErr, v, err, f.State())
	}
	if r, ok := f.Try(); !ok || r.Value != v || !errors.Is(r.Err, err) || (err == nil) != (r.Err == nil) {
		t.Errorf("Try() = %v, %t, want {%v, %v}, true; the future is %v", r, ok, v, err, f.State())
	}
	select {
	case <-f.Done():
	default:
		t.Errorf("Done() is open, want closed; the future is %v", f.State())
	}
	if f.Cancel(nil) {
		t.Errorf("Cancel() = true on a settled future, want false; it was %v", state)
	}
	if got := f.State(); got != state {
		t.Errorf("State() = %v after Cancel on a settled future, want %v", got, state)
	}
}

// checkPending fails unless f is pending, whichever way it is looked at.
func checkPending[R comparable](t *testing.T, f *future.Future[R]) {
	t.Helper()
	var zero R
	if got := f.State(); got != future.Pending {
		t.Errorf("State() = %v, want %v", got, future.Pending)
	}
	if r, ok := f.Try(); ok || r.Value != zero || r.Err != nil {
		t.Errorf("Try() = %v, %t, want a zero Result, false; the future is %v", r, ok, f.State())
	}
	select {
	case <-f.Done():
		t.Errorf("Done() is closed, want open; the future is %v", f.State())
	default:
	}
}

func TestAwait_SettledBefore(t *testing.T) {
	canceled := future.NewPromise[int]().Future()
	canceled.Cancel(errBoom)
	abandoned := future.NewPromise[int]()
	abandoned.Abandon()
	for _, tt := range []struct {
		name  string
		f     *future.Future[int]
		state future.State
		v     int
		err   error
	}{
		{"resolved", future.Resolved(7), future.Succeeded, 7, nil},
		{"rejected", future.Rejected[int](errBoom), future.Failed, 0, errBoom},
		{"canceled", canceled, future.Canceled, 0, errBoom},
		{"abandoned", abandoned.Future(), future.Failed, 0, future.ErrAbandoned},
	} {
		t.Run(tt.name, func(t *testing.T) { checkSettled(t, tt.f, tt.state, tt.v, tt.err) })
	}
}

// All who wait get the result, whether they came before the settling or after.
func TestAwait_Many(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := future.NewPromise[int]()
		got := make(chan int, 10)
		await := func() {
			v, err := p.Future().Await(t.Context())
			if err != nil {
				t.Errorf("Await() error %v, want nil; the future is %v", err, p.Future().State())
			}
			got <- v
		}
		for range cap(got) / 2 {
			go await()
		}
		synctest.Wait()
		checkPending(t, p.Future())
		if !p.Resolve(7) {
			t.Errorf("Resolve() = false, want true; the future is %v", p.Future().State())
		}
		for range cap(got) / 2 {
			go await()
		}
		for range cap(got) {
			if v := <-got; v != 7 {
				t.Errorf("Await() = %d, want 7", v)
			}
		}
	})
}

// A ctx that cannot end takes another way through Await than one that can.
func TestAwait_CtxWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := future.NewPromise[int]()
		go func() {
			time.Sleep(time.Second)
			p.Resolve(7)
		}()
		if v, err := p.Future().Await(context.Background()); v != 7 || err != nil {
			t.Errorf("Await() = %d, %v, want 7, nil; the future is %v", v, err, p.Future().State())
		}
	})
}

func TestL7_WaitThatEndsEarlyLeavesTheFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := future.NewPromise[int]()
		f := p.Future()
		start := time.Now()
		for i := range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			v, err := f.Await(ctx)
			cancel()
			if v != 0 || !errors.Is(err, future.ErrNotReady) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Await() number %d = %d, %v, want 0 and ErrNotReady, DeadlineExceeded", i, v, err)
			}
			checkPending(t, f)
		}
		if got, want := time.Since(start), 3*time.Second; got != want {
			t.Errorf("three waits of a second took %v, want %v", got, want)
		}
		p.Resolve(7)
		checkSettled(t, f, future.Succeeded, 7, nil)
	})
}

func TestL7_OneWaitEndsOthersGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := future.NewPromise[int]()
		ctx, cancel := context.WithCancelCause(t.Context())
		ended, stayed := make(chan error, 1), make(chan int, 1)
		go func() {
			_, err := p.Future().Await(ctx)
			ended <- err
		}()
		go func() {
			v, _ := p.Future().Await(t.Context())
			stayed <- v
		}()
		synctest.Wait()
		cancel(errBoom)
		if err := <-ended; !errors.Is(err, errBoom) {
			t.Errorf("Await() with the canceled ctx: %v, want its cause %v", err, errBoom)
		}
		synctest.Wait()
		if len(stayed) != 0 {
			t.Errorf("Await() with a live ctx returned %d, want it to wait; the future is %v", <-stayed, p.Future().State())
		}
		p.Resolve(7)
		if v := <-stayed; v != 7 {
			t.Errorf("Await() = %d, want 7", v)
		}
	})
}

func TestL7_SettledBeatsDeadCtx(t *testing.T) {
	dead, cancel := context.WithCancel(t.Context())
	cancel()
	if v, err := future.Resolved(7).Await(dead); v != 7 || err != nil {
		t.Errorf("Await(dead) of a settled future = %d, %v, want 7, nil", v, err)
	}
	// Both become ready after Await has looked and before it sleeps.
	for i := range 50 {
		p := future.NewPromise[int]()
		if v, err := p.Future().Await(settlingCtx{dead, func() { p.Resolve(i) }}); v != i || err != nil {
			t.Fatalf("round %d: Await() = %d, %v, want %d, nil: the future is %v", i, v, err, i, p.Future().State())
		}
	}
}

// A settlingCtx settles a future when somebody is about to wait for the ctx to end.
type settlingCtx struct {
	context.Context
	settle func()
}

func (c settlingCtx) Done() <-chan struct{} {
	c.settle()
	return c.Context.Done()
}

func TestTry_NeverBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := future.NewPromise[string]()
		checkPending(t, p.Future())
		p.Resolve("there")
		checkSettled(t, p.Future(), future.Succeeded, "there", nil)
	})
}

func TestDone_SameChannelForAll(t *testing.T) {
	p := future.NewPromise[int]()
	before := p.Future().Done()
	if again := p.Future().Done(); again != before {
		t.Errorf("Done() gave another channel the second time; the future is %v", p.Future().State())
	}
	p.Resolve(1)
	select {
	case <-before:
	default:
		t.Errorf("the channel of Done() is open, want closed; the future is %v", p.Future().State())
	}
}

func TestState_String(t *testing.T) {
	for s, want := range map[future.State]string{
		future.Pending: "Pending", future.Running: "Running", future.Succeeded: "Succeeded",
		future.Failed: "Failed", future.Canceled: "Canceled", future.State(9): "State(9)",
	} {
		if got := s.String(); got != want {
			t.Errorf("State(%d).String() = %q, want %q", uint8(s), got, want)
		}
	}
}
