package queue_test

import (
	"slices"
	"testing"

	"github.com/forebay-go/forebay/internal/queue"
)

// A ringModel is a Ring as its documentation has it, one operation at a time, some of them
// stalled half way. Positions are counted from 0, and each has a fate.
type ringModel struct {
	capacity, slots int
	fates           []fate // by position
	head            int    // position of the next pop
	closed          bool
}

// A fate is what became of a position that a push has got.
type fate struct {
	e         int
	published bool
	released  bool // after a pop
}

func (m *ringModel) len() int { return len(m.fates) - m.head }

// free reports whether the slot of a position that no push has got is free.
func (m *ringModel) free(pos int) bool { return pos < m.slots || m.fates[pos-m.slots].released }

// pushable returns how many of k elements a push takes now, and its answer.
func (m *ringModel) pushable(k int) (int, queue.Status) {
	switch tail := len(m.fates); {
	case m.closed:
		return 0, queue.Closed
	case k == 0:
		return 0, queue.OK
	case m.len() == m.capacity:
		return 0, queue.Full
	case !m.free(tail):
		return 0, queue.Busy
	default:
		n := 0
		for n < min(k, m.capacity-m.len()) && m.free(tail+n) {
			n++
		}
		return n, queue.OK
	}
}

// poppable is its counterpart.
func (m *ringModel) poppable(k int) (int, queue.Status) {
	switch {
	case k == 0:
		return 0, queue.OK
	case m.len() == 0:
		return 0, queue.Empty
	case !m.fates[m.head].published:
		return 0, queue.Busy
	default:
		n := 0
		for n < min(k, m.len()) && m.fates[m.head+n].published {
			n++
		}
		return n, queue.OK
	}
}

// ringOps runs a list of operations, a byte each, on a ring and on the model: pushes and
// pops, single and in batches, and such that stall until a later byte lets them go on.
func ringOps(t *testing.T, capacity uint8, start int16, ops []byte) {
	m := &ringModel{capacity: 1 + int(capacity%9), slots: 2}
	for m.slots < m.capacity {
		m.slots *= 2
	}
	r := queue.NewRingAt[int](m.capacity, uint64(int64(start))*2)
	first := r.Pushed()
	var pushes, pops []int // positions of the stalled ones
	publish, release := map[int]func(int){}, map[int]func() int{}
	next := func(k int) []int { return count(1+len(m.fates), 1+len(m.fates)+k) }

	for i, op := range ops {
		k := int(op >> 4)
		switch op & 15 {
		case 0, 9: // Push
			es := next(1)
			n, want := m.pushable(1)
			if st := r.Push(&es[0]); st != want {
				t.Fatalf("op %d: Push: got %v, want %v", i, st, want)
			}
			m.push(es[:n], true)
		case 1, 10: // Pop
			e := 0
			n, want := m.poppable(1)
			if st := r.Pop(&e); st != want || n == 1 && e != m.fates[m.head].e {
				t.Fatalf("op %d: Pop: got %v and %d, want %v of %v", i, st, e, want, m.fates[m.head:])
			}
			m.pop(n, true)
		case 2, 11: // PushBatch
			es := next(k)
			n, want := m.pushable(k)
			if got, st := r.PushBatch(es); got != n || st != want {
				t.Fatalf("op %d: PushBatch of %d: got %d, %v, want %d, %v", i, k, got, st, n, want)
			}
			m.push(es[:n], true)
		case 3, 12: // PopBatch
			dst := make([]int, k)
			n, want := m.poppable(k)
			if got, st := r.PopBatch(dst); got != n || st != want {
				t.Fatalf("op %d: PopBatch of %d: got %d, %v, want %d, %v", i, k, got, st, n, want)
			}
			if got := m.pop(n, true); !slices.Equal(dst[:n], got) {
				t.Fatalf("op %d: PopBatch of %d: got %v, want %v", i, k, dst[:n], got)
			}
		case 4: // a push that stalls
			if n, _ := m.pushable(1); n == 1 {
				pos := len(m.fates)
				pushes, publish[pos] = append(pushes, pos), r.ClaimPush()
				m.push(next(1), false)
			}
		case 5: // a pop that stalls
			if n, _ := m.poppable(1); n == 1 {
				pops, release[m.head] = append(pops, m.head), r.ClaimPop()
				m.pop(1, false)
			}
		case 6, 13: // a stalled push goes on
			if n := len(pushes); n > 0 {
				f := &m.fates[pushes[k%n]]
				publish[pushes[k%n]](f.e)
				f.published = true
				pushes = slices.Delete(pushes, k%n, k%n+1)
			}
		case 7, 14: // a stalled pop goes on
			if n := len(pops); n > 0 {
				f := &m.fates[pops[k%n]]
				if e := release[pops[k%n]](); e != f.e {
					t.Fatalf("op %d: the stalled pop: got %d, want %d", i, e, f.e)
				}
				f.released = true
				pops = slices.Delete(pops, k%n, k%n+1)
			}
		case 8:
			if k == 0 { // seldom: little happens afterwards
				r.Close()
				m.closed = true
			}
		}
		m.check(t, i, r, first)
	}
}

