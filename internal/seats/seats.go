// Package seats limits how many tasks of a part of a pool are on their way at once: those
// of a group, or of a pool that shares another's workers. It is a counting semaphore that
// calls those who wait, instead of letting them sleep, and that nests.
//
// # Rules
//
// A task needs a seat in its own Seats and in all around it. It takes them from the inside
// out, and keeps what it has while it is in line for the next. Since nobody who holds an
// outer seat is ever in line for an inner one, lines do not wait for each other in a circle.
// Seats around each other share one mutex, so a task is in one line, or has all its seats.
//
// The seats of a task that waits inside its function are given to others, and it takes some
// back before it goes on: those who come back stand before all newcomers.
package seats

import (
	"container/list"
	"sync"
)

// Seats are the seats of one part of a pool.
type Seats struct {
	mu        *sync.Mutex // that of the outermost
	outer     *Seats      // around this, or nil
	limit     int         // how many there are; negative: any number
	taken     int
	returning list.List // of *Waiter: those that have had a seat
	line      list.List // of *Waiter: newcomers
}

// A Waiter is one that needs seats. It may stand in line for them, and it has them, or has
// quit. The zero Waiter has not asked yet.
type Waiter struct {
	// Grant is called once, if Enter said false and Quit was not in time: all the seats are
	// there. It runs on the goroutine that gave the last one, and must not block.
	Grant func()
	// Holder is whoever the seats are for.
	Holder any

	in    *Seats // that it has asked; its mutex guards the rest
	state state
	back  bool          // it has had seats before
	at    *Seats        // in whose line it stands
	elem  *list.Element // there
}

type state uint8

const (
	unasked state = iota
	inLine
	seated
	quit
)

// New returns limit seats, any number if limit is negative, that count in outer too, which may
// be nil.
func New(limit int, outer *Seats) *Seats {
	s := &Seats{outer: outer, limit: limit, mu: new(sync.Mutex)}
	if outer != nil {
		s.mu = outer.mu
	}
	return s
}

// NewWaiter returns a waiter for seats of s.
func (s *Seats) NewWaiter(holder any, grant func()) *Waiter {
	return &Waiter{in: s, Holder: holder, Grant: grant}
}

// Enter takes seats, or queues w up for them and returns false. If w has seats, or has quit,
// nothing happens.
func (w *Waiter) Enter() bool {
	w.in.mu.Lock()
	defer w.in.mu.Unlock()
	return w.state != unasked || w.proceed(w.in)
}

// TryEnter is Enter without the line.
func (w *Waiter) TryEnter() bool {
	w.in.mu.Lock()
	defer w.in.mu.Unlock()
	if w.state != unasked {
		return true
	}
	if !w.in.tryEnter(false) {
		return false
	}
	w.state = seated
	return true
}

// Quit ends it for w: it gives its seats back, or its place in the line, and in the latter
// case returns true.
func (w *Waiter) Quit() (stood bool) {
	s := w.in
	s.mu.Lock()
	was, at := w.state, w.at
	if was == inLine {
		w.leave()
	}
	w.state = quit
	var granted []*Waiter
	if was == seated || was == inLine && at != s {
		granted = s.give(at)
	}
	s.mu.Unlock()
	grant(granted)
	return was == inLine
}

// Seated reports whether w has seats.
func (w *Waiter) Seated() bool {
	w.in.mu.Lock()
	defer w.in.mu.Unlock()
	return w.state == seated
}

// Sit takes seats for one that has given its seats up for a while, and sleeps until they are
// there.
func (s *Seats) Sit() {
	there := make(chan struct{})
	w := &Waiter{in: s, Grant: func() { close(there) }, back: true}
	if !w.Enter() {
		<-there
	}
}

// TrySit is Sit without the sleep.
func (s *Seats) TrySit() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tryEnter(true)
}

// Give gives seats up.
func (s *Seats) Give() {
	s.mu.Lock()
	granted := s.give(nil)
	s.mu.Unlock()
	grant(granted)
}

// Resize changes the number of seats, if negative to any number. Nobody loses a seat.
func (s *Seats) Resize(limit int) {
	s.mu.Lock()
	s.limit = limit
	granted := s.admit(nil)
	s.mu.Unlock()
	grant(granted)
}

// Oldest returns what is held for the newcomer who is in line longest, or nil.
func (s *Seats) Oldest() any {
	s.mu.Lock()
	defer s.mu.Unlock()
	if first := s.line.Front(); first != nil {
		return first.Value.(*Waiter).Holder
	}
	return nil
}

// Within reports whether s is o or inside of it.
func (s *Seats) Within(o *Seats) bool {
	for ; s != nil; s = s.outer {
		if s == o {
			return true
		}
	}
	return false
}

// Taken is the number of seats in use.
func (s *Seats) Taken() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken
}

// Waiting is the number of newcomers in the line that w would join first.
func (w *Waiter) Waiting() int {
	w.in.mu.Lock()
	defer w.in.mu.Unlock()
	return w.in.line.Len()
}

// Limit is the number of seats.
func (s *Seats) Limit() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.limit
}

// The rest is called with the mutex held.

// free reports whether the next to come may have a seat.
func (s *Seats) free(back bool) bool {
	return (s.limit < 0 || s.taken < s.limit) && (back || s.line.Len() == 0) && s.returning.Len() == 0
}

func (s *Seats) tryEnter(back bool) bool {
	for at := s; at != nil; at = at.outer {
		if !at.free(back) {
			return false
		}
	}
	for at := s; at != nil; at = at.outer {
		at.taken++
	}
	return true
}

// proceed takes seats from at outwards, until one is missing.
func (w *Waiter) proceed(at *Seats) (all bool) {
	for ; at != nil; at = at.outer {
		if !at.free(w.back) {
			w.at, w.state = at, inLine
			if w.back {
				w.elem = at.returning.PushBack(w)
			} else {
				w.elem = at.line.PushBack(w)
			}
			return false
		}
		at.taken++
	}
	w.state = seated
	return true
}

// give frees a seat in s and in those around it, up to and without end, and returns who has
// all seats by that. From the outside in: who gets an inner seat finds the outer ones free.
func (s *Seats) give(end *Seats) (granted []*Waiter) {
	s.taken--
	if s.outer != end {
		granted = s.outer.give(end)
	}
	return s.admit(granted)
}

// admit lets in who is in line, as long as there are seats.
func (s *Seats) admit(granted []*Waiter) []*Waiter {
	for s.limit < 0 || s.taken < s.limit {
		first := s.returning.Front()
		if first == nil {
			first = s.line.Front()
		}
		if first == nil {
			break
		}
		w := first.Value.(*Waiter)
		w.leave()
		s.taken++
		if w.proceed(s.outer) {
			granted = append(granted, w)
		}
	}
	return granted
}

func (w *Waiter) leave() {
	if w.back {
		w.at.returning.Remove(w.elem)
	} else {
		w.at.line.Remove(w.elem)
	}
	w.at, w.elem = nil, nil
}

func grant(ws []*Waiter) {
	for _, w := range ws {
		w.Grant()
	}
}
