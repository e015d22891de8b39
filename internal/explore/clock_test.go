package explore_test

import (
	"context"
	"maps"
	"sync/atomic"
	"testing"
	"time"

	"github.com/forebay-go/forebay/internal/explore"
)

// The words do what those of sync/atomic do, in an exploration and outside of one.
func TestWords(t *testing.T) {
	operations := func(what string) {
		var word explore.Uint32
		var want atomic.Uint32
		for i, op := range []struct{ got, want uint32 }{
			{word.Add(6), want.Add(6)},
			{word.Or(9), want.Or(9)},
			{word.And(12), want.And(12)},
			{word.Swap(7), want.Swap(7)},
			{word.Load(), want.Load()},
		} {
			if op.got != op.want {
				t.Errorf("%s, operation %d: got %d, want %d", what, i, op.got, op.want)
			}
		}
		if word.CompareAndSwap(1, 2) || !word.CompareAndSwap(7, 3) || word.Load() != 3 {
			t.Errorf("%s: CompareAndSwap: got the word %d, want 3, and only if it was 7", what, word.Load())
		}
	}
	operations("outside")
	if _, err := explore.Explore(explore.Options{}, func(*explore.Run) { operations("inside") }); err != nil {
		t.Error(err)
	}
}

// A thread that has called Mark begins its next operation at that time, and what others do while
// it is held up at the point before comes earlier.
func TestRun_Mark(t *testing.T) {
	heldUp := false
	_, err := explore.Explore(explore.Options{Preemptions: 2}, func(r *explore.Run) {
		var word explore.Uint64
		var called, at, other int64
		r.Go("marks", func() {
			called = r.Now()
			r.Mark(&at)
			word.Load()
			if now := r.Now(); called >= at || at >= now {
				r.Failf("called at %d, marked at %d, over at %d", called, at, now)
			}
			marked := at
			if word.Load(); at != marked {
				r.Failf("marked again: %d, was %d", at, marked)
			}
		})
		r.Go("other", func() { word.Load(); other = r.Now() })
		r.Wait()
		heldUp = heldUp || called < other && other < at
	})
	if err != nil || !heldUp {
		t.Errorf("got %v, held up before the operation: %t, want true", err, heldUp)
	}
}

// A timer can be set again, before it has fired and after. It fires once each time, or never.
func TestTimer_Reset(t *testing.T) {
	seen := map[int]bool{}
	_, err := explore.Explore(explore.Options{Preemptions: 4}, func(r *explore.Run) {
		fired := 0
		timer := explore.AfterFunc(time.Second, func() { fired++ })
		if was := timer.Reset(time.Second); was != (fired == 0) {
			r.Failf("Reset of a timer that has fired %d times: got %t", fired, was)
		}
		if n := r.Timers(); n != 1 {
			r.Failf("%d timers are set, want 1", n)
		}
		r.Point()
		if was := timer.Stop(); !was && fired == 0 {
			r.Failf("Stop of a timer that is set: got false")
		}
		if n := r.Timers(); n != 0 {
			r.Failf("%d timers are set after Stop, want 0", n)
		}
		seen[fired] = true
	})
	if want := map[int]bool{0: true, 1: true, 2: true}; err != nil || !maps.Equal(seen, want) {
		t.Errorf("fired: got %v, %v, want 0, 1 and 2 times", seen, err)
	}
}

// A timer that sets itself is not forgotten when all others wait for it.
func TestTimer_SetsItself(t *testing.T) {
	_, err := explore.Explore(explore.Options{}, func(r *explore.Run) {
		fired := 0
		var timer *explore.Timer
		timer = explore.AfterFunc(time.Second, func() { fired++; timer.Reset(time.Second) })
		r.Await("the third time", func() bool { return fired == 3 })
	})
	if err != nil {
		t.Error(err)
	}
}

// Outside of an exploration AfterContext is context.AfterFunc.
func TestAfterContext_Outside(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	called := make(chan struct{})
	stop := explore.AfterContext(ctx, func() { close(called) })
	stopped := explore.AfterContext(ctx, func() { t.Error("called, though it was stopped") })
	if !stopped() {
		t.Error("stop before the end: got false")
	}
	cancel()
	<-called
	if stop() {
		t.Error("stop after the end: got true")
	}
}
