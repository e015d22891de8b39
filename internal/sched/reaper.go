package sched

// The reaper is one timer for all parked workers. It is set when a worker parks and it is
// not set already, so at most once per idle timeout however often workers park and wake,
// and no clock is read. Workers parked when it was set, or before, have been idle for the
// whole timeout when it fires, and go. Those parked later wait for the next time: a worker
// goes after one to two timeouts, and the last of a burst after exactly one if it parked
// alone.

// setReaper sets the timer unless it is set. s.mu is held, a worker is parked.
func (s *Scheduler) setReaper() {
	if s.reaping {
		return
	}
	s.reaping = true
	s.ripe = s.epoch
	s.epoch++
	if s.reaper == nil {
		s.reaper = afterFunc(s.idle, s.reap)
	} else {
		s.reaper.Reset(s.idle)
	}
}

// reap retires the workers whose time has come: from the bottom of the stack, where the
// longest idle are.
func (s *Scheduler) reap() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reaping = false
	if s.load()&closing != 0 {
		return
	}
	ripe := 0
	for ripe < len(s.stack) && s.stack[ripe].epoch <= s.ripe {
		ripe++
	}
	n := 0
	for {
		old := s.load()
		n = min(ripe, old.parked()) // the rest is about to be woken
		if s.swap(old, old-word(n)*oneParked) {
			break
		}
	}
	s.dismiss(n)
	if len(s.stack) > 0 {
		s.setReaper()
	}
}
