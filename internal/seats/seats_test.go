package seats_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/internal/seats"
)

// A hall is where waiters are told that they have seats: in this order.
type hall struct{ granted []string }

func (h *hall) waiter(s *seats.Seats, name string) *seats.Waiter {
	return s.NewWaiter(name, func() { h.granted = append(h.granted, name) })
}

func (h *hall) want(t *testing.T, names ...string) {
	t.Helper()
	if !slices.Equal(h.granted, names) {
		t.Errorf("seats were granted to %q, want %q", h.granted, names)
	}
}

func want(t *testing.T, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// wantCount checks the numbers of seats taken, started, in line.
func wantCount(t *testing.T, what string, s *seats.Seats, taken, started, inLine int) {
	t.Helper()
	c := s.Count()
	if c.Taken != taken || c.Started != started || c.InLine != inLine {
		t.Errorf("%s: got %+v, want %d taken, %d started, %d in line", what, c, taken, started, inLine)
	}
	if law := s.Broken(false); law != "" {
		t.Errorf("%s: %+v breaks %s", what, c, law)
	}
}

// running takes a seat that its task has started in.
func running(t *testing.T, s *seats.Seats) *seats.Waiter {
	t.Helper()
	w := s.NewWaiter("running", func() { t.Error("granted without having stood in line") })
	if !w.Enter() || !w.Start() {
		t.Fatal("no seat for a task that is to run")
	}
	return w
}

func TestEnter(t *testing.T) {
	var h hall
	s := seats.New(1, nil)
	a, b, c := h.waiter(s, "a"), h.waiter(s, "b"), h.waiter(s, "c")
	want(t, "Enter with a free seat", a.Enter(), true)
	want(t, "Enter without", b.Enter(), false)
	want(t, "Enter behind another", c.Enter(), false)
	want(t, "Enter again", b.Enter(), false)
	want(t, "Enter again with a seat", a.Enter(), true)
	want(t, "Seated in line", b.Seated(), false)
	wantCount(t, "one seated, two in line", s, 1, 0, 2)
	a.Quit()
	h.want(t, "b")
	want(t, "Seated, granted", b.Seated(), true)
	b.Quit()
	h.want(t, "b", "c")
	c.Quit()
	wantCount(t, "all gone", s, 0, 0, 0)
}

func TestTryEnter(t *testing.T) {
	var h hall
	outer := seats.New(2, nil)
	s := seats.New(2, outer)
	other := running(t, outer)
	a, b := h.waiter(s, "a"), h.waiter(s, "b")
	want(t, "TryEnter with free seats", a.TryEnter(), true)
	want(t, "TryEnter again", a.TryEnter(), true)
	want(t, "TryEnter without an outer seat", b.TryEnter(), false)
	wantCount(t, "inner", s, 1, 0, 0)
	want(t, "Enter after TryEnter", b.Enter(), false)
	want(t, "TryEnter in line", b.TryEnter(), false)
	other.Quit()
	h.want(t, "b")
	a.Quit()
	b.Quit()
	wantCount(t, "outer", outer, 0, 0, 0)
}

func TestHold(t *testing.T) {
	var h hall
	s := seats.New(1, nil)
	sleeper := h.waiter(s, "sleeper")
	first := running(t, s)
	sleeper.Enter()
	for i, full := range []bool{false, false, true} {
		in, gotFull := h.waiter(s, fmt.Sprint(i)).Hold(2)
		want(t, fmt.Sprintf("Hold %d of 2: in", i), in, false)
		want(t, fmt.Sprintf("Hold %d of 2: full", i), gotFull, full)
	}
	in, full := h.waiter(s, "beyond").Hold(0)
	want(t, "Hold without a bound: in", in, false)
	want(t, "Hold without a bound: full", full, false)
	want(t, "Oldest, behind one who is not held", s.Oldest(), any("0"))
	first.Quit()
	h.want(t, "sleeper")
	sleeper.Quit()
	h.want(t, "sleeper", "0")
	want(t, "Oldest", s.Oldest(), any("1"))
	want(t, "held", s.Count().Held, 2)

	free := seats.New(1, nil)
	in, full = h.waiter(free, "x").Hold(1)
	want(t, "Hold with a free seat: in", in, true)
	want(t, "Hold with a free seat: full", full, false)
	want(t, "Oldest of nobody", free.Oldest(), nil)
}

// A held newcomer that leaves a line makes room there, wherever it goes; so does one that did not
// need to stand there, for somebody may have been told that there is room, and have come.
func TestLeft(t *testing.T) {
	var h hall
	outer := seats.New(1, nil)
	s := seats.New(1, outer)
	left, leftOuter := 0, 0
	s.Left = func() { left++ }
	outer.Left = func() { leftOuter++ }
	other := running(t, outer)
	a, b := h.waiter(s, "a"), h.waiter(s, "b")
	a.Hold(1) // has the inner seat, and is in the outer line
	b.Hold(1)
	want(t, "left by a, which did not stand in the inner line", left, 1)
	a.Quit()
	want(t, "left when the inner seat was free", left, 2)
	want(t, "left the outer line, by Quit", leftOuter, 1)
	want(t, "held in the inner line", s.Count().Held, 0)
	want(t, "held in the outer line", outer.Count().Held, 1)
	other.Quit()
	h.want(t, "b")
	want(t, "left the outer line, with a seat", leftOuter, 2)
	h.waiter(outer, "sleeper").Enter()
	b.Quit()
	h.want(t, "b", "sleeper")
	want(t, "left by one that was not held", leftOuter, 2)
	wantCount(t, "inner", s, 0, 0, 0)
	wantCount(t, "outer", outer, 1, 0, 0)
}

// Quit and Leave in every state: what they say, and that nothing is left.
func TestQuit(t *testing.T) {
	for _, c := range []struct {
		state  string
		bring  func(w *seats.Waiter)
		outer  int // seats in use further out by others
		inner  int
		stood  bool
		remain bool // Leave does nothing
	}{
		{"unasked", func(*seats.Waiter) {}, 0, 0, false, false},
		{"seated", func(w *seats.Waiter) { w.Enter() }, 0, 0, false, true},
		{"started", func(w *seats.Waiter) { w.Enter(); w.Start() }, 0, 0, false, true},
		{"in the inner line", func(w *seats.Waiter) { w.Enter() }, 0, 1, true, false},
		{"in the outer line", func(w *seats.Waiter) { w.Enter() }, 1, 0, true, false},
		{"refused", func(w *seats.Waiter) { w.TryEnter() }, 1, 0, false, false},
		{"quit", func(w *seats.Waiter) { w.Enter(); w.Quit() }, 0, 0, false, false},
	} {
		for _, leave := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, Leave %t", c.state, leave), func(t *testing.T) {
				outer := seats.New(1, nil)
				s := seats.New(1, outer)
				var others []*seats.Waiter
				for range c.outer {
					others = append(others, running(t, outer))
				}
				for range c.inner {
					others = append(others, running(t, s))
				}
				w := s.NewWaiter("w", func() { t.Error("w was granted seats") })
				c.bring(w)
				if leave {
					want(t, "Leave", w.Leave(), c.stood)
				} else {
					want(t, "Quit", w.Quit(), c.stood)
				}
				for _, o := range others {
					o.Quit()
				}
				if leave && c.remain {
					want(t, "seats of one that Leave leaves alone", s.Count().Taken, 1)
					w.Quit()
				}
				wantCount(t, "inner", s, 0, 0, 0)
				wantCount(t, "outer", outer, 0, 0, 0)
				want(t, "Quit again", w.Quit(), false)
				wantCount(t, "inner, after another Quit", s, 0, 0, 0)
			})
		}
	}
}

