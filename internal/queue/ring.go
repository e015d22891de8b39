package queue

// A Ring is a bounded FIFO queue for any number of producers and consumers. No
// method blocks, and none takes a lock. The zero Ring is not usable; see NewRing.
//
// # Origin
//
// Dmitry Vyukov's bounded MPMC queue (1024cores.net, 2010): tickets handed out by
// compare-and-swap on two counters, and a sequence number in every slot that says
// whose turn it is. Three things differ. The classic form has two answers and is not
// linearizable: it says "empty" after a push has completed, when an earlier push is
// stalled between its ticket and its element. Ring calls that Busy, and its Full and
// Empty are exact. Closing is a bit in the tail word, so admission ends at one
// instant. And positions advance by two, see below.
//
// # Representation
//
// A position is twice a ticket. Position pos lives in slot (pos/2) mod len(slots),
// and the slot's seq tells its state:
//
//	seq == pos                  free: the push that gets position pos may write elem
//	seq == pos+1                published: the pop that gets position pos may read elem
//	seq == pos + 2*len(slots)   released: free for the push one lap later
//
// With four slots, slot 1 goes through 2, 3, 10, 11, 18, 19, ... The low bit of a seq
// says "holds an element"; the low bit of tail is free to say "closed". All of it
// wraps around at 2^64 without a seam, so comparisons are of signed differences.
//
// # Ownership and invariants
//
// R1: head <= tail <= head + 2*limit, and both only grow.
// R2: a slot's elem belongs to whoever won the position by CAS, from that CAS to its
// own store of seq; nobody else reads or writes it.
// R3: elem is the zero value in every slot that is free (a popped element is not
// retained).
//
// # Linearization points
//
// Push OK and Pop OK: the CAS on tail and on head. Full: the load of head. Empty: the
// load of tail. Closed: the load of tail. Close: the Or on tail. Busy is no answer about
// the contents: a stalled operation holds the next slot.
//
// Why Full is exact: tail was loaded before head. If tail-head is the limit, then a
// later tail can only be larger, and by R1 it is not, so at the load of head the ring
// held exactly limit elements. Empty is the mirror image.
//
// # Progress
//
// An operation retries only because another one succeeded: operations are lock-free.
// The queue as a whole is not, in the strict sense: a producer preempted between CAS
// and store delays its own slot, and consumers are told Busy. They must not spin on
// it: the producer, when it resumes, publishes and then notifies (see internal/sched).
//
// # Rejected
//
// Fetch-and-add tickets: a ticket cannot be handed back when the ring turns out to be
// full, and repairing the slot loses elements. A strictly lock-free ring (slots hold
// pointers, per-lap markers, two CAS each) cost 1.3 to 3 times as much.
type Ring[E any] struct {
	// Read only after NewRing.
	slots []slot[E]
	mask  uint64 // len(slots)-1
	limit int64  // positions in use at most: twice the capacity

	// Producers write tail and consumers write head: each on lines of its own.
	// 128 bytes because the prefetcher of most amd64 machines pulls lines in pairs.
	_    [128]byte
	tail atomicUint64 // position of the next push; low bit: closed
	_    [120]byte
	head atomicUint64 // position of the next pop
	_    [120]byte
}

type slot[E any] struct {
	seq  atomicUint64
	elem E
}

const (
	step      = 2 // from one position to the next
	closedBit = 1 // of tail
)

// NewRing makes a ring that holds exactly capacity elements, at least 1. Its memory is
// that of the next power of two (2 at least), all of it allocated here.
func NewRing[E any](capacity int) *Ring[E] {
	r := new(Ring[E])
	r.init(capacity, 0)
	return r
}

func (r *Ring[E]) init(capacity int, start uint64) {
	size := uint64(2)
	for size < uint64(capacity) {
		size *= 2
	}
	r.slots = make([]slot[E], size)
	r.mask = size - 1
	r.limit = step * int64(capacity)
	r.tail.Store(start)
	r.head.Store(start)
	for range size {
		r.at(start).seq.Store(start)
		start += step
	}
}

func (r *Ring[E]) at(pos uint64) *slot[E] { return &r.slots[(pos/step)&r.mask] }

// lap is what a slot's sequence grows by from one use to the next.
func (r *Ring[E]) lap() uint64 { return step * uint64(len(r.slots)) }

// Push appends *e and answers OK, Full, Busy or Closed. Elements go in and out by pointer
// because they are some words long and pass through several functions.
func (r *Ring[E]) Push(e *E) Status {
	for {
		tail := r.tail.Load()
		if tail&closedBit != 0 {
			return Closed
		}
		s := r.at(tail)
		seq := s.seq.Load()
		if seq != tail || r.limit != int64(r.lap()) && r.full(tail) {
			if st, final := r.refused(tail, s, seq); final {
				return st
			}
			continue
		}
		if r.tail.CompareAndSwap(tail, tail+step) {
			s.elem = *e
			s.seq.Store(tail + 1)
			return OK
		}
	}
}

