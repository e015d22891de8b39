package sched

// Resize changes the number of slots, 1 to MaxWorkers. Growing takes effect at once.
// Shrinking takes no slot from a task that runs: workers above the limit give theirs up
// as their tasks end, and no new task starts until the number is below the limit.
func (s *Scheduler) Resize(limit int) {
	s.mu.Lock()
	for {
		old := s.load()
		next := old.withLimit(limit)
		admit := min(len(s.returners), max(0, limit-old.active()))
		next += word(admit) * oneActive
		if admit > 0 && admit == len(s.returners) {
			next &^= returning
		}
		excess := max(0, old.parked()-limit)
		next -= word(excess) * oneParked
		if s.swap(old, next) {
			for range admit {
				s.admit()
			}
			s.dismiss(excess)
			break
		}
	}
	s.mu.Unlock()
	s.notifyIfReady()
}

// dismiss tells the n workers parked longest to exit. The caller has taken them out of
// the word, and holds s.mu.
func (s *Scheduler) dismiss(n int) {
	for _, w := range s.stack[:n] {
		w.parker.wake(exit)
	}
	rest := copy(s.stack, s.stack[n:])
	clear(s.stack[rest:])
	s.stack = s.stack[:rest]
}
