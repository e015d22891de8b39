package queue_test

import (
	"fmt"
	"testing"

	"github.com/forebay-go/forebay/internal/queue"
)

func wantPushOver(t *testing.T, q *queue.Queue[int], v int, want queue.Status) {
	t.Helper()
	if got := q.PushOver(&v); got != want {
		t.Fatalf("PushOver(%d) with %d of %d queued: got %v, want %v", v, q.Len(), q.Cap(), got, want)
	}
}

// wantOver wants n elements in the overflow.
func wantOver(t *testing.T, q *queue.Queue[int], n int) {
	t.Helper()
	if got := q.OverLen(); got != n {
		t.Fatalf("elements in the overflow: got %d of %d, want %d", got, q.Len(), n)
	}
}

// overfull returns a queue with elements 0, 1, ..., over more of them than its capacity.
func overfull(t *testing.T, capacity int, start uint64, over int) *queue.Queue[int] {
	t.Helper()
	q := queue.NewAt(capacity, start, never)
	for v := range capacity {
		wantPush(t, q, v, queue.OK)
	}
	for v := range over {
		wantPushOver(t, q, capacity+v, queue.OK)
	}
	wantOver(t, q, over)
	return q
}

func TestQueue_CapacityIsExactWithoutOverflow(t *testing.T) {
	for _, capacity := range capacities {
		q := queue.New(capacity, never)
		if got := q.Cap(); got != capacity {
			t.Fatalf("Cap: got %d, want %d", got, capacity)
		}
		for lap := range 2 {
			wantLen(t, q, 0, false)
			wantNoPop(t, q, queue.Empty)
			for v := range capacity {
				wantPush(t, q, v, queue.OK)
			}
			wantPush(t, q, -2, queue.Full)
			wantLen(t, q, capacity, true)
			wantOver(t, q, 0)
			if got, want := q.Pushed(), uint64(capacity*(lap+1)); got != want {
				t.Fatalf("Pushed: got %d, want %d", got, want)
			}
			wantPop(t, q, count(0, capacity)...)
		}
	}
}

// While the overflow is in use, Push admits up to the capacity over both, and what it admits
// goes behind.
func TestQueue_CapacityIsExactAcrossBoth(t *testing.T) {
	for _, capacity := range []int{1, 2, 3, 4, 8} {
		for _, over := range []int{1, 2, capacity, queue.ChunkLen + 1} {
			q := overfull(t, capacity, 0, over)
			in, out := capacity+over, 0
			wantLen(t, q, in, true)
			for in-out > capacity-1 { // down to one below the capacity
				wantPush(t, q, -2, queue.Full)
				wantPop(t, q, out)
				out++
			}
			for range 3 * (capacity + over) {
				wantPush(t, q, in, queue.OK)
				in++
				wantPush(t, q, -2, queue.Full)
				wantLen(t, q, capacity, true)
				wantPop(t, q, out)
				out++
			}
			if got := q.Pushed(); got != uint64(in) {
				t.Fatalf("Pushed: got %d, want %d", got, in)
			}
			wantPop(t, q, count(out, in)...)
			wantOver(t, q, 0)
			wantNoPop(t, q, queue.Empty)
		}
	}
}

func TestQueue_PushOverIsNeverFull(t *testing.T) {
	const n = 10 * queue.ChunkLen
	q := queue.New(2, never)
	for v := range n {
		wantPushOver(t, q, v, queue.OK)
		wantLen(t, q, v+1, true)
	}
	wantOver(t, q, n-2)
	wantPop(t, q, count(0, n)...)
	wantNoPop(t, q, queue.Empty)
	wantLen(t, q, 0, false)
}

func TestQueue_UnboundedIsNeverFull(t *testing.T) {
	const n = 10 * queue.ChunkLen
	q := queue.NewUnbounded(4, never)
	if got := q.Cap(); got != 0 {
		t.Fatalf("Cap: got %d, want 0", got)
	}
	for v := range n {
		wantPush(t, q, v, queue.OK)
	}
	wantOver(t, q, n-4)
	if got := q.Pushed(); got != n {
		t.Fatalf("Pushed: got %d, want %d", got, n)
	}
	wantPop(t, q, count(0, n)...)
	wantNoPop(t, q, queue.Empty)
	wantPush(t, q, 0, queue.OK)
	wantOver(t, q, 0) // the ring again: no lock
}

// Offer is for who will not wait, not even for a pop to let go of its slot. It keeps to the
// capacity, and to the order.
func TestQueue_OfferIsNeverBusy(t *testing.T) {
	offer := func(q *queue.Queue[int], v int, want queue.Status) {
		t.Helper()
		if got := q.Offer(&v); got != want {
			t.Fatalf("Offer(%d) with %d of %d queued: got %v, want %v", v, q.Len(), q.Cap(), got, want)
		}
	}
	for _, start := range starts {
		q := queue.NewAt(4, start, never)
		for v := range 4 {
			offer(q, v, queue.OK)
		}
		offer(q, -2, queue.Full)
		wantOver(t, q, 0)

		release := q.Ring().ClaimPop() // 0
		wantPush(t, q, -2, queue.Busy)
		offer(q, 4, queue.OK)
		wantOver(t, q, 1)
		wantLen(t, q, 4, true)
		offer(q, -2, queue.Full)
		wantPush(t, q, -2, queue.Full)
		wantPop(t, q, 1)
		offer(q, 5, queue.OK)
		offer(q, -2, queue.Full)
		if got := release(); got != 0 {
			t.Fatalf("the stalled pop: got %d, want 0", got)
		}
		wantPop(t, q, 2, 3, 4)
		offer(q, 6, queue.OK) // 5 is still in the overflow
		wantOver(t, q, 2)
		q.Close()
		offer(q, -2, queue.Closed)
		wantPop(t, q, 5, 6)
		offer(q, -2, queue.Closed)
		wantNoPop(t, q, queue.Empty)
	}
}

