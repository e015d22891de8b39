package frame_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/internal/frame"
)

var (
	errStopped  = errors.New("the pool was stopped")
	errCanceled = errors.New("the task was cancelled")
	errSubmit   = errors.New("the submit ctx was cancelled")
)

func TestFrame_RunningTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home, stop := newHome()
		defer stop(nil)
		home.Base = context.WithValue(home.Base, key("base"), 1)
		f := newFrame(context.WithValue(t.Context(), key("submit"), 2), home)
		if err := f.Err(); err != nil {
			t.Errorf("Err: %v, want nil", err)
		}
		if cause := context.Cause(f); cause != nil {
			t.Errorf("Cause: %v, want nil", cause)
		}
		if cause := f.Dead(); cause != nil {
			t.Errorf("Dead: %v, want nil", cause)
		}
		if f.Made() {
			t.Error("it made its real context, and nobody asked for Done")
		}
		if ended(f) {
			t.Error("Done is closed")
		}
		if done := f.Done(); done != f.Done() {
			t.Error("Done returned two channels")
		}
		if d, ok := f.Deadline(); ok {
			t.Errorf("Deadline: %v, want none", d)
		}
		for _, tt := range []struct {
			key  any
			want any
		}{{key("submit"), 2}, {key("base"), 1}, {key("none"), nil}, {[1]int{}, nil}} {
			if got := f.Value(tt.key); got != tt.want {
				t.Errorf("Value(%v): %v, want %v", tt.key, got, tt.want)
			}
		}
		if got, want := f.String(), "pool.task"; got != want {
			t.Errorf("String: %q, want %q", got, want)
		}
		if got, home := f.Home(), home; got != home {
			t.Errorf("Home: %p, want %p", got, home)
		}
		f.End()
	})
}

// The context of a task that is over is done, with context.Canceled, and knows nothing.
func TestL14_FinishedTask(t *testing.T) {
	for _, asked := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			home, stop := newHome()
			defer stop(nil)
			home.Base = context.WithValue(home.Base, key("base"), 1)
			submit, cancel := context.WithTimeout(context.WithValue(t.Context(), key("submit"), 2), time.Hour)
			defer cancel()
			f := newFrame(submit, home)
			var done <-chan struct{}
			if asked {
				done = f.Done()
			}
			if slot := f.End(); !slot {
				t.Error("End: the slot is not in hand")
			}
			if asked {
				select {
				case <-done:
				default:
					t.Error("a channel that Done returned before is open")
				}
			}
			if !ended(f) {
				t.Error("Done is open")
			}
			if err := f.Err(); !errors.Is(err, context.Canceled) {
				t.Errorf("Err: %v, want context.Canceled", err)
			}
			if cause := context.Cause(f); !errors.Is(cause, context.Canceled) {
				t.Errorf("Cause: %v, want context.Canceled", cause)
			}
			if v := f.Value(key("submit")); v != nil {
				t.Errorf("Value of the submit ctx: %v, want nil", v)
			}
			if v := f.Value(key("base")); v != nil {
				t.Errorf("Value of the base ctx: %v, want nil", v)
			}
			if d, ok := f.Deadline(); ok {
				t.Errorf("Deadline: %v, want none", d)
			}
			f.Cancel(errCanceled) // too late, and harmless
			if cause := context.Cause(f); !errors.Is(cause, context.Canceled) {
				t.Errorf("Cause after Cancel: %v, want context.Canceled", cause)
			}
			ctx, cancelCtx := context.WithTimeout(f, time.Hour)
			defer cancelCtx()
			if !ended(ctx) || !errors.Is(ctx.Err(), context.Canceled) {
				t.Errorf("WithTimeout: Err %v, want context.Canceled", ctx.Err())
			}
			if !f.Forgotten() {
				t.Error("it was not forgotten")
			}
		})
	}
}

