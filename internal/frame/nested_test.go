package frame_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/forebay-go/forebay/internal/frame"
)

func TestFrame_WhatIsNested(t *testing.T) {
	home, stop := newHome()
	defer stop(nil)
	elsewhere, stopElsewhere := newHome()
	defer stopElsewhere(nil)
	f := newFrame(t.Context(), home)
	over := newFrame(t.Context(), home)
	over.End()
	timeout, cancel := context.WithTimeout(f, time.Hour)
	defer cancel()
	for _, tt := range []struct {
		name string
		ctx  context.Context
		home *frame.Home
		want bool
	}{
		{"no task's ctx", t.Context(), home, false},
		{"a task's ctx", f, home, true},
		{"a derived ctx", timeout, home, false},
		{"a task's ctx with a worker's values", &frame.Own{Context: f, Frame: f, Values: t.Context()}, home, true},
		{"a task's ctx with a timeout", &frame.Own{Context: timeout, Frame: f}, home, false},
		{"the ctx of another pool's task", f, elsewhere, false},
		{"the ctx of a task that is over", over, home, false},
	} {
		g := newFrame(tt.ctx, tt.home)
		if got := g.Nested(); got != tt.want {
			t.Errorf("%s: Nested %t, want %t", tt.name, got, tt.want)
		}
		wantDead := tt.ctx == context.Context(over)
		if dead := g.Dead(); (dead != nil) != wantDead {
			t.Errorf("%s: Dead %v, want dead: %t", tt.name, dead, wantDead)
		}
		g.End()
	}
	f.End()
	if !f.Forgotten() {
		t.Error("all are over, and the first was not forgotten")
	}
}

// A task of another pool is a context like any other: its end ends ours, its values are seen.
func TestFrame_SubmittedFromAnotherPool(t *testing.T) {
	home, stop := newHome()
	defer stop(nil)
	elsewhere, stopElsewhere := newHome()
	defer stopElsewhere(nil)
	outer := newFrame(context.WithValue(t.Context(), key("k"), 1), elsewhere)
	f := newFrame(outer, home)
	if v := f.Value(key("k")); v != 1 {
		t.Errorf("Value: %v, want 1", v)
	}
	done := f.Done()
	outer.Cancel(errCanceled)
	<-done
	if cause := context.Cause(f); !errors.Is(cause, errCanceled) {
		t.Errorf("Cause: %v, want %v", cause, errCanceled)
	}
	f.End()
	outer.End()
}

// However deep tasks are nested, the submit ctx of the outermost is asked once, and directly.
func TestL20_NestedFramesAreFlat(t *testing.T) {
	home, stop := newHome()
	defer stop(nil)
	submit := newWatched()
	submit.Context = context.WithValue(submit.Context, key("k"), 1)
	chain := nest(submit, home, 1000)
	last := chain[len(chain)-1]
	ask := func(f *frame.Frame) (n, depth int) {
		submit.asks()
		if dead := f.Dead(); dead != nil {
			t.Errorf("Dead: %v, want nil", dead)
		}
		return submit.asks()
	}
	_, want := ask(chain[0])
	if n, depth := ask(last); n != 1 || depth != want {
		t.Errorf("Dead asked the submit ctx %d times, %d calls deep; want once, %d deep", n, depth, want)
	}
	if v := last.Value(key("k")); v != 1 {
		t.Errorf("Value: %v, want 1", v)
	}
	if home.Broken() {
		t.Error("nothing was cancelled, and chains are walked")
	}
	// Ended as tasks that await each other do, from the inside.
	for i := len(chain) - 1; i >= 0; i-- {
		chain[i].End()
	}
	if home.Broken() {
		t.Error("every task ended before the one that it was nested in, and chains are walked")
	}
}

// nest makes a chain of n frames, each submitted with the one before.
func nest(ctx context.Context, home *frame.Home, n int) []*frame.Frame {
	slab := make([]frame.Frame, n)
	chain := make([]*frame.Frame, n)
	for i := range chain {
		chain[i] = &slab[i]
		chain[i].Init(ctx, home)
		ctx = chain[i]
	}
	return chain
}

