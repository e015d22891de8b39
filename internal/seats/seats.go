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
// back before it goes on: those who come back stand before all others.
//
// A task has its seats while it is queued, and starts (Start) when it runs. After a Resize more
// seats can be taken than there are, and then a task that has not started is sent back: its
// seats are free, and it stands in line before all newcomers.
//
// # Invariants
//
//	N1 0 <= started <= taken
//	N2 somebody is in line only if taken >= limit
//	N3 nobody starts unless started < limit
//
// N2 is why no line is forgotten: seats become free by give and by Resize, and both let in who
// is in line, from the outermost seats to the innermost; and nobody overtakes a line.
package seats

import (
	"container/list"
	"sync"
)

// Seats are the seats of one part of a pool.
type Seats struct {
	// Left, if not nil, is called when a newcomer that is held has left the line, or did not need to
	// stand in it, so that another may be held. It is like a Waiter's Grant, and set before the first newcomer comes.
	Left func()

	mu      *sync.Mutex // that of the outermost
	outer   *Seats      // around this, or nil
	limit   int         // how many there are; negative: any number
	taken   int
	started int          // of them, by tasks that run, or want to go on
	lines   [3]list.List // of *Waiter, by rank
	held    int          // of the newcomers in line, those that are held
}

// New returns limit seats, any number if limit is negative, that count in outer too, which may
// be nil.
func New(limit int, outer *Seats) *Seats {
	s := &Seats{outer: outer, limit: limit, mu: new(sync.Mutex)}
	if outer != nil {
		s.mu = outer.mu
	}
	return s
}

// Sit takes seats for a task that has given its seats up while it waited, and sleeps until they
// are there.
func (s *Seats) Sit() {
	there := make(chan struct{})
	w := &Waiter{in: s, Grant: func() { close(there) }, rank: returning}
	if !w.Enter() {
		<-there
	}
}

// TrySit is Sit without the sleep.
func (s *Seats) TrySit() bool {
	w := &Waiter{in: s, rank: returning}
	return w.TryEnter()
}

// Give gives the seats up of a task that has started: it waits, or has ended.
func (s *Seats) Give() {
	s.mu.Lock()
	var d due
	s.give(nil, true, &d)
	s.mu.Unlock()
	d.call()
}

// Resize changes the number of seats, if negative to any number. Nobody who has started loses
// a seat.
func (s *Seats) Resize(limit int) {
	s.mu.Lock()
	var d due
	s.limit = limit
	s.admit(&d)
	s.mu.Unlock()
	d.call()
}

// Oldest returns who holds the newcomer that is held in line longest, or nil.
func (s *Seats) Oldest() any {
	s.mu.Lock()
	defer s.mu.Unlock()
	for e := s.lines[newcomer].Front(); e != nil; e = e.Next() {
		if w := e.Value.(*Waiter); w.held {
			return w.Holder
		}
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

// Limit is the number of seats.
func (s *Seats) Limit() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.limit
}

// The rest, but for due, is called with the mutex held.

// free reports whether one who comes now may have a seat.
func (s *Seats) free(r rank) bool {
	for i := range s.lines[:r+1] {
		if s.lines[i].Len() > 0 {
			return false
		}
	}
	return s.limit < 0 || s.taken < s.limit
}

func (s *Seats) allFree(r rank) bool {
	for ; s != nil; s = s.outer {
		if !s.free(r) {
			return false
		}
	}
	return true
}

func (s *Seats) take(r rank) {
	s.taken++
	if r == returning {
		s.started++
	}
}

// give frees a seat in s and in those around it, up to and without end. From the outside in:
// who gets an inner seat finds the outer ones free.
func (s *Seats) give(end *Seats, hasStarted bool, d *due) {
	s.taken--
	if hasStarted {
		s.started--
	}
	if s.outer != end {
		s.outer.give(end, hasStarted, d)
	}
	s.admit(d)
}

// admit lets in who is in line, as long as there are seats.
func (s *Seats) admit(d *due) {
	for s.limit < 0 || s.taken < s.limit {
		w := s.first()
		if w == nil {
			return
		}
		w.leave(d)
		s.take(w.rank)
		if w.proceed(s.outer) {
			d.granted = append(d.granted, w)
		}
	}
}

// first returns who is first in line, or nil.
func (s *Seats) first() *Waiter {
	for i := range s.lines {
		if e := s.lines[i].Front(); e != nil {
			return e.Value.(*Waiter)
		}
	}
	return nil
}

// A due is whom to call when the mutex is free.
type due struct {
	granted []*Waiter
	left    []func()
}

func (d *due) call() {
	for _, w := range d.granted {
		w.Grant()
	}
	for _, left := range d.left {
		left()
	}
}
