// Package queue is the FIFO that submitters fill and workers drain: a lock-free bounded
// ring, and an unbounded overflow behind it for what must not be refused. It knows
// nothing of tasks, pools or contexts.
package queue

// A Queue is a Ring with an overflow behind it, closed together. It is first in, first
// out for each producer; between producers nothing is promised.
//
// The ring is used alone as long as nothing is in the overflow. While something is,
// every push goes behind it, and pops empty the ring first. That keeps the order:
//
// An element goes to the overflow only when the ring is full (or its next slot is Busy), or
// when the overflow holds something. So when a producer's element is in the overflow,
// all its earlier ones are in the ring, or before it in the overflow, or gone. Its later
// ones see size > 0, until that element is popped, and go behind it. And the overflow is
// popped only when, under the mutex, the ring is empty. It must be looked at again there:
// between a pop's first look and the mutex, a producer may have filled the ring and gone
// on to the overflow.
//
// Nobody starves: elements in the ring are finite while all pushes go to the overflow.
type Queue[E any] struct {
	ring     Ring[E]
	over     overflow[E]
	capacity int // what Push admits; 0: no bound
}

// New makes a queue whose Push admits up to capacity elements, at least 1. dead reports
// that an element in the overflow has become pointless: the queue drops it and does not
// ask again. dead is called with the queue's mutex held.
func New[E any](capacity int, dead func(E) bool) *Queue[E] {
	q := &Queue[E]{capacity: capacity}
	q.ring.init(capacity, 0)
	q.over.dead = dead
	return q
}

// NewUnbounded makes a queue whose Push is never refused. The first ring elements are
// queued without a lock.
func NewUnbounded[E any](ring int, dead func(E) bool) *Queue[E] {
	q := New(ring, dead)
	q.capacity = 0
	return q
}

// Push appends *e and answers OK, Full, Busy or Closed. It takes the overflow's mutex only
// while the overflow is in use. Full means that capacity elements were queued at one instant
// of the call. Busy means that there is room, but that a pop has yet to release it: the
// producer can use Offer, or wait in a Room as if the queue were full, since that pop has
// still to report there.
func (q *Queue[E]) Push(e *E) Status {
	if q.over.size.Load() == 0 {
		st := q.ring.Push(e)
		if st == OK || st == Closed || q.capacity > 0 {
			return st
		}
	}
	return q.pushLocked(e, q.capacity)
}

// PushBatch is Push for as many of es, from its start, as the ring has room for at once. It
// answers OK with their number, at least 1 unless es is empty, or another status and 0. While
// the overflow is in use, that is Busy.
func (q *Queue[E]) PushBatch(es []E) (int, Status) {
	if q.over.size.Load() > 0 {
		return 0, Busy
	}
	return q.ring.PushBatch(es)
}

// Offer is Push for a producer that will not wait: OK, Full or Closed.
func (q *Queue[E]) Offer(e *E) Status {
	st := q.Push(e)
	if st == Busy {
		st = q.pushLocked(e, q.capacity)
	}
	return st
}

// PushOver is Push for elements that must not wait for room: they go beyond the capacity.
// It answers OK or Closed.
func (q *Queue[E]) PushOver(e *E) Status {
	if q.over.size.Load() == 0 {
		if st := q.ring.Push(e); st == OK || st == Closed {
			return st
		}
	}
	return q.pushLocked(e, 0)
}

// pushLocked goes through the mutex, which makes its looks at ring and overflow one. 0 is no
// capacity to respect.
func (q *Queue[E]) pushLocked(e *E, capacity int) Status {
	q.over.mu.Lock()
	defer q.over.mu.Unlock()
	size := int(q.over.size.Load())
	if size == 0 {
		if st := q.ring.Push(e); st == OK || st == Closed {
			return st
		}
	}
	switch {
	case q.ring.Closed():
		return Closed
	case capacity > 0 && q.ring.Len()+size >= capacity:
		return Full
	}
	q.over.push(*e)
	return OK
}

// Requeue appends an element that was accepted before, and was held back: beyond the capacity,
// and also after Close. The caller keeps whoever waits for Drained from believing it meanwhile.
func (q *Queue[E]) Requeue(e *E) {
	if q.PushOver(e) == OK {
		return
	}
	q.over.mu.Lock()
	defer q.over.mu.Unlock()
	q.over.push(*e)
}

// Pop moves the oldest element to *e and answers OK, Empty or Busy. Busy says that a push is
// between its ticket and its element; whoever is stalled there will notify. Empty is exact
// for ring and overflow each, but not for both at once: a producer that found the overflow
// empty may push to the ring after that was found empty, and before the overflow was.
func (q *Queue[E]) Pop(e *E) Status {
	st := q.ring.Pop(e)
	if st != Empty || q.over.size.Load() == 0 {
		return st
	}
	q.over.mu.Lock()
	defer q.over.mu.Unlock()
	if st = q.ring.Pop(e); st == Empty && q.over.pop(e) {
		return OK
	}
	return st
}

// Ready reports whether an element can be popped: false only if nothing is queued, or a
// push in flight holds the place of the oldest and will notify when it is through.
//
// The overflow is read first. An element that leaves it is popped, never moved to the
// ring, so no order of these three looks can miss one that stays.
func (q *Queue[E]) Ready() bool {
	over := q.over.size.Load()
	return q.ring.Ready() || over > 0 && q.ring.Len() == 0
}

// Len is the number of elements queued.
func (q *Queue[E]) Len() int { return q.ring.Len() + int(q.over.size.Load()) }

// Cap is the number of elements that Push admits, 0 for an unbounded queue.
func (q *Queue[E]) Cap() int { return q.capacity }

// Pushed is the number of elements ever pushed.
func (q *Queue[E]) Pushed() uint64 {
	q.over.mu.Lock()
	defer q.over.mu.Unlock()
	return q.ring.Pushed() + q.over.pushed
}

// Close ends admission to ring and overflow at one instant. What is queued can be popped.
func (q *Queue[E]) Close() {
	q.over.mu.Lock()
	defer q.over.mu.Unlock()
	q.ring.Close()
}

// Closed reports whether Close was called.
func (q *Queue[E]) Closed() bool { return q.ring.Closed() }

// Drained reports that the queue is closed and empty: there is and will be nothing to pop.
func (q *Queue[E]) Drained() bool {
	q.over.mu.Lock()
	defer q.over.mu.Unlock()
	return q.ring.Closed() && q.over.size.Load() == 0 && q.ring.Len() == 0
}
