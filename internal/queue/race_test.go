package queue_test

import (
	"fmt"
	"testing"

	"github.com/forebay-go/forebay/internal/queue"
)

// Close and pushes at once: each push is accepted or refused, and what is accepted is there.
func TestRing_CloseRacesPushFromTheStart(t *testing.T) {
	var r *queue.Ring[int]
	var sts [2]queue.Status
	push := func(i int) func() { return func() { sts[i] = r.Push(&i) } }
	if err := play(scaled(2000),
		func(int) { r = queue.NewRingAt[int](2, starts[1]) },
		func() error {
			accepted := 0
			for i, st := range sts {
				switch st {
				case queue.OK:
					accepted++
				case queue.Closed:
				default:
					return fmt.Errorf("push %d: got %v, want OK or Closed", i, st)
				}
			}
			if !r.Closed() || r.Len() != accepted {
				return fmt.Errorf("closed %t, Len %d, want true and %d", r.Closed(), r.Len(), accepted)
			}
			for range accepted {
				var v int
				if st := r.Pop(&v); st != queue.OK || sts[v] != queue.OK {
					return fmt.Errorf("pop: got %v and %d; the pushes were told %v", st, v, sts)
				}
			}
			return nil
		},
		func() { r.Close() }, push(0), push(1),
	); err != nil {
		t.Fatal(err)
	}
}

// A push beside a pop and another push, in a ring that is never full: an answer from a head
// read before tail would say that it is.
func TestRing_NeverFullBesidePopAndPush(t *testing.T) {
	var r *queue.Ring[int]
	var sts [3]queue.Status
	if err := play(scaled(2000),
		func(int) {
			r = queue.NewRingAt[int](2, starts[1])
			v := 0
			r.Push(&v)
		},
		func() error {
			for i, st := range sts {
				if st != queue.OK && st != queue.Busy {
					return fmt.Errorf("operation %d: got %v, want OK or Busy", i, st)
				}
			}
			return nil
		},
		func() { v := 1; sts[0] = r.Push(&v) },
		func() { v := 2; sts[1] = r.Pop(&v); sts[2] = r.Push(&v) },
	); err != nil {
		t.Fatal(err)
	}
}

// A pop beside pushes and another pop, in a ring that is never empty: an answer from a tail
// read before head would say that it is.
func TestRing_NeverEmptyBesidePushAndPop(t *testing.T) {
	var r *queue.Ring[int]
	var sts [3]queue.Status
	if err := play(scaled(2000),
		func(int) {
			r = queue.NewRingAt[int](4, starts[1])
			v := 0
			r.Push(&v)
		},
		func() error {
			for i, st := range sts {
				if st != queue.OK && st != queue.Busy {
					return fmt.Errorf("operation %d: got %v, want OK or Busy", i, st)
				}
			}
			return nil
		},
		func() { v := 0; sts[0] = r.Pop(&v) },
		func() { v := 1; sts[1] = r.Push(&v); sts[2] = r.Pop(&v) },
		func() { v := 2; r.Push(&v) },
	); err != nil {
		t.Fatal(err)
	}
}

// A pop finds the ring empty; then a producer fills it and goes on to the overflow. The pop
// must look at the ring again, or the producer's second element comes out first.
func TestL4_PopLooksAtTheRingAgain(t *testing.T) {
	var q *queue.Queue[int]
	var got int
	if err := play(scaled(4000),
		func(int) { q, got = queue.New(1, never), 0 },
		func() error {
			for want := range 2 {
				if want == 0 && got == 1 {
					continue // popped already
				}
				var v int
				if st := q.Pop(&v); st != queue.OK || v != want+1 {
					return fmt.Errorf("after %d: got %v and %d, want OK and %d", got, st, v, want+1)
				}
			}
			return nil
		},
		func() { q.Pop(&got) },
		func() {
			for v := range 2 {
				v++
				q.PushOver(&v)
			}
		},
	); err != nil {
		t.Fatal(err)
	}
}

// Two offers at once find the ring Busy, and room for one: the other is told Full.
func TestQueue_OffersAtABusySlotKeepToTheCapacity(t *testing.T) {
	var q *queue.Queue[int]
	var sts [2]queue.Status
	offer := func(i int) func() { return func() { sts[i] = q.Offer(&i) } }
	if err := play(scaled(2000),
		func(int) {
			q = queue.New(2, never)
			for v := range 2 {
				q.Push(&v)
			}
			q.Ring().ClaimPop()
		},
		func() error {
			if (sts[0] != queue.OK || sts[1] != queue.Full) && (sts[0] != queue.Full || sts[1] != queue.OK) {
				return fmt.Errorf("got %v, want one OK and one Full", sts)
			}
			return nil
		},
		offer(0), offer(1),
	); err != nil {
		t.Fatal(err)
	}
}
