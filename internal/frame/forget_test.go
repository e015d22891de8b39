package frame_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"
	"weak"

	"github.com/forebay-go/forebay/internal/frame"
)

// A value is what a test puts into a ctx to see it collected. It is not tiny, so that it is
// not allocated together with something else.
type value struct{ _ [64]byte }

// newValue returns a ctx with a value that only the ctx refers to.
func newValue() (context.Context, weak.Pointer[value]) {
	v := new(value)
	return context.WithValue(context.Background(), key("value"), v), weak.Make(v)
}

// collected reports whether what p points to is gone after a collection or two: one may
// be under way that still saw it.
func collected(p weak.Pointer[value]) bool {
	for range 3 {
		runtime.GC()
		if p.Value() == nil {
			return true
		}
	}
	return false
}

// Whatever was done with a task's ctx, and whoever keeps what came of it.
func TestL14_ContextIsForgottenAfterEnd(t *testing.T) {
	home, stop := newHome()
	defer stop(nil)
	home.Base = context.WithValue(home.Base, key("base"), 1)
	uses := []struct {
		name         string
		use          func(f *frame.Frame) (keep any)
		keep         []any
		v            weak.Pointer[value]
		task, nested *frame.Frame
	}{
		{name: "unused", use: func(*frame.Frame) any { return nil }},
		{name: "Done", use: func(f *frame.Frame) any { return f.Done() }},
		{name: "Err", use: func(f *frame.Frame) any { return f.Err() }},
		{name: "Value", use: func(f *frame.Frame) any { return f.Value(key("base")) }},
		{name: "Cancel", use: func(f *frame.Frame) any { f.Cancel(errCanceled); return context.Cause(f) }},
		{name: "WithTimeout", use: func(f *frame.Frame) any {
			ctx, cancel := context.WithTimeout(f, time.Hour)
			context.AfterFunc(ctx, cancel)
			return ctx
		}},
		{name: "WithValue", use: func(f *frame.Frame) any { return context.WithValue(f, key("k"), 1) }},
		{name: "WithoutCancel", use: func(f *frame.Frame) any { return context.WithoutCancel(f) }},
		{name: "Own", use: func(f *frame.Frame) any { return &frame.Own{Context: f, Frame: f} }},
	}
	for i := range uses {
		u := &uses[i]
		submit, v := newValue()
		u.v = v
		u.task = newFrame(submit, home)
		u.nested = newFrame(u.task, home)
		u.keep = append(u.keep, u.use(u.task), u.use(u.nested))
	}
	runtime.GC()
	for i := range uses {
		if u := &uses[i]; u.v.Value() == nil {
			t.Errorf("%s: the submit ctx's value was collected before End", u.name)
		} else {
			u.nested.End()
			u.task.End()
		}
	}
	for i := range uses {
		if u := &uses[i]; !collected(u.v) {
			t.Errorf("%s: the submit ctx's value is still there after End", u.name)
		}
	}
	runtime.KeepAlive(uses)
	runtime.KeepAlive(home)
}

// A nested task needs the outermost's submit ctx until it is over itself, and no longer.
func TestL14_NestedTaskKeepsTheContextWhileItRuns(t *testing.T) {
	home, stop := newHome()
	defer stop(nil)
	submit, v := newValue()
	f := newFrame(submit, home)
	nested := newFrame(f, home)
	submit = nil
	f.End()
	if collected(v) {
		t.Error("a nested task runs, and the value is gone")
	}
	if err := nested.Err(); !errors.Is(err, context.Canceled) {
		t.Errorf("the parent is over: Err %v, want context.Canceled", err)
	}
	nested.End()
	if !collected(v) {
		t.Error("the value is still there after End")
	}
	runtime.KeepAlive([]any{f, nested})
}

