package queue_test

import (
	"slices"
	"testing"

	"github.com/forebay-go/forebay/internal/queue"
)

// A queueModel is a Queue when nothing happens at the same time: one list. The queue may
// drop dead elements from it; it is told by being asked.
type queueModel struct {
	capacity int // 0: no bound
	list     []int
	pushed   int
	dead     map[int]bool // elements that have died, until the queue knows
	closed   bool
}

// isDead is the queue's question, and drops the element if the answer is yes.
func (m *queueModel) isDead(e int) bool {
	if !m.dead[e] {
		return false
	}
	i := slices.Index(m.list, e)
	if i < 0 {
		panic("asked about an element that was popped or dropped")
	}
	m.list = slices.Delete(m.list, i, i+1)
	return true
}

// pushable returns the answer to a push, over the capacity or not.
func (m *queueModel) pushable(over bool) queue.Status {
	switch {
	case m.closed:
		return queue.Closed
	case !over && m.capacity > 0 && len(m.list) >= m.capacity:
		return queue.Full
	}
	return queue.OK
}

// queueOps runs a list of operations, a byte each, on a queue and on the model. The high
// bits of a byte repeat it, so that a few of them reach into several chunks.
func queueOps(t *testing.T, capacity uint8, unbounded bool, ops []byte) {
	ring := 1 + int(capacity%9)
	m := &queueModel{capacity: ring, dead: map[int]bool{}}
	q := queue.New(ring, m.isDead)
	if unbounded {
		m.capacity = 0
		q = queue.NewUnbounded(ring, m.isDead)
	}
	for i, op := range ops {
		k := int(op >> 4)
		switch op & 7 {
		case 0, 1: // Push or Offer, PushOver or Requeue
			push, over, requeue := q.Push, op&7 == 1, false
			switch {
			case over && k%3 == 2:
				requeue = true
				push = func(e *int) queue.Status { q.Requeue(e); return queue.OK }
			case over:
				push = q.PushOver
			case k%2 == 1: // one at a time, they cannot be told apart
				push = q.Offer
			}
			for range 1 + 4*k {
				want := m.pushable(over)
				if requeue {
					want = queue.OK
				}
				e := m.pushed + 1
				if want == queue.OK {
					m.pushed++
					m.list = append(m.list, e)
				}
				if st := push(&e); st != want {
					t.Fatalf("op %d: push, over %t: got %v, want %v", i, over, st, want)
				}
			}
		case 2: // Pop
			for range 1 + 4*k {
				m.pop(t, i, q)
			}
		case 3: // the newest dies
			for n := range min(k+1, len(m.list)) {
				m.dead[m.list[len(m.list)-1-n]] = true
			}
		case 4: // the oldest dies
			for n := range min(8*k, len(m.list)) {
				m.dead[m.list[n]] = true
			}
		case 5: // one in k+2 dies
			for n := 0; n < len(m.list); n += k + 2 {
				m.dead[m.list[n]] = true
			}
		case 6:
			q.Close()
			m.closed = true
		case 7:
			m.batch(t, i, q, k)
		}
		m.check(t, i, q)
	}
	for len(m.list) > 0 {
		m.pop(t, len(ops), q)
	}
	m.pop(t, len(ops), q)
	for _, e := range append(q.OverMemory(), q.Ring().Memory()...) {
		if e != 0 {
			t.Fatalf("at the end: element %d is retained", e)
		}
	}
}

func FuzzQueue(f *testing.F) {
	f.Add(uint8(0), false, []byte("\x00\x01\x02\x02\x04"))
	f.Add(uint8(3), false, []byte("\x20\x41\x22\x20\x22\x00\x52\x06"))
	f.Add(uint8(0), true, []byte("\xf0\xf0\xf0\xf0\xf0\xf0\xf0\xf0\xf0\xf2\xf2\xf0\xf2"))
	f.Add(uint8(2), false, []byte("\xf1\xf1\xf1\xf4\xf4\x01\xf1\x03\x03\xf2\xf1\xf1\xf1\xf1\x02\x06\x00\x01\xf2"))
	f.Add(uint8(1), true, []byte("\xf1\xf1\xf1\xf1\xf5\xf5\xf1\xf5\xf1\xf5\xf1\xf5\xf1\xf1\xf1\xf2\xf2\x01"))
	f.Add(uint8(2), false, []byte("\x21\x47\x06\x21\x47\x02\x52\x21\x47"))
	f.Add(uint8(7), false, []byte("\x41\x97\x21\x87\xf1\x03\x21\x02\x87\x00"))
	f.Fuzz(queueOps)
}

