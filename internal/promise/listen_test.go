package promise_test

import (
	"runtime"
	"slices"
	"testing"
	"weak"

	"github.com/forebay-go/forebay/internal/promise"
)

// A choir is a target of listeners, and writes down their numbers when they fire.
type choir struct {
	ls    []*promise.Listener
	fired []int
}

func newChoir(n int) *choir {
	c := new(choir)
	for i := range n {
		c.ls = append(c.ls, &promise.Listener{Target: c, Index: i})
	}
	return c
}

func (c *choir) Fire(i int) promise.Chain {
	c.fired = append(c.fired, i)
	return promise.Chain{}
}

// A call is a target that is a function.
type call func()

func (f call) Fire(int) promise.Chain {
	f()
	return promise.Chain{}
}

func (c *choir) listen(t *testing.T, cell *promise.Cell[int], is ...int) {
	t.Helper()
	for _, i := range is {
		if !cell.Listen(c.ls[i]) {
			t.Fatalf("Listen(%d) at a pending cell: got false", i)
		}
	}
}

func (c *choir) unlisten(t *testing.T, want bool, is ...int) {
	t.Helper()
	for _, i := range is {
		if got := c.ls[i].Unlisten(); got != want {
			t.Fatalf("Unlisten(%d): got %t, want %t", i, got, want)
		}
	}
}

// wantLinked wants exactly those listeners at the cell, in this order.
func (c *choir) wantLinked(t *testing.T, cell *promise.Cell[int], is ...int) {
	t.Helper()
	var got []int
	for _, l := range cell.Listeners() {
		got = append(got, slices.Index(c.ls, l))
	}
	if !slices.Equal(got, is) {
		t.Fatalf("linked listeners: got %v, want %v", got, is)
	}
}

// wantFired settles the cell and wants those listeners to fire, in this order.
func (c *choir) wantFired(t *testing.T, cell *promise.Cell[int], is ...int) {
	t.Helper()
	cell.Claim(promise.Running)
	cell.Settle(promise.Succeeded, 0, nil)
	if !slices.Equal(c.fired, is) {
		t.Fatalf("fired: got %v, want %v", c.fired, is)
	}
	for i, l := range c.ls {
		if !l.Alone() {
			t.Fatalf("listener %d is still linked after the cell was settled", i)
		}
	}
}

func TestListen_FiresInTheOrderOfListening(t *testing.T) {
	for _, n := range []int{1, 2, 3, 10} {
		c, cell := newChoir(n), new(promise.Cell[int])
		all := make([]int, n)
		for i := range all {
			all[i] = i
		}
		c.listen(t, cell, all...)
		c.wantLinked(t, cell, all...)
		if len(c.fired) != 0 {
			t.Fatalf("fired before the cell was settled: %v", c.fired)
		}
		c.wantFired(t, cell, all...)
		c.unlisten(t, false, all...)
		if len(c.fired) != n {
			t.Fatalf("fired again: %v", c.fired)
		}
	}
}

func TestListen_SettledCellNeverCalls(t *testing.T) {
	c, cell := newChoir(2), settledAs(t, promise.Succeeded, nil)
	for i, l := range c.ls {
		if cell.Listen(l) {
			t.Fatalf("Listen(%d) at a settled cell: got true", i)
		}
	}
	c.unlisten(t, false, 0, 1)
	if cell.HasListeners() {
		t.Error("Listen at a settled cell made a list")
	}
}

func TestUnlisten_AnyOfThem(t *testing.T) {
	for _, order := range [][]int{{0}, {1}, {2}, {3}, {0, 1}, {3, 2}, {1, 2}, {0, 3}, {0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2}} {
		c, cell := newChoir(4), new(promise.Cell[int])
		c.listen(t, cell, 0, 1, 2, 3)
		left := []int{0, 1, 2, 3}
		for _, i := range order {
			c.unlisten(t, true, i)
			if !c.ls[i].Alone() {
				t.Fatalf("listener %d after Unlisten: still linked to others", i)
			}
			left = slices.DeleteFunc(left, func(j int) bool { return j == i })
			c.wantLinked(t, cell, left...)
			c.unlisten(t, false, i)
		}
		c.wantFired(t, cell, left...)
	}
}

