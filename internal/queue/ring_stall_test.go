package queue_test

import (
	"slices"
	"testing"

	"github.com/forebay-go/forebay/internal/queue"
)

// Here operations stall half way, driven by hand. A queue that decided Full and Empty from
// the slot alone, as the classic form does, would fail each of these tests.

// The classic lost answer: a push has completed, and a pop says "empty", because an earlier
// push holds the slot in front of it.
func TestRing_PopIsBusyBehindAStalledPush(t *testing.T) {
	eachRing(t, func(t *testing.T, r *queue.Ring[int]) {
		publish := r.ClaimPush()
		wantLen(t, r, 1, false)
		wantNoPop(t, r, queue.Busy)
		for v := 1; v < r.Cap(); v++ {
			wantPush(t, r, v, queue.OK)
		}
		wantPush(t, r, -2, queue.Full) // the stalled element counts
		wantLen(t, r, r.Cap(), false)
		wantNoPop(t, r, queue.Busy)

		publish(0)
		wantLen(t, r, r.Cap(), true)
		wantPop(t, r, count(0, r.Cap())...)
		wantNoPop(t, r, queue.Empty)
	})
}

func TestRing_PushIsBusyBehindAStalledPop(t *testing.T) {
	eachRing(t, func(t *testing.T, r *queue.Ring[int]) {
		for v := range r.Cap() {
			wantPush(t, r, v, queue.OK)
		}
		release := r.ClaimPop() // 0
		wantLen(t, r, r.Cap()-1, r.Cap() > 1)

		// There is room for one. A ring with more slots than its capacity has a free slot for
		// it, but comes round to the stalled one.
		v, out := r.Cap(), 1
		for range len(r.Memory()) - r.Cap() {
			wantPush(t, r, v, queue.OK)
			wantPush(t, r, -2, queue.Full)
			wantPop(t, r, out)
			v++
			out++
		}
		wantPush(t, r, -2, queue.Busy)
		if n, st := r.PushBatch([]int{-2, -3}); n != 0 || st != queue.Busy {
			t.Fatalf("PushBatch at the stalled slot: got %d, %v, want 0, Busy", n, st)
		}
		wantLen(t, r, r.Cap()-1, r.Cap() > 1)

		if got := release(); got != 0 {
			t.Fatalf("the stalled pop: got %d, want 0", got)
		}
		wantPush(t, r, v, queue.OK)
		wantPush(t, r, -2, queue.Full)
		wantPop(t, r, count(out, v+1)...)
		wantNoPop(t, r, queue.Empty)
	})
}

// A pop that has its ticket has taken its element: the next finds nothing, and need not
// come again.
func TestRing_IsEmptyBehindAStalledPop(t *testing.T) {
	eachRing(t, func(t *testing.T, r *queue.Ring[int]) {
		wantPush(t, r, 0, queue.OK)
		release := r.ClaimPop()
		wantLen(t, r, 0, false)
		wantNoPop(t, r, queue.Empty)
		if n, st := r.PopBatch(make([]int, 2)); n != 0 || st != queue.Empty {
			t.Fatalf("PopBatch behind the stalled pop: got %d, %v, want 0, Empty", n, st)
		}
		if got := release(); got != 0 {
			t.Fatalf("the stalled pop: got %d, want 0", got)
		}
		wantNoPop(t, r, queue.Empty)
	})
}

func TestRing_PublishedOutOfOrderComesOutInOrder(t *testing.T) {
	eachRing(t, func(t *testing.T, r *queue.Ring[int]) {
		var publish []func(int)
		for range r.Cap() {
			publish = append(publish, r.ClaimPush())
		}
		wantPush(t, r, -2, queue.Full)
		for v, p := range slices.Backward(publish) {
			wantLen(t, r, r.Cap(), false)
			wantNoPop(t, r, queue.Busy)
			p(v)
		}
		wantLen(t, r, r.Cap(), true)
		wantPop(t, r, count(0, r.Cap())...)
	})
}

func TestRing_ReleasedOutOfOrderIsFreeInOrder(t *testing.T) {
	const n = 4 // slots and capacity: every slot is needed
	for _, start := range starts {
		r := queue.NewRingAt[int](n, start)
		for v := range n {
			wantPush(t, r, v, queue.OK)
		}
		var release []func() int
		for range n {
			release = append(release, r.ClaimPop())
		}
		wantNoPop(t, r, queue.Empty)
		for v, f := range slices.Backward(release) {
			wantPush(t, r, -2, queue.Busy)
			if got := f(); got != v {
				t.Fatalf("the stalled pop of %d: got %d", v, got)
			}
		}
		for v := range n {
			wantPush(t, r, n+v, queue.OK)
		}
		wantPush(t, r, -2, queue.Full)
	}
}

// A push that got its ticket before Close is accepted, however late its element comes.
func TestRing_CloseWaitsForStalledPushes(t *testing.T) {
	eachRing(t, func(t *testing.T, r *queue.Ring[int]) {
		publish := r.ClaimPush()
		r.Close()
		wantPush(t, r, -2, queue.Closed)
		wantLen(t, r, 1, false)
		wantNoPop(t, r, queue.Busy) // Empty would tell a worker that it can go home
		publish(0)
		wantLen(t, r, 1, true)
		wantPop(t, r, 0)
		wantNoPop(t, r, queue.Empty)
	})
}
