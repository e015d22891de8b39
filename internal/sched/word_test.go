package sched_test

import (
	"testing"

	"github.com/forebay-go/forebay/internal/sched"
)

const allFlags = sched.FlagSearching | sched.FlagReturning | sched.FlagClosing | sched.FlagDown

func TestWord_FieldsDoNotTouch(t *testing.T) {
	ends := []int{0, 1, 2, 1<<19 - 1, sched.MaxWorkers - 1, sched.MaxWorkers}
	for _, limit := range ends {
		for _, active := range ends {
			for _, parked := range ends {
				for _, flags := range []sched.Word{
					0, sched.FlagSearching, sched.FlagReturning, sched.FlagClosing, sched.FlagDown, allFlags,
				} {
					w := sched.PackWord(limit, active, parked, flags)
					l, a, p, f := sched.Fields(w)
					if l != limit || a != active || p != parked || f != flags {
						t.Errorf("limit %d, active %d, parked %d, flags %#x came back as %d, %d, %d, %#x",
							limit, active, parked, uint64(flags), l, a, p, uint64(f))
					}
				}
			}
		}
	}
}

func TestWord_FlagsAreOneBitEach(t *testing.T) {
	seen := sched.Word(0)
	for _, f := range []sched.Word{sched.FlagSearching, sched.FlagReturning, sched.FlagClosing, sched.FlagDown} {
		if f == 0 || f&(f-1) != 0 {
			t.Errorf("flag %#x is not one bit", uint64(f))
		}
		if seen&f != 0 {
			t.Errorf("flag %#x is there twice", uint64(f))
		}
		seen |= f
	}
}

func TestWord_WithLimitKeepsTheRest(t *testing.T) {
	w := sched.PackWord(sched.MaxWorkers, 7, 9, allFlags)
	for _, limit := range []int{1, sched.MaxWorkers, 3} {
		w = sched.WithLimit(w, limit)
		if want := sched.PackWord(limit, 7, 9, allFlags); w != want {
			t.Errorf("limit %d: %v, want %v", limit, w, want)
		}
	}
}

func TestWord_MaxWorkers(t *testing.T) {
	if got, want := sched.MaxWorkers, 1<<20-1; got != want {
		t.Errorf("MaxWorkers is %d, want %d: pool's docs say so", got, want)
	}
	c := newCrew(sched.MaxWorkers, 0)
	defer c.done(t)
	if got, want := c.sched.Counts(), (sched.Counts{Limit: sched.MaxWorkers}); got != want {
		t.Errorf("New(MaxWorkers): %+v, want %+v", got, want)
	}
	c.sched.Resize(1)
	if got, want := c.sched.Counts(), (sched.Counts{Limit: 1}); got != want {
		t.Errorf("Resize(1): %+v, want %+v", got, want)
	}
	c.sched.Resize(sched.MaxWorkers)
	if got, want := c.sched.Counts(), (sched.Counts{Limit: sched.MaxWorkers}); got != want {
		t.Errorf("Resize(MaxWorkers): %+v, want %+v", got, want)
	}
}

func TestWord_String(t *testing.T) {
	for _, tt := range []struct {
		w    sched.Word
		want string
	}{
		{
			sched.PackWord(1, 0, 0, 0),
			"limit 1, active 0, parked 0, searching false, returning false, closing false, down false",
		},
		{
			sched.PackWord(8, 3, 5, sched.FlagSearching),
			"limit 8, active 3, parked 5, searching true, returning false, closing false, down false",
		},
		{
			sched.PackWord(sched.MaxWorkers, sched.MaxWorkers, 0, sched.FlagReturning|sched.FlagClosing),
			"limit 1048575, active 1048575, parked 0, searching false, returning true, closing true, down false",
		},
		{
			sched.PackWord(2, 0, 0, sched.FlagClosing|sched.FlagDown),
			"limit 2, active 0, parked 0, searching false, returning false, closing true, down true",
		},
	} {
		if got := tt.w.String(); got != tt.want {
			t.Errorf("got  %q\nwant %q", got, tt.want)
		}
	}
}
