package seats

import "container/list"

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
	var d due
	if w.state == unasked && w.in.allFree(w.rank) {
		w.proceed(w.in)
		w.passed(&d)
	}
	in := w.state != unasked && w.state != inLine
	w.in.mu.Unlock()
	d.call()
	return in
}

// Hold is Enter for one whose holder does not wait: it is held meanwhile, and Oldest finds it.
// If most, unless 0, are held in the line of w's seats already, w does not join it, and full is
// true.
func (w *Waiter) Hold(most int) (in, full bool) {
	w.in.mu.Lock()
	var d due
	if w.state == unasked {
		if most > 0 && w.in.held >= most {
			w.in.mu.Unlock()
			return false, true
		}
		w.held = true
		w.proceed(w.in)
		w.passed(&d)
	}
	in = w.state != inLine
	w.in.mu.Unlock()
	d.call()
	return in, false
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

// The rest is called with the mutex held.

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

// passed is called when w has asked. If it has gone on to a line further out, or stands in none, it
// does not need the room in the first one that it may have been told of: the next is to be told.
func (w *Waiter) passed(d *due) {
	if w.at != w.in && w.in.Left != nil && w.rank == newcomer {
		d.left = append(d.left, w.in.Left)
	}
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
