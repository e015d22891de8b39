package frame_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/internal/frame"
)

// lent is a task that has lent its slot, in a pool of one worker.
type lent struct {
	*frame.Frame
	*pool
	end chan struct{}
}

// newLent starts a task that does begin and then waits, without lending anything, for end.
func newLent(t *testing.T, begin func(f *frame.Frame)) *lent {
	l := &lent{pool: newPool(1), end: make(chan struct{})}
	l.submit(t.Context(), func(ctx context.Context) {
		l.Frame, _ = frame.From(ctx)
		begin(l.Frame)
		<-l.end
	})
	synctest.Wait()
	return l
}

// returning calls Return on a goroutine of its own and reports whether it has returned when
// everybody sleeps.
func (l *lent) returning(slot bool) (done func() bool) {
	over := false
	go func() {
		l.Return(slot)
		over = true
	}()
	return func() bool {
		synctest.Wait()
		return over
	}
}

func TestFrame_FirstLendHasTheSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLent(t, func(f *frame.Frame) {
			for i, want := range []bool{true, false, false} {
				if slot, ok := f.Lend(); slot != want || !ok {
					t.Errorf("lend %d: slot %t, ok %t; want %t, true", i, slot, ok, want)
				}
			}
			f.Return(true) // the first's; others still wait, so it goes back
		})
		l.slots(t, "three lends, the first has returned", 0)
		if done := l.returning(false); !done() {
			t.Error("the second Return waits")
		}
		l.slots(t, "the second has returned", 0)
		if done := l.returning(false); !done() {
			t.Error("the third Return waits, and a slot is free")
		}
		l.slots(t, "all have returned", 1)
		if slot, ok := l.Lend(); !slot || !ok {
			t.Errorf("lent again: slot %t, ok %t; want true, true", slot, ok)
		}
		l.Return(true) // never given up
		l.slots(t, "returned again", 1)
		close(l.end)
		l.done(t)
	})
}

// The last to return sleeps until it has a slot; the others do not, and their goroutines go on.
func TestL3_LastReturnTakesASlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLent(t, func(f *frame.Frame) {
			for range 3 {
				f.Lend()
			}
			f.Return(true)
		})
		release := make(chan struct{})
		l.submit(t.Context(), func(context.Context) { <-release })
		l.slots(t, "lent, and another runs", 1)
		if done := l.returning(false); !done() {
			t.Error("Return waits, and it is not the last")
		}
		done := l.returning(false)
		if done() {
			t.Error("Return did not wait, and another task has the only slot")
		}
		close(release)
		if !done() {
			t.Error("Return waits, and the other task is done")
		}
		l.slots(t, "returned", 1)
		close(l.end)
		l.done(t)
	})
}

// While the last waits for a slot another wait begins. It has no slot in hand; the task holds
// none, so the one that comes goes back, and the new wait is the last then.
func TestL3_LendDuringTheLastReturn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLent(t, func(f *frame.Frame) {
			f.Lend()
			f.Lend()
			f.Return(true)
		})
		release := make(chan struct{})
		l.submit(t.Context(), func(context.Context) { <-release })
		l.slots(t, "lent, and another runs", 1)
		last := l.returning(false)
		if last() {
			t.Error("Return did not wait, and another task has the only slot")
		}
		if slot, ok := l.Lend(); slot || !ok {
			t.Errorf("lent meanwhile: slot %t, ok %t; want false, true", slot, ok)
		}
		close(release)
		if !last() {
			t.Error("Return waits, and the other task is done")
		}
		l.slots(t, "one wait is left", 0)
		if done := l.returning(false); !done() {
			t.Error("Return waits, and a slot is free")
		}
		l.slots(t, "all have returned", 1)
		close(l.end)
		l.done(t)
	})
}

// A task ends while goroutines of its own still wait: its slot is given up once.
func TestL3_TaskEndsDuringAWait(t *testing.T) {
	for _, tt := range []struct {
		name  string
		begin func(f *frame.Frame) (slot bool)
		used  int // slots when the task is over, and the wait is not
	}{
		{"the slot given up", func(f *frame.Frame) bool {
			f.Lend()
			f.Lend()
			f.Return(true)
			return false
		}, 0},
		{"the slot in hand", func(f *frame.Frame) bool {
			f.Lend()
			return true
		}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var slot bool
				l := newLent(t, func(f *frame.Frame) { slot = tt.begin(f) })
				close(l.end)
				l.slots(t, "the task is over", tt.used)
				if slot, ok := l.Lend(); slot || ok {
					t.Errorf("lent after the end: slot %t, ok %t; want false, false", slot, ok)
				}
				if l.Forgotten() {
					t.Error("one of its goroutines waits, and it was forgotten")
				}
				if done := l.returning(slot); !done() {
					t.Error("Return waits, and the task is over")
				}
				l.slots(t, "the wait is over too", 0)
				if !l.Forgotten() {
					t.Error("it was not forgotten")
				}
				l.done(t)
			})
		})
	}
}