func FuzzRing(f *testing.F) {
	f.Add(uint8(0), int16(0), []byte("\x00\x01\x00\x01"))
	f.Add(uint8(3), int16(-1), []byte("\x00\x00\x00\x00\x00\x01\x01\x01\x01\x01"))
	f.Add(uint8(2), int16(-2), []byte("\x22\x13\x32\x23\x42\x43\x42\x33"))
	f.Add(uint8(3), int16(-3), []byte("\x04\x00\x01\x04\x00\x03\x16\x01\x06\x23\x01"))         // stalled pushes
	f.Add(uint8(3), int16(-5), []byte("\x42\x05\x05\x01\x00\x00\x17\x00\x07\x42\x00"))         // stalled pops
	f.Add(uint8(2), int16(-9), []byte("\x42\x05\x00\x01\x00\x01\x04\x00\x07\x42\x06\x08\x43")) // both, and Close
	f.Fuzz(ringOps)
}

// A little of what FuzzRing does, in every run of the tests.
func TestRing_RandomOperationsMatchTheModel(t *testing.T) {
	rnd := random(newSeed(t), 0)
	for range scaled(300) {
		ops := make([]byte, 100)
		for i := range ops {
			ops[i] = byte(rnd.Uint32())
		}
		ringOps(t, uint8(rnd.Uint32()), int16(-rnd.IntN(60)), ops)
	}
}

func (m *ringModel) push(es []int, published bool) {
	for _, e := range es {
		m.fates = append(m.fates, fate{e: e, published: published})
	}
}

func (m *ringModel) pop(n int, released bool) []int {
	var es []int
	for range n {
		es = append(es, m.fates[m.head].e)
		m.fates[m.head].released = released
		m.head++
	}
	return es
}

// check compares what can be asked without changing anything, and the slots' memory.
func (m *ringModel) check(t *testing.T, i int, r *queue.Ring[int], first uint64) {
	t.Helper()
	if got := r.Len(); got != m.len() {
		t.Fatalf("op %d: Len: got %d, want %d", i, got, m.len())
	}
	if n, _ := m.poppable(1); r.Ready() != (n == 1) {
		t.Fatalf("op %d: Ready: got %t", i, n != 1)
	}
	if got := r.Closed(); got != m.closed {
		t.Fatalf("op %d: Closed: got %t", i, got)
	}
	if got := (r.Pushed() - first) << 1 >> 1; got != uint64(len(m.fates)) { // positions have 63 bits
		t.Fatalf("op %d: Pushed: got %d, want %d", i, got, len(m.fates))
	}
	held := 0
	for _, e := range r.Memory() {
		if e != 0 {
			held++
		}
	}
	for _, f := range m.fates {
		if f.published && !f.released {
			held--
		}
	}
	if held != 0 {
		t.Fatalf("op %d: slots that hold an element: got %d more than want", i, held)
	}
}
