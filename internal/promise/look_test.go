package promise_test

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/forebay-go/forebay/internal/promise"
)

// A failure that nobody looked at is reported once, when nobody can look any more.
func TestUnobserved(t *testing.T) {
	for _, tt := range []struct {
		name   string
		look   func(c *promise.Cell[*int])
		report bool
	}{
		{"nothing", func(*promise.Cell[*int]) {}, true},
		{"State", func(c *promise.Cell[*int]) { c.State(); c.Settled(); c.Waited() }, true},
		{"Result", func(c *promise.Cell[*int]) { _, _ = c.Result() }, false},
		{"Done", func(c *promise.Cell[*int]) { c.Done() }, false},
		{"Look", func(c *promise.Cell[*int]) { c.Look() }, false},
	} {
		reported := make(chan error, 2)
		func() {
			c := new(promise.Cell[*int])
			c.Claim(promise.Running)
			c.Settle(promise.Failed, new(int), errTest)
			c.Unobserved(func(err error) { reported <- err })
			tt.look(c)
		}()
		got := 0
		for range 10 {
			runtime.GC()
			select {
			case err := <-reported:
				if got++; !errors.Is(err, errTest) {
					t.Errorf("%s: reported %v, want %v", tt.name, err, errTest)
				}
			case <-time.After(time.Millisecond): // the cleanup runs on a goroutine of the runtime
			}
		}
		if want := map[bool]int{true: 1, false: 0}[tt.report]; got != want {
			t.Errorf("%s: reported %d times, want %d", tt.name, got, want)
		}
	}
}

// A look before the cell is settled is seen by its settler, one after it is kept with the
// failure, and a success keeps nothing.
func TestLook(t *testing.T) {
	var c promise.Cell[int]
	if c.Look(); !c.Waited() || c.HasChannel() || c.HasListeners() {
		t.Errorf("Look: waited %t, channel %t, listeners %t, want true, and neither", c.Waited(), c.HasChannel(), c.HasListeners())
	}
	c.Claim(promise.Running)
	if woke, _ := c.Settle(promise.Failed, 0, errTest); !woke {
		t.Error("Settle does not know of the Look before it")
	}
	for _, err := range []error{nil, errTest} {
		c := settledAs(t, promise.Failed, err)
		if c.Looked() {
			t.Errorf("settled with %v: looked at", err)
		}
		if c.Look(); c.Looked() != (err != nil) || c.Waited() {
			t.Errorf("settled with %v, Look: looked at %t, waited %t", err, c.Looked(), c.Waited())
		}
	}
}

// Whoever looks while the cell is being settled is seen by the settler or found at the failure.
func TestLook_RacesSettle(t *testing.T) {
	for what, look := range map[string]func(c *promise.Cell[int]){
		"Look": func(c *promise.Cell[int]) { c.Look() },
		"Done": func(c *promise.Cell[int]) { c.Done() },
	} {
		var c *promise.Cell[int]
		var woke bool
		if err := play(scaled(20000),
			func(int) { c = new(promise.Cell[int]); c.Claim(promise.Running) },
			func() error {
				if !woke && !c.Looked() {
					return errors.New("nobody knows of it")
				}
				return nil
			},
			func() { woke, _ = c.Settle(promise.Failed, 0, errTest) },
			func() { look(c) },
		); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}