// The task ends while the last to return waits for a slot, for nothing: it goes back.
func TestL3_TaskEndsDuringTheLastReturn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLent(t, func(f *frame.Frame) {
			f.Lend()
			f.Lend()
			f.Return(true)
		})
		release := make(chan struct{})
		l.submit(t.Context(), func(context.Context) { <-release })
		l.slots(t, "lent, and another runs", 1)
		last := l.returning(false)
		if last() {
			t.Error("Return did not wait, and another task has the only slot")
		}
		close(l.end)
		l.slots(t, "the task is over, another runs", 1)
		close(release)
		if !last() {
			t.Error("Return waits, and the other task is done")
		}
		l.slots(t, "all over", 0)
		l.done(t)
	})
}

// A task outside the limit has no slot, and neither gives one up nor takes one.
func TestFrame_OutsideTouchesNoSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(1)
		release := make(chan struct{})
		p.submit(t.Context(), func(context.Context) { <-release })
		p.slots(t, "the only slot is in use", 1)
		f := new(frame.Frame)
		f.Outside()
		f.Init(t.Context(), &p.home)
		for i := range 2 {
			if slot, ok := f.Lend(); slot || !ok {
				t.Errorf("lend %d: slot %t, ok %t; want false, true", i, slot, ok)
			}
		}
		f.Return(false)
		f.Return(false)
		if err := f.Block(func() error { return errCanceled }); !errors.Is(err, errCanceled) {
			t.Errorf("Block: %v, want %v", err, errCanceled)
		}
		p.slots(t, "it has lent and returned", 1)
		if f.End() {
			t.Error("End: the slot is in hand")
		}
		if !f.Forgotten() {
			t.Error("it was not forgotten")
		}
		p.slots(t, "it is over", 1)
		close(release)
		p.done(t)
	})
}

func TestFrame_BlockLendsTheSlot(t *testing.T) {
	for _, tt := range []struct {
		name string
		wait func(wait func()) error
	}{
		{"returns", func(wait func()) error { wait(); return errCanceled }},
		{"panics", func(wait func()) error { wait(); panic("in Block") }},
		{"ends the goroutine", func(wait func()) error { wait(); runtime.Goexit(); return nil }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPool(1)
				wake, release := make(chan struct{}), make(chan struct{})
				var f *frame.Frame
				var err error
				p.submit(t.Context(), func(ctx context.Context) {
					f, _ = frame.From(ctx)
					defer func() { _ = recover() }()
					err = f.Block(func() error { return tt.wait(func() { <-wake }) })
				})
				p.submit(t.Context(), func(context.Context) { <-release })
				p.slots(t, "one blocks, the other runs", 1)
				if n := p.home.Lent.Load(); n != 1 {
					t.Errorf("one blocks: Lent is %d, want 1", n)
				}
				close(wake)
				p.slots(t, "one returns, the other runs", 1)
				if n := p.home.Lent.Load(); n != 1 {
					t.Errorf("one wants its slot back: Lent is %d, want 1", n)
				}
				if f.Forgotten() {
					t.Error("the task ended without a slot")
				}
				close(release)
				p.done(t)
				if tt.name == "returns" && !errors.Is(err, errCanceled) {
					t.Errorf("Block: %v, want %v", err, errCanceled)
				}
			})
		})
	}
}

// The slot was passed on before the wait, and is in hand again after it: nobody has to give
// one up for the task to go on.
func TestFrame_ParkKeepsTheSlotThatComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var err error
		l := newLent(t, func(f *frame.Frame) {
			f.Lend()
			err = f.Park(false, func() (slot bool, err error) { return true, errCanceled })
		})
		l.slots(t, "the wait is over", 1)
		if !errors.Is(err, errCanceled) {
			t.Errorf("Park: %v, want %v", err, errCanceled)
		}
		close(l.end)
		l.done(t)
	})
}

// Block in a goroutine that has the ctx of a task that is over just waits.
func TestFrame_BlockAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLent(t, func(*frame.Frame) {})
		close(l.end)
		l.slots(t, "over", 0)
		err := l.Block(func() error {
			l.slots(t, "in Block", 0)
			return errCanceled
		})
		if !errors.Is(err, errCanceled) {
			t.Errorf("Block: %v, want %v", err, errCanceled)
		}
		l.slots(t, "after Block", 0)
		l.done(t)
	})
}