func (r *Ring[E]) full(tail uint64) bool { return int64(tail-r.head.Load()) >= r.limit }

// refused decides what a push is told that found the slot of its position not free, or
// the limit reached. It is not final when another operation has succeeded meanwhile.
func (r *Ring[E]) refused(tail uint64, s *slot[E], seq uint64) (st Status, final bool) {
	if r.full(tail) {
		return Full, true
	}
	// There is room, but the pop that made it has not released the slot, unless what
	// was read is old.
	return Busy, seq != tail && s.seq.Load() == seq && r.tail.Load() == tail
}

// PushBatch appends as many of es, from its start, as there is room for, next to each
// other and for one CAS. It answers OK with their number, at least 1, or 0 with what
// Push would have said. An empty es is OK.
func (r *Ring[E]) PushBatch(es []E) (int, Status) {
	for {
		tail := r.tail.Load()
		if tail&closedBit != 0 {
			return 0, Closed
		}
		room := min(int64(len(es)), (r.limit-int64(tail-r.head.Load()))/step)
		n := uint64(0)
		for int64(n) < room && r.at(tail+n*step).seq.Load() == tail+n*step {
			n++
		}
		if n == 0 && len(es) > 0 {
			s := r.at(tail)
			if st, final := r.refused(tail, s, s.seq.Load()); final {
				return 0, st
			}
			continue
		}
		// The slots are still free: only a push with one of these positions could have
		// changed them, and the CAS says that there was none.
		if r.tail.CompareAndSwap(tail, tail+n*step) {
			for i := range n {
				pos := tail + i*step
				s := r.at(pos)
				s.elem = es[i]
				s.seq.Store(pos + 1)
			}
			return int(n), OK
		}
	}
}

// Pop moves the oldest element to *e and answers OK, Empty or Busy.
func (r *Ring[E]) Pop(e *E) Status {
	for {
		head := r.head.Load()
		s := r.at(head)
		seq := s.seq.Load()
		if seq != head+1 {
			if st, final := r.nothing(head, s, seq); final {
				return st
			}
			continue
		}
		if r.head.CompareAndSwap(head, head+step) {
			*e = s.elem
			r.release(s, head)
			return OK
		}
	}
}

// nothing decides what a pop is told that found the slot of its position unpublished.
// It is not final when another operation has succeeded meanwhile.
func (r *Ring[E]) nothing(head uint64, s *slot[E], seq uint64) (st Status, final bool) {
	if r.tail.Load()&^closedBit == head {
		return Empty, true
	}
	return Busy, s.seq.Load() == seq && r.head.Load() == head
}

// release zeroes the slot that its caller won at position pos, and only then frees it (R3).
func (r *Ring[E]) release(s *slot[E], pos uint64) {
	var zero E
	s.elem = zero
	s.seq.Store(pos + r.lap())
}

// PopBatch moves the oldest elements into dst, as many as are published one after the
// other, for one CAS. It answers OK with their number, at least 1, or 0 with what Pop
// would have said. An empty dst is OK.
func (r *Ring[E]) PopBatch(dst []E) (int, Status) {
	for {
		head := r.head.Load()
		n := uint64(0)
		for n < uint64(len(dst)) && r.at(head+n*step).seq.Load() == head+n*step+1 {
			n++
		}
		if n == 0 && len(dst) > 0 {
			s := r.at(head)
			seq := s.seq.Load()
			if seq == head+1 {
				continue
			}
			if st, final := r.nothing(head, s, seq); final {
				return 0, st
			}
			continue
		}
		if r.head.CompareAndSwap(head, head+n*step) {
			for i := range n {
				pos := head + i*step
				s := r.at(pos)
				dst[i] = s.elem
				r.release(s, pos)
			}
			return int(n), OK
		}
	}
}

// Ready reports whether the oldest element can be popped. It reads head again after the
// slot: without that, a slot looked at just before another consumer took it would hide
// the published one behind it, and a worker that parks on this answer would sleep.
func (r *Ring[E]) Ready() bool {
	for {
		head := r.head.Load()
		if r.at(head).seq.Load() == head+1 {
			return true
		}
		if r.head.Load() == head {
			return false
		}
	}
}

// Len is the number of elements queued at one instant of the call, those that a push has
// a position for and has not published included.
func (r *Ring[E]) Len() int {
	for {
		tail := r.tail.Load()
		head := r.head.Load()
		if r.tail.Load() == tail {
			return int((tail - head) / step)
		}
	}
}

// Cap is the number of elements that the ring holds at most.
func (r *Ring[E]) Cap() int { return int(r.limit / step) }

// Pushed is the number of elements ever pushed.
func (r *Ring[E]) Pushed() uint64 { return r.tail.Load() / step }

// Close ends admission: every push that has not got its position by now answers Closed.
// What is queued stays and can be popped.
func (r *Ring[E]) Close() { r.tail.Or(closedBit) }

// Closed reports whether Close was called.
func (r *Ring[E]) Closed() bool { return r.tail.Load()&closedBit != 0 }
