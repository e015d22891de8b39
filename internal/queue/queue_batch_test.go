package queue_test

import (
	"testing"

	"github.com/forebay-go/forebay/internal/queue"
)

func wantPushBatch(t *testing.T, q *queue.Queue[int], es []int, n int, want queue.Status) {
	t.Helper()
	if got, st := q.PushBatch(es); got != n || st != want {
		t.Fatalf("PushBatch of %d with %d of %d queued: got %d and %v, want %d and %v", len(es), q.Len(), q.Cap(), got, st, n, want)
	}
}

// As many as there is room for, in order, and then it is full.
func TestQueue_PushBatch(t *testing.T) {
	for _, c := range capacities {
		q := queue.New(c, never)
		wantPushBatch(t, q, nil, 0, queue.OK)
		wantPushBatch(t, q, count(0, c+5), c, queue.OK)
		wantLen(t, q, c, true)
		wantPushBatch(t, q, count(c, c+5), 0, queue.Full)
		wantPop(t, q, 0)
		wantPushBatch(t, q, count(c, c+5), 1, queue.OK)
		wantPop(t, q, count(1, c+1)...)
		wantNoPop(t, q, queue.Empty)
		if got := q.Pushed(); got != uint64(c+1) {
			t.Errorf("capacity %d: Pushed: got %d, want %d", c, got, c+1)
		}
		q.Close()
		wantPushBatch(t, q, count(0, 3), 0, queue.Closed)
	}
}

// While anything is in the overflow a batch must not go before it; so it is told Busy, although
// the ring has room.
func TestQueue_PushBatchStaysBehindTheOverflow(t *testing.T) {
	q := queue.New(2, never)
	wantPushBatch(t, q, count(0, 2), 2, queue.OK)
	wantPushOver(t, q, 2, queue.OK)
	wantPop(t, q, 0, 1)
	wantPushBatch(t, q, count(3, 5), 0, queue.Busy)
	wantPop(t, q, 2)
	wantPushBatch(t, q, count(3, 5), 2, queue.OK)
	wantPop(t, q, 3, 4)
}

// An unbounded queue's ring can be full: then the batch is for Push, one by one.
func TestQueue_PushBatchUnbounded(t *testing.T) {
	q := queue.NewUnbounded(2, never)
	wantPushBatch(t, q, count(0, 3), 2, queue.OK)
	wantPushBatch(t, q, count(2, 3), 0, queue.Full)
	wantPush(t, q, 2, queue.OK)
	wantPushBatch(t, q, count(3, 4), 0, queue.Busy)
	wantPop(t, q, 0, 1, 2)
}

// Requeue is never refused: not by a full queue, and not by a closed one, which then is not
// drained any more.
func TestQueue_Requeue(t *testing.T) {
	for _, closed := range []bool{false, true} {
		for _, c := range capacities {
			q := queue.New(c, never)
			wantPushBatch(t, q, count(0, c), c, queue.OK)
			if closed {
				q.Close()
			}
			for _, e := range count(c, c+300) { // more than a chunk
				q.Requeue(&e)
			}
			wantLen(t, q, c+300, true)
			if q.Drained() {
				t.Fatalf("capacity %d, closed %t: drained, with %d queued", c, closed, q.Len())
			}
			if got := q.Pushed(); got != uint64(c+300) {
				t.Errorf("capacity %d, closed %t: Pushed: got %d, want %d", c, closed, got, c+300)
			}
			wantPop(t, q, count(0, c+300)...)
			wantNoPop(t, q, queue.Empty)
			if got := q.Drained(); got != closed {
				t.Errorf("capacity %d, closed %t: drained: got %t, want %t", c, closed, got, closed)
			}
			again := 7
			q.Requeue(&again) // to an empty one
			wantPop(t, q, 7)
		}
	}
}
