package promise_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/forebay-go/forebay/internal/promise"
)

// A link is a cell that settles as the one before it does, and notes how deep the stack is.
type link struct {
	promise.Cell[int]
	promise.Listener
	before *link
	fired  *[]int // values of the links that fired
	depth  int
}

func newLink(before *link, v int, fired *[]int) *link {
	l := &link{before: before, fired: fired}
	l.Target, l.Index = l, v
	before.Listen(&l.Listener)
	return l
}

func (l *link) Fire(v int) promise.Chain {
	l.depth = runtime.Callers(0, make([]uintptr, 1000))
	*l.fired = append(*l.fired, v)
	l.Claim(promise.Claimed)
	return l.SettleChained(promise.Failed, v, nil)
}

// Field bug 32: a chain of cells, each settled by the one before it, overflows the stack.
func TestField32_ChainOfCellsIsFlat(t *testing.T) {
	var fired []int
	head := new(link)
	links := []*link{newLink(head, 0, &fired)}
	for i := 1; i < 500; i++ {
		links = append(links, newLink(links[i-1], i, &fired))
	}
	head.Claim(promise.Claimed)
	head.Settle(promise.Failed, 0, nil)
	for i, l := range links {
		if v, _ := l.Result(); !l.Settled() || v != i {
			t.Fatalf("link %d: settled %t with %d", i, l.Settled(), v)
		}
		if l.depth != links[0].depth || !l.Alone() {
			t.Fatalf("link %d fired at depth %d, the first at %d; alone %t", i, l.depth, links[0].depth, l.Alone())
		}
	}
}

// A tree is fired in order: all listeners of a cell, and then those of the cells that they
// settled. Each fires once.
func TestSettleChained_FiresInOrder(t *testing.T) {
	var fired []int
	head := new(link)
	for i := range 3 {
		a := newLink(head, i, &fired)
		for j := range i { // none behind the first
			b := newLink(a, 10*i+j, &fired)
			newLink(b, 100*i+j, &fired)
		}
	}
	head.Claim(promise.Running)
	head.Settle(promise.Succeeded, 0, nil)
	if want := []int{0, 1, 2, 10, 20, 21, 100, 200, 201}; !slices.Equal(fired, want) {
		t.Errorf("fired %v, want %v", fired, want)
	}
}

// Whoever listens while the cell is settled by SettleChained either learns that it is, or is in
// the chain.
func TestSettleChained_RacesListen(t *testing.T) {
	var head, next *link
	var fired []int
	var ls [2]promise.Listener
	var calls, want [2]int
	listen := func(i int) func() {
		return func() {
			if next.Listen(&ls[i]) {
				want[i] = 1
			}
		}
	}
	if err := play(scaled(2000),
		func(int) {
			head, fired, ls, calls, want = new(link), nil, [2]promise.Listener{}, [2]int{}, [2]int{}
			next = newLink(head, 1, &fired)
			for i := range ls {
				ls[i].Target = call(func() { calls[i]++ })
			}
			head.Claim(promise.Claimed)
		},
		func() error {
			if calls != want || len(fired) != 1 {
				return fmt.Errorf("calls %v, want %v; the link fired %d times, want 1", calls, want, len(fired))
			}
			return nil
		},
		func() { head.Settle(promise.Failed, 1, nil) },
		listen(0), listen(1),
	); err != nil {
		t.Fatal(err)
	}
}