func TestUnlisten_AndListenAgain(t *testing.T) {
	c, cell := newChoir(3), new(promise.Cell[int])
	c.unlisten(t, false, 0) // was never linked
	c.listen(t, cell, 0, 1, 2)
	c.unlisten(t, true, 1)
	c.listen(t, cell, 1)
	c.wantLinked(t, cell, 0, 2, 1)
	c.unlisten(t, true, 0, 2, 1)
	c.wantLinked(t, cell)
	c.listen(t, cell, 2)
	other := new(promise.Cell[int])
	c.unlisten(t, true, 2)
	c.listen(t, other, 2, 0)
	c.wantFired(t, other, 2, 0)
	c.wantFired(t, cell, 2, 0) // nothing more
}

// Field bug 27: waiting for a long-lived future leaks a waiter a call. L13: waiters are
// removed in O(1), so that a million of them can come and go.
func TestField27_WaitersThatGoLeaveNothing(t *testing.T) {
	var cell promise.Cell[int]
	first, last := new(promise.Listener), new(promise.Listener)
	cell.Listen(first)
	l := new(promise.Listener)
	if n := testing.AllocsPerRun(1000, func() {
		cell.Listen(l)
		l.Unlisten()
	}); n != 0 {
		t.Errorf("allocations of Listen and Unlisten: got %v, want 0", n)
	}
	gone := func() weak.Pointer[promise.Listener] {
		l := new(promise.Listener)
		cell.Listen(l)
		cell.Listen(last)
		l.Unlisten()
		return weak.Make(l)
	}()
	runtime.GC()
	if gone.Value() != nil {
		t.Error("a listener that has gone is retained by the cell or its neighbours")
	}
	if got := cell.Listeners(); !slices.Equal(got, []*promise.Listener{first, last}) {
		t.Errorf("linked listeners: got %v, want the two that stayed", got)
	}
}

// L13: Unlisten is O(1). It looks at nothing but its neighbours: elsewhere the list is cut,
// and a removal that walked would not get there, from either end.
func TestL13_UnlistenDoesNotWalk(t *testing.T) {
	c, cell := newChoir(9), new(promise.Cell[int])
	c.listen(t, cell, 0, 1, 2, 3, 4, 5, 6, 7, 8)
	mend2, mend6 := c.ls[2].Cut(), c.ls[6].Cut()
	c.unlisten(t, true, 4)
	mend2()
	mend6()
	c.wantLinked(t, cell, 0, 1, 2, 3, 5, 6, 7, 8)
	c.wantFired(t, cell, 0, 1, 2, 3, 5, 6, 7, 8)
}

// Many waiters give up, in some order.
func TestUnlisten_ManyInAnyOrder(t *testing.T) {
	n := scaled(2000)
	c, cell := newChoir(n), new(promise.Cell[int])
	for i := range n {
		c.listen(t, cell, i)
	}
	var left []int
	for i := range n {
		j := i * 7919 % n // some order; n is no multiple of that prime
		if j%10 != 0 {
			c.unlisten(t, true, j)
		}
	}
	for i := 0; i < n; i += 10 {
		left = append(left, i)
	}
	c.wantLinked(t, cell, left...)
	c.wantFired(t, cell, left...)
}

// A listener may listen again from inside Fire, elsewhere: it is out of its list by then.
func TestListen_FromInsideFire(t *testing.T) {
	var a, b promise.Cell[int]
	var fired []string
	var l promise.Listener
	l.Target = call(func() {
		fired = append(fired, "l")
		if len(fired) == 1 && !b.Listen(&l) {
			t.Error("Listen at another cell, from inside Fire: got false")
		}
	})
	tail := promise.Listener{Target: call(func() { fired = append(fired, "tail") })}
	a.Listen(&l)
	a.Listen(&tail)
	for _, c := range []*promise.Cell[int]{&a, &b} {
		c.Claim(promise.Running)
		c.Settle(promise.Succeeded, 0, nil)
	}
	if want := []string{"l", "tail", "l"}; !slices.Equal(fired, want) {
		t.Errorf("fired: got %v, want %v", fired, want)
	}
}
