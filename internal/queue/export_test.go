package queue

// What the tests see beyond the API: rings that start anywhere, operations that stop half
// way, and the memory behind ring and overflow.

const ChunkLen = chunkLen

// NewRingAt is NewRing with start, an even number, as the first position. A test can so
// begin just before positions wrap around at 2^64.
func NewRingAt[E any](capacity int, start uint64) *Ring[E] {
	r := new(Ring[E])
	r.init(capacity, start)
	return r
}

// NewAt is New with a ring that starts at position start.
func NewAt[E any](capacity int, start uint64, dead func(E) bool) *Queue[E] {
	q := New(capacity, dead)
	q.ring.init(capacity, start)
	return q
}

// Ring is the ring of q.
func (q *Queue[E]) Ring() *Ring[E] { return &q.ring }

// ClaimPush takes the ticket of the next push and no more, like a producer that is
// preempted between its CAS and its element. publish is the rest of that push.
func (r *Ring[E]) ClaimPush() (publish func(E)) {
	pos := r.tail.Load()
	s := r.at(pos)
	if pos&closedBit != 0 || r.full(pos) || s.seq.Load() != pos || !r.tail.CompareAndSwap(pos, pos+step) {
		panic("ClaimPush: a push would not get a ticket here")
	}
	return func(e E) {
		s.elem = e
		s.seq.Store(pos + 1)
	}
}

// ClaimPop takes the ticket of the next pop and no more, like a consumer that is preempted
// between its CAS and the release of the slot. release is the rest of that pop.
func (r *Ring[E]) ClaimPop() (release func() E) {
	pos := r.head.Load()
	s := r.at(pos)
	if s.seq.Load() != pos+1 || !r.head.CompareAndSwap(pos, pos+step) {
		panic("ClaimPop: a pop would not get a ticket here")
	}
	return func() E {
		e := s.elem
		r.release(s, pos)
		return e
	}
}

// Memory is what the ring's slots hold, used or not.
func (r *Ring[E]) Memory() []E {
	var held []E
	for i := range r.slots {
		held = append(held, r.slots[i].elem)
	}
	return held
}

// OverLen is the number of elements in the overflow.
func (q *Queue[E]) OverLen() int { return int(q.over.size.Load()) }

// OverChunks is the number of chunks in use, the spare one not counted.
func (q *Queue[E]) OverChunks() int { return len(q.over.chunks) }

// OverSpare is the spare chunk, nil if there is none.
func (q *Queue[E]) OverSpare() []E { return q.over.spare }

// OverLast is the chunk that the next element goes to.
func (q *Queue[E]) OverLast() []E { return q.over.chunks[len(q.over.chunks)-1] }

// OverMemory is what the overflow's chunks hold, used or not, the spare one included.
func (q *Queue[E]) OverMemory() []E {
	held := append([]E(nil), q.over.spare[:cap(q.over.spare)]...)
	for _, c := range q.over.chunks {
		held = append(held, c[:cap(c)]...)
	}
	return held
}

// Waiting is the number of producers in the room that have no token, as the list has it and
// as Freed counts it.
func (r *Room) Waiting() (listed, counted int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.waiting.Len(), int(r.count.Load())
}