// A frame anywhere in a chain that was cancelled, or is over, cuts off what is nested in it,
// and nothing else.
func TestL8_CutReachesTheWholeChain(t *testing.T) {
	for _, cut := range []int{0, 3, 6} {
		for _, over := range []bool{false, true} {
			home, stop := newHome()
			chain := nest(t.Context(), home, 7)
			want := errCanceled
			if over {
				want = context.Canceled
				chain[cut].End()
			} else {
				chain[cut].Cancel(errCanceled)
			}
			for i, f := range chain {
				if over && i == cut {
					continue
				}
				cause := f.Dead()
				if i < cut && cause != nil || i > cut && !errors.Is(cause, want) {
					t.Errorf("frame %d of 7 was cut, over %t: frame %d says Dead: %v", cut, over, i, cause)
				}
				if i < cut && f.Err() != nil || i > cut && !errors.Is(f.Err(), context.Canceled) {
					t.Errorf("frame %d of 7 was cut, over %t: frame %d says Err: %v", cut, over, i, f.Err())
				}
			}
			for i, f := range chain {
				if !over || i != cut {
					f.End()
				}
			}
			stop(nil)
		}
	}
}

// A long chain, ended in any order, is forgotten to the last, and on a flat stack. Ended from
// the outside, none can be forgotten before the last is over, and then all are at once.
func TestL14_MillionNestedFramesAreForgotten(t *testing.T) {
	rng := seeded(t)
	for _, tt := range []struct {
		name  string
		n     int
		order func(i, n int) int
	}{
		{"from the outside", million, func(i, _ int) int { return i }},
		{"from the inside", million / 10, func(i, n int) int { return n - 1 - i }},
		{"at random", million / 10, shuffled(rng)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			home, stop := newHome()
			defer stop(nil)
			chain := nest(t.Context(), home, tt.n)
			grown := make(chan int64)
			go func() {
				before := stack()
				for i := range chain {
					chain[tt.order(i, len(chain))].End()
				}
				grown <- stack() - before
			}()
			if n := <-grown; n > 1<<18 {
				t.Errorf("%d frames: the stack grew by %d bytes", tt.n, n)
			}
			for i, f := range chain {
				if !f.Forgotten() {
					t.Fatalf("%d frames: frame %d was not forgotten", tt.n, i)
				}
			}
		})
	}
}

func shuffled(rng *rand.Rand) func(i, n int) int {
	var order []int
	return func(i, n int) int {
		if order == nil {
			order = rng.Perm(n)
		}
		return order[i]
	}
}

// stack is the memory that is in use for stacks.
func stack() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.StackInuse)
}

// Chains are walked only while there is a frame that was cancelled, or over too soon: not for
// the rest of the pool's life.
func TestL20_ABrokenFrameIsForgotten(t *testing.T) {
	home, stop := newHome()
	defer stop(nil)
	var parent, child frame.Frame
	parent.Init(t.Context(), home)
	child.Init(&parent, home)
	if home.Broken() {
		t.Error("nothing has happened, and chains are walked")
	}
	child.Cancel(nil)
	if !home.Broken() {
		t.Error("a frame was cancelled, and chains are not walked")
	}
	child.Cancel(nil)
	parent.End()
	child.End()
	if home.Broken() {
		t.Error("both are over, and chains are still walked")
	}
}

// The last who holds a frame lets go of it while End is at work: then it is forgotten, and
// must not be counted as broken for ever.
func TestL20_ForgottenInsideEndIsNotBroken(t *testing.T) {
	pool := newWatched()
	home := &frame.Home{Ctx: pool, Base: context.Background(), Counters: new(frame.Counters)}
	f := newFrame(t.Context(), home)
	nested := newFrame(f, home)
	f.Done()
	pool.called = func(method string) {
		if method == "stop" { // End has set over, and is about to tell those who wait
			pool.called = nil
			nested.End()
		}
	}
	f.End()
	if pool.called != nil {
		t.Fatal("the nested task did not end inside End")
	}
	if !f.Forgotten() || !nested.Forgotten() {
		t.Errorf("forgotten: %t, nested: %t; want both", f.Forgotten(), nested.Forgotten())
	}
	if home.Broken() {
		t.Error("both are over, and chains are still walked")
	}
}
