package seats

// Doors for the tests.

// NewReturner returns a waiter that is in the middle of its function, as that of Sit is.
func (s *Seats) NewReturner(grant func()) *Waiter {
	return &Waiter{in: s, Grant: grant, rank: returning}
}

// A Count is what Seats count.
type Count struct{ Taken, Started, InLine, Held int }

func (s *Seats) Count() Count {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for i := range s.lines {
		n += s.lines[i].Len()
	}
	return Count{s.taken, s.started, n, s.held}
}

// Broken returns which invariant of the package's comment does not hold, or "". strict: there
// was no Resize to fewer.
func (s *Seats) Broken(strict bool) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for i := range s.lines {
		n += s.lines[i].Len()
	}
	switch {
	case s.started < 0 || s.started > s.taken:
		return "N1"
	case n > 0 && (s.limit < 0 || s.taken < s.limit):
		return "N2"
	case strict && s.limit >= 0 && s.taken > s.limit:
		return "more taken than there are"
	case s.held < 0 || s.held > s.lines[newcomer].Len():
		return "held"
	}
	return ""
}