func TestFrame_Deadline(t *testing.T) {
	now := time.Now()
	at := func(d time.Duration) context.Context {
		if d == 0 {
			return context.Background()
		}
		ctx, cancel := context.WithDeadline(context.Background(), now.Add(d))
		t.Cleanup(cancel)
		return ctx
	}
	const none, soon, late = 0, time.Hour, 2 * time.Hour
	for _, tt := range []struct {
		submit, home, want time.Duration
	}{
		{none, none, none},
		{soon, none, soon},
		{none, soon, soon},
		{soon, late, soon},
		{late, soon, soon},
	} {
		home := &frame.Home{Ctx: at(tt.home), Base: context.Background(), Counters: new(frame.Counters)}
		f := newFrame(at(tt.submit), home)
		nested := newFrame(f, home)
		for _, f := range []*frame.Frame{nested, f} {
			got, ok := f.Deadline()
			if ok != (tt.want != none) || ok && !got.Equal(now.Add(tt.want)) {
				t.Errorf("submit ctx %v, pool %v, nested %t: deadline in %v, %t; want %v",
					tt.submit, tt.home, f.Nested(), got.Sub(now), ok, tt.want)
			}
			f.End()
		}
	}
}

// Deriving from a frame costs what it costs with any context of package context: no goroutine.
func TestL20_DerivedContextsStartNoGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home, stop := newHome()
		defer stop(nil)
		submit, cancel := context.WithCancel(t.Context())
		defer cancel()
		parent := newFrame(submit, home)
		f := newFrame(parent, home)
		before := goroutines()

		withTimeout, cancelTimeout := context.WithTimeout(f, time.Hour)
		defer cancelTimeout()
		withCancel, cancelCtx := context.WithCancel(context.WithValue(f, key("k"), 1))
		defer cancelCtx()
		fired := false
		context.AfterFunc(f, func() { fired = true })
		notFired := context.AfterFunc(f, func() { t.Error("called, although it was stopped") })
		synctest.Wait()
		if n := goroutines() - before; n != 0 {
			t.Errorf("%d goroutines were started", n)
		}
		if withTimeout.Err() != nil || withCancel.Err() != nil {
			t.Errorf("before End: Err %v and %v, want nil", withTimeout.Err(), withCancel.Err())
		}
		if !notFired() {
			t.Error("stop of AfterFunc says false")
		}

		f.End()
		synctest.Wait()
		for _, ctx := range []context.Context{withTimeout, withCancel} {
			if !ended(ctx) || !errors.Is(ctx.Err(), context.Canceled) {
				t.Errorf("%v: Err %v after End, want context.Canceled", ctx, ctx.Err())
			}
		}
		if !fired {
			t.Error("AfterFunc was not called after End")
		}
		parent.End()
	})
}

// A long-lived submit ctx, and the pool's, keep no track of tasks that are over.
func TestL13_NothingIsLeftWithTheContexts(t *testing.T) {
	submit, pool := newWatched(), newWatched()
	home := &frame.Home{Ctx: pool, Base: context.Background(), Counters: new(frame.Counters)}
	const n = 100
	frames := make([]*frame.Frame, 0, 2*n)
	for range n {
		f := newFrame(submit, home)
		nested := newFrame(f, home)
		ctx, cancel := context.WithCancel(nested)
		defer cancel()
		ended(ctx)
		frames = append(frames, f, nested)
	}
	if got := submit.waiters(); got != n {
		t.Errorf("%d tasks wait for the end of the submit ctx, want %d: nested ones wait for theirs", got, n)
	}
	if got := pool.waiters(); got != 2*n {
		t.Errorf("%d tasks wait for the end of the pool's ctx, want %d", got, 2*n)
	}
	for _, f := range frames {
		f.End()
	}
	if a, b := submit.waiters(), pool.waiters(); a != 0 || b != 0 {
		t.Errorf("after End %d wait for the submit ctx, %d for the pool's; want none", a, b)
	}
}

func TestFrame_OnWhichWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, q := newPool(1), newPool(1)
		var f *frame.Frame
		p.submit(t.Context(), func(ctx context.Context) {
			f, _ = frame.From(ctx)
			if !f.On(p.home.Sched) || f.On(q.home.Sched) {
				t.Errorf("On: its own workers %t, others %t; want true, false", f.On(p.home.Sched), f.On(q.home.Sched))
			}
			derived, cancel := context.WithCancel(f)
			if f.Ended(derived) || f.Ended(f) {
				t.Error("Ended: true, and nothing has")
			}
			if cancel(); !f.Ended(derived) || f.Ended(f) {
				t.Errorf("a derived context was cancelled: Ended %t, of the task's %t; want true, false",
					f.Ended(derived), f.Ended(f))
			}
		})
		p.done(t)
		q.done(t)
		if f.On(p.home.Sched) {
			t.Error("On after the end: true")
		}
	})
}