// A little of what FuzzQueue does, in every run of the tests.
func TestQueue_RandomOperationsMatchTheModel(t *testing.T) {
	rnd := random(newSeed(t), 0)
	for range scaled(60) {
		ops := make([]byte, 60)
		for i := range ops {
			ops[i] = byte(rnd.Uint32())
			if ops[i]&7 == 6 && rnd.IntN(8) > 0 {
				ops[i] = 0xf1 // Close is for the end
			}
		}
		queueOps(t, uint8(rnd.Uint32()), rnd.IntN(2) == 0, ops)
	}
}

// pop wants the first of the list, or Empty.
func (m *queueModel) pop(t *testing.T, i int, q *queue.Queue[int]) {
	t.Helper()
	e := 0
	st := q.Pop(&e)
	if len(m.list) == 0 {
		if st != queue.Empty {
			t.Fatalf("op %d: Pop: got %v, want Empty", i, st)
		}
		return
	}
	if st != queue.OK || e != m.list[0] {
		t.Fatalf("op %d: Pop: got %v and %d, want OK and %d", i, st, e, m.list[0])
	}
	m.list = m.list[1:]
}

// batch pops some elements in a batch, straight from the ring, and pushes twice as many.
func (m *queueModel) batch(t *testing.T, i int, q *queue.Queue[int], k int) {
	t.Helper()
	dst := make([]int, k)
	inRing := len(m.list) - q.OverLen()
	n, _ := q.Ring().PopBatch(dst)
	if want := min(k, inRing); n != want || !slices.Equal(dst[:n], m.list[:n]) {
		t.Fatalf("op %d: PopBatch of %d: got %v, want %v", i, k, dst[:n], m.list[:want])
	}
	m.list = m.list[n:]
	es := count(m.pushed+1, m.pushed+1+2*k)
	n, st := q.PushBatch(es)
	want, wantSt := min(2*k, q.Ring().Cap()-len(m.list)), queue.OK
	switch {
	case q.OverLen() > 0:
		want, wantSt = 0, queue.Busy
	case m.closed:
		want, wantSt = 0, queue.Closed
	case want == 0 && k > 0:
		wantSt = queue.Full
	}
	if n != want || k > 0 && st != wantSt {
		t.Fatalf("op %d: PushBatch of %d: got %d and %v, want %d and %v", i, 2*k, n, st, want, wantSt)
	}
	m.list = append(m.list, es[:n]...)
	m.pushed += n
}

// check compares what can be asked without changing anything.
func (m *queueModel) check(t *testing.T, i int, q *queue.Queue[int]) {
	t.Helper()
	if got := q.Len(); got != len(m.list) {
		t.Fatalf("op %d: Len: got %d, want %d", i, got, len(m.list))
	}
	if got := q.Ready(); got != (len(m.list) > 0) {
		t.Fatalf("op %d: Ready with %d queued: got %t", i, len(m.list), got)
	}
	if got := q.Pushed(); got != uint64(m.pushed) {
		t.Fatalf("op %d: Pushed: got %d, want %d", i, got, m.pushed)
	}
	if got, want := q.Drained(), m.closed && len(m.list) == 0; got != want || q.Closed() != m.closed {
		t.Fatalf("op %d: Drained and Closed: got %t and %t, want %t and %t", i, got, q.Closed(), want, m.closed)
	}
	if got, most := q.OverChunks(), q.OverLen()/queue.ChunkLen+2; got > most {
		t.Fatalf("op %d: chunks for %d elements: got %d, want at most %d", i, q.OverLen(), got, most)
	}
}