// What goes to the overflow because the ring's next slot is Busy still comes out in order.
func TestL4_PushOverAtABusySlot(t *testing.T) {
	for _, start := range starts {
		q := queue.NewAt(4, start, never)
		for v := range 4 {
			wantPush(t, q, v, queue.OK)
		}
		release := q.Ring().ClaimPop()
		wantPush(t, q, -2, queue.Busy)
		wantPushOver(t, q, 4, queue.OK)
		wantOver(t, q, 1)
		if got := release(); got != 0 {
			t.Fatalf("the stalled pop: got %d, want 0", got)
		}
		wantPop(t, q, 1)
		wantPush(t, q, 5, queue.OK) // there is room in the ring, but 4 would come after it
		wantOver(t, q, 2)
		wantPop(t, q, 2, 3, 4, 5)
		wantNoPop(t, q, queue.Empty)
	}
}

// An element in the overflow may not overtake one in the ring whose push is stalled: its
// own producer may have pushed both.
func TestL4_OverflowWaitsForTheRing(t *testing.T) {
	q := queue.New(2, never)
	publish := q.Ring().ClaimPush()
	wantPush(t, q, 1, queue.OK)
	wantPushOver(t, q, 2, queue.OK)
	wantOver(t, q, 1)
	wantLen(t, q, 3, false)
	wantNoPop(t, q, queue.Busy)
	publish(0)
	wantLen(t, q, 3, true)
	wantPop(t, q, 0, 1)

	publish = q.Ring().ClaimPush() // by a producer that looked at the overflow long ago
	wantLen(t, q, 2, false)
	wantNoPop(t, q, queue.Busy)
	publish(3)
	wantLen(t, q, 2, true)
	wantPop(t, q, 3, 2)
	wantLen(t, q, 0, false)
}

func TestQueue_ReadyWithOnlyTheOverflow(t *testing.T) {
	q := overfull(t, 2, 0, 2)
	wantPop(t, q, 0, 1)
	wantLen(t, q, 2, true)
	wantPop(t, q, 2)
	wantLen(t, q, 1, true)
	wantPop(t, q, 3)
	wantLen(t, q, 0, false)
}

func TestQueue_CloseEndsAdmissionOnBothSides(t *testing.T) {
	for _, tc := range []struct{ capacity, ring, over int }{
		{4, 0, 0}, {4, 1, 0}, {4, 4, 0}, {4, 4, 3}, {4, 1, 3}, {4, 0, 3}, {1, 0, 2 * queue.ChunkLen},
	} {
		t.Run(fmt.Sprintf("cap=%d,ring=%d,over=%d", tc.capacity, tc.ring, tc.over), func(t *testing.T) {
			q := queue.New(tc.capacity, never)
			from, to := 0, tc.ring
			if tc.over > 0 {
				q = overfull(t, tc.capacity, 0, tc.over)
				from, to = tc.capacity-tc.ring, tc.capacity+tc.over
				wantPop(t, q, count(0, from)...)
			} else {
				for v := range tc.ring {
					wantPush(t, q, v, queue.OK)
				}
			}
			pushed := q.Pushed()
			if q.Closed() || q.Drained() {
				t.Fatalf("before Close: Closed %t, Drained %t, want false", q.Closed(), q.Drained())
			}
			for range 2 {
				q.Close()
				if !q.Closed() {
					t.Fatal("Closed: got false after Close")
				}
				wantPush(t, q, -2, queue.Closed)
				wantPushOver(t, q, -2, queue.Closed)
			}
			if got := q.Pushed(); got != pushed {
				t.Fatalf("Pushed after Close: got %d, want %d", got, pushed)
			}
			for v := from; v < to; v++ {
				if q.Drained() {
					t.Fatalf("Drained: got true with %d queued", to-v)
				}
				wantPop(t, q, v)
			}
			if !q.Drained() {
				t.Fatal("Drained: got false after the last pop")
			}
			wantNoPop(t, q, queue.Empty)
			wantPush(t, q, -2, queue.Closed)
			wantPushOver(t, q, -2, queue.Closed)
			wantLen(t, q, 0, false)
		})
	}
}

// Drained is what lets a pool go down: a push that has its ticket counts.
func TestQueue_DrainedWaitsForStalledPushes(t *testing.T) {
	q := queue.New(2, never)
	publish := q.Ring().ClaimPush()
	q.Close()
	if q.Drained() {
		t.Fatal("Drained: got true beside a stalled push")
	}
	wantNoPop(t, q, queue.Busy)
	publish(0)
	wantPop(t, q, 0)
	if !q.Drained() {
		t.Fatal("Drained: got false, closed and empty")
	}
}

func TestQueue_NoAllocationInTheRing(t *testing.T) {
	q := queue.New(4, never)
	v := 0
	if n := testing.AllocsPerRun(100, func() { q.Push(&v); q.PushOver(&v); q.Pop(&v); q.Pop(&v) }); n != 0 {
		t.Errorf("allocations of two pushes and two pops: got %v, want 0", n)
	}
}