func TestGive(t *testing.T) {
	var h hall
	outer := seats.New(2, nil)
	s := seats.New(1, outer)
	running(t, s)
	running(t, outer)
	a, b := h.waiter(s, "a"), h.waiter(outer, "b")
	a.Enter()
	b.Enter()
	s.Give()
	// The outer seat that a's predecessor had goes to b, who was in line for it.
	h.want(t, "b")
	wantCount(t, "inner", s, 1, 0, 0)
	wantCount(t, "outer", outer, 2, 1, 1)
	outer.Give()
	h.want(t, "b", "a")
}

// Those who come back stand before newcomers, in all lines.
func TestSit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hall
		outer := seats.New(1, nil)
		s := seats.New(1, outer)
		running(t, outer)
		h.waiter(outer, "newcomer").Enter()
		h.waiter(s, "inner newcomer").Enter()
		want(t, "TrySit without a seat", s.TrySit(), false)
		sat := make(chan struct{})
		go func() {
			outer.Sit()
			close(sat)
		}()
		synctest.Wait()
		select {
		case <-sat:
			t.Fatal("Sit has returned without a seat")
		default:
		}
		outer.Give()
		<-sat
		h.want(t)
		outer.Give()
		h.want(t, "newcomer")

		free := seats.New(1, nil)
		want(t, "TrySit with a seat", free.TrySit(), true)
		want(t, "TrySit with none left", free.TrySit(), false)
		wantCount(t, "after TrySit", free, 1, 1, 0)
		free.Give()
		free.Sit()
		wantCount(t, "after Sit", free, 1, 1, 0)
	})
}

func TestNoLimit(t *testing.T) {
	s := seats.New(-1, nil)
	for range 100 {
		running(t, s)
	}
	wantCount(t, "no limit", s, 100, 100, 0)
	none := seats.New(0, nil)
	var h hall
	want(t, "Enter with no seats at all", h.waiter(none, "a").Enter(), false)
	none.Resize(-1)
	h.want(t, "a")
	want(t, "Limit", none.Limit(), -1)
}

func TestWithin(t *testing.T) {
	outer := seats.New(1, nil)
	s := seats.New(1, outer)
	want(t, "inner within outer", s.Within(outer), true)
	want(t, "within itself", s.Within(s), true)
	want(t, "outer within inner", outer.Within(s), false)
}
