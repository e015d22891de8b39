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
	// Left, if not nil, is called when a newcomer that is held has left the line, so that another
	// may be held. It is like a Waiter's Grant, and set before the first newcomer comes.
	Left func()

	mu      *sync.Mutex // that of the outermost
	outer   *Seats      // around this, or nil
	limit   int         // how many there are; negative: any number
	taken   int
	started int          // of them, by tasks that run, or want to go on
	lines   [3]list.List // of *Waiter, by rank
	held    int          // of the newcomers in line, those that are held
}

// A Waiter is one that needs seats. It may stand in line for them, and it has them, or has
// quit. It is made by NewWaiter, and has not asked yet then.
type Waiter struct {
	// Grant is called when all the seats are there, each time that Enter, Hold or Start has
	// put the waiter in a line, unless it has left that by Quit or Leave. It runs on the goroutine
	// that gave the last seat, and must not block.
	Grant func()
	// Holder is whoever the seats are for.
	Holder any

	in    *Seats // that it has asked; its mutex guards the rest
	state state
	rank  rank
	held  bool          // see Hold
	at    *Seats        // in whose line it stands
	elem  *list.Element // there
}

// A state is where a waiter is in its life: unasked, perhaps inLine, seated, perhaps inLine
// again, started; and it may quit from any.
type state uint8

const (
	unasked state = iota
	inLine
	seated
	started
	quit
)

// A rank is a place among those in line: who comes first.
type rank uint8

const (
	returning rank = iota // in the middle of its function
	again                 // was sent back by Start
	newcomer
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
	return &Waiter{in: s, Holder: holder, Grant: grant, rank: newcomer}
}

// Enter takes seats, or queues w up for them and returns false. If w has asked before, it
// only reports whether w is not in line.
func (w *Waiter) Enter() bool {
	w.in.mu.Lock()
	defer w.in.mu.Unlock()
	if w.state == unasked {
		w.proceed(w.in)
	}
	return w.state != inLine
}

// TryEnter is Enter without the line.
func (w *Waiter) TryEnter() bool {
	w.in.mu.Lock()
	defer w.in.mu.Unlock()
	if w.state == unasked && w.in.allFree(w.rank) {
		w.proceed(w.in)
	}
	return w.state != unasked && w.state != inLine
}

// Hold is Enter for one whose holder does not wait: it is held meanwhile, and Oldest finds it.
// If most, unless 0, are held in the line of w's seats already, w does not join it, and full is
// true.
func (w *Waiter) Hold(most int) (in, full bool) {
	w.in.mu.Lock()
	defer w.in.mu.Unlock()
	if w.state == unasked {
		if most > 0 && w.in.held >= most {
			return false, true
		}
		w.held = true
		w.proceed(w.in)
	}
	return w.state != inLine, false
}

// Start tells that w's task is going to run. It returns false if there are not enough seats any
// more for that: w has given its seats up then, and stands in line again. If w has started, or
// has quit, nothing happens.
func (w *Waiter) Start() bool {
	w.in.mu.Lock()
	var d due
	// Once, or twice: when proceed has found seats, fewer than there are have started.
	for tries := 0; tries < 2 && w.state == seated && !w.mayStart(); tries++ {
		w.rank, w.held = again, false
		w.in.give(nil, false, &d)
		w.proceed(w.in)
	}
	ok := w.start()
	w.in.mu.Unlock()
	d.call()
	return ok
}

// TryStart is Start, but leaves w where it is if it says false.
func (w *Waiter) TryStart() bool {
	w.in.mu.Lock()
	defer w.in.mu.Unlock()
	if w.state == seated && !w.mayStart() {
		return false
	}
	return w.start()
}

// Quit ends it for w: it gives its seats back, or its place in the line, and in the latter
// case returns true. Whoever has run w's task to its end has given the seats by Give instead.
func (w *Waiter) Quit() (stood bool) { return w.end(false) }

// Leave is Quit if w is in line. Else nothing happens.
func (w *Waiter) Leave() (stood bool) { return w.end(true) }

func (w *Waiter) end(ifInLine bool) (stood bool) {
	w.in.mu.Lock()
	var d due
	was, at := w.state, w.at
	switch {
	case was == inLine:
		w.leave(&d)
		if at != w.in {
			w.in.give(at, false, &d)
		}
		w.state = quit
	case ifInLine:
	case was == seated || was == started:
		w.in.give(nil, was == started, &d)
		w.state = quit
	default:
		w.state = quit
	}
	w.in.mu.Unlock()
	d.call()
	return was == inLine
}

// Seated reports that w does not need a seat any more: it has them, or has quit.
func (w *Waiter) Seated() bool {
	w.in.mu.Lock()
	defer w.in.mu.Unlock()
	return w.state >= seated
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

// proceed takes seats from at outwards, until one is missing, and queues up for that.
func (w *Waiter) proceed(at *Seats) (all bool) {
	for ; at != nil; at = at.outer {
		if !at.free(w.rank) {
			w.at, w.state = at, inLine
			w.elem = at.lines[w.rank].PushBack(w)
			if w.counts() {
				at.held++
			}
			return false
		}
		at.take(w.rank)
	}
	w.state = seated
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

// counts reports whether w in a line is one of those held there.
func (w *Waiter) counts() bool { return w.held && w.rank == newcomer }

func (w *Waiter) leave(d *due) {
	w.at.lines[w.rank].Remove(w.elem)
	if w.counts() {
		w.at.held--
		if w.at.Left != nil {
			d.left = append(d.left, w.at.Left)
		}
	}
	w.at, w.elem = nil, nil
}

// mayStart reports whether w's task may run: not while as many run as there are seats, and not
// before one that was sent back, unless it was itself.
func (w *Waiter) mayStart() bool {
	for at := w.in; at != nil; at = at.outer {
		if at.limit >= 0 && at.started >= at.limit {
			return false
		}
		if w.rank == newcomer && at.lines[again].Len() > 0 {
			return false
		}
	}
	return true
}

func (w *Waiter) start() bool {
	if w.state == seated {
		for at := w.in; at != nil; at = at.outer {
			at.started++
		}
		w.state = started
	}
	return w.state >= started
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