// Goroutines that a task left behind use its ctx in all ways while it ends, and afterwards.
// What they see is either the running task or the finished one; they hold nothing; and, for
// the race detector, they read nothing that is being cleared.
func TestL14_LeakedContextHoldsNothing(t *testing.T) {
	for range max(1, scaled(10)) {
		home, stop := newHome()
		submit, v := newValue()
		parent := newFrame(submit, home)
		f := new(frame.Frame)
		f.Outside() // has no slot, so needs no scheduler
		f.Init(parent, home)
		submit = nil

		end := make(chan struct{})
		var users, ready sync.WaitGroup
		for i := range 3 {
			ready.Add(1)
			users.Go(func() {
				for n := i; ; n++ {
					use(t, f, home, n)
					if n == i+8 {
						ready.Done()
					}
					select {
					case <-end:
						return
					default:
						runtime.Gosched()
					}
				}
			})
		}
		ready.Wait()
		f.End()
		parent.End()
		if !collected(v) {
			t.Error("the value is still there after End")
		}
		close(end)
		users.Wait()
		if !f.Forgotten() || !parent.Forgotten() {
			t.Errorf("forgotten: %t, its parent: %t; want both", f.Forgotten(), parent.Forgotten())
		}
		if stop(nil); t.Failed() {
			return
		}
	}
}

// use does one of the things that can be done with a leaked ctx.
func use(t *testing.T, f *frame.Frame, home *frame.Home, n int) {
	switch n % 8 {
	case 0:
		if err := f.Err(); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("Err: %v, want nil or context.Canceled", err)
		}
	case 1:
		if ended(f) && f.Err() == nil {
			t.Error("Done is closed, and Err says nil")
		}
	case 2:
		f.Value(key("value"))
	case 3:
		f.Deadline()
	case 4:
		ctx, cancel := context.WithCancel(f)
		defer cancel()
		_ = ctx.Err()
	case 5:
		nested := newFrame(f, home)
		nested.Done()
		nested.End()
	case 6:
		f.On(home.Sched)
	case 7:
		if _, ok := f.Lend(); ok {
			f.Return(false)
		}
	}
}

// The task ends while one of its goroutines is inside a method of its ctx: that one still has
// what it needs, and the frame is forgotten when it leaves.
func TestL14_EndInsideACall(t *testing.T) {
	for _, tt := range []struct {
		method string
		call   func(f *frame.Frame)
	}{
		{"Err", func(f *frame.Frame) { _ = f.Err() }},
		{"Done", func(f *frame.Frame) { f.Done() }},
		{"Value", func(f *frame.Frame) { f.Value(key("k")) }},
		{"Deadline", func(f *frame.Frame) { f.Deadline() }},
	} {
		home, stop := newHome()
		submit := newWatched()
		f := newFrame(submit, home)
		over := false
		submit.called = func(method string) {
			if method == tt.method && !over {
				over = true
				f.End()
				if f.Forgotten() {
					t.Errorf("%s: forgotten during the call", tt.method)
				}
			}
		}
		tt.call(f)
		if !over || !f.Forgotten() {
			t.Errorf("%s: called %t, forgotten afterwards %t; want both", tt.method, over, f.Forgotten())
		}
		stop(nil)
	}
}

// Cancel may come at any time, also while the task ends.
func TestFrame_CancelMeetsEnd(t *testing.T) {
	for range scaled(300) {
		home, stop := newHome()
		f := newFrame(t.Context(), home)
		nested := newFrame(f, home)
		var wg sync.WaitGroup
		wg.Go(func() { f.Cancel(errCanceled) })
		wg.Go(func() { nested.Cancel(errCanceled) })
		wg.Go(func() { nested.Err(); nested.End() })
		wg.Go(func() { f.End() })
		wg.Wait()
		if !f.Forgotten() || !nested.Forgotten() {
			t.Fatalf("forgotten: %t, nested: %t; want both", f.Forgotten(), nested.Forgotten())
		}
		if !ended(f) || !ended(nested) {
			t.Fatal("both are over, and Done is open")
		}
		stop(nil)
	}
}
