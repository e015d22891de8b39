package queue

import "container/list"

// A Room is where producers wait for a bounded queue to have room, first come first served
// but for producers that push just when there is room again.
//
//	Producer  R1 Join; R2 push again; done: Quit, R4; R3 sleep on C until a token comes, or
//	          whatever else ends the wait, then Quit; token: push; done: R4, else Rejoin, R2
//	          R4 if there is more room, Freed
//	Consumer  P1 pop, or drop a dead element; P2 Freed: if anybody has joined, give the first
//	          a token
//
// Either P2 sees the producer that joined in R1, or R2 comes after P1 and sees the room. A
// token stands for one element of room, and a producer that goes away with one unused
// passes it on in Quit. R4 is for a queue that was Busy: several producers may have gone to
// sleep before one slot that was not released, and only one pop is left to report, while
// the pops behind it have made more room and found nobody to tell.
type Room struct {
	count   atomicUint64 // producers in the list; read by every pop
	_       [120]byte
	mu      mutex
	waiting list.List
}

// A Waiter is a producer in a Room.
type Waiter struct {
	C    chan struct{} // gets the token
	elem *list.Element // nil: has got the token, or is not in the room
}

// Join queues a producer up, at the end.
func (r *Room) Join() *Waiter {
	w := &Waiter{C: make(chan struct{}, 1)}
	r.mu.Lock()
	defer r.mu.Unlock()
	w.elem = r.waiting.PushBack(w)
	r.count.Add(1)
	return w
}

// Rejoin queues a producer that has received its token, and found no room, up in front.
func (r *Room) Rejoin(w *Waiter) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w.elem = r.waiting.PushFront(w)
	r.count.Add(1)
}

// Quit takes a producer out that has not received a token. If it was given one meanwhile,
// the next gets it.
func (r *Room) Quit(w *Waiter) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w.elem == nil {
		r.wake()
		return
	}
	r.waiting.Remove(w.elem)
	w.elem = nil
	r.count.Add(^uint64(0))
}

// Freed tells that an element was popped. It reports whether it woke a producer, and costs
// one load when there is none.
func (r *Room) Freed() bool { return r.count.Load() > 0 && r.freed() }

func (r *Room) freed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.wake()
}

// Open wakes everybody: the queue was closed.
func (r *Room) Open() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.wake() {
	}
}

func (r *Room) wake() bool {
	first := r.waiting.Front()
	if first == nil {
		return false
	}
	w := r.waiting.Remove(first).(*Waiter)
	w.elem = nil
	r.count.Add(^uint64(0))
	w.C <- struct{}{}
	return true
}
