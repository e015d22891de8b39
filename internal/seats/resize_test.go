package seats_test

import (
	"testing"

	"github.com/forebay-go/forebay/internal/seats"
)

func TestResize_More(t *testing.T) {
	var h hall
	s := seats.New(1, nil)
	running(t, s)
	for _, name := range []string{"a", "b", "c"} {
		h.waiter(s, name).Enter()
	}
	s.Resize(3)
	h.want(t, "a", "b")
	s.Resize(-1)
	h.want(t, "a", "b", "c")
	wantCount(t, "after", s, 4, 1, 0)
}

// After a Resize to fewer nobody starts beyond the new limit, and those who have seats already
// start in their order.
func TestResize_FewerSendsBack(t *testing.T) {
	var h hall
	s := seats.New(4, nil)
	runs := running(t, s)
	a, b, c := h.waiter(s, "a"), h.waiter(s, "b"), h.waiter(s, "c")
	for _, w := range []*seats.Waiter{a, b, c} {
		w.Enter()
	}
	newcomer := h.waiter(s, "newcomer")
	s.Resize(1)
	newcomer.Enter()
	want(t, "TryStart beyond the limit", a.TryStart(), false)
	want(t, "Seated after TryStart", a.Seated(), true)
	want(t, "Start beyond the limit", a.Start(), false)
	want(t, "Seated after Start", a.Seated(), false)
	wantCount(t, "one sent back", s, 3, 1, 2)
	runs.Quit()
	h.want(t)
	want(t, "Start before one that was sent back", b.Start(), false)
	want(t, "Start of the last", c.Start(), false)
	h.want(t, "a")
	want(t, "Start of the first", a.Start(), true)
	want(t, "Start again", a.Start(), true)
	wantCount(t, "first started", s, 1, 1, 3)
	s.Give()
	h.want(t, "a", "b")
	want(t, "Start of the second", b.Start(), true)
	s.Give()
	want(t, "Start of the last", c.Start(), true)
	s.Give()
	h.want(t, "a", "b", "c", "newcomer")
}

// Two that were sent back do not send each other back for ever.
func TestResize_SentBackStart(t *testing.T) {
	var h hall
	s := seats.New(2, nil)
	a, b := h.waiter(s, "a"), h.waiter(s, "b")
	a.Enter()
	b.Enter()
	runs := s.NewReturner(func() {})
	runs.Enter() // in line, and first
	s.Resize(1)
	want(t, "Start with a seat too many taken", a.Start(), true)
	want(t, "Start of the other", b.Start(), false)
	a.Quit() // the returner comes first
	h.want(t)
	s.Give()
	h.want(t, "b")
	want(t, "Start when it is alone", b.Start(), true)
}

// One that is sent back gives all its seats up, also those that there are enough of.
func TestResize_FewerOutside(t *testing.T) {
	var h hall
	outer := seats.New(2, nil)
	s := seats.New(2, outer)
	runs := running(t, outer)
	a := h.waiter(s, "a")
	a.Enter()
	outer.Resize(1)
	want(t, "Start", a.Start(), false)
	wantCount(t, "inner", s, 1, 0, 0)
	wantCount(t, "outer", outer, 1, 1, 1)
	want(t, "Oldest: it is not held, it was accepted long ago", outer.Oldest(), nil)
	runs.Quit()
	h.want(t, "a")
	want(t, "Start", a.Start(), true)
	a.Quit()
	wantCount(t, "inner, at the end", s, 0, 0, 0)
	wantCount(t, "outer, at the end", outer, 0, 0, 0)
}
