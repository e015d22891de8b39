package sched

// Release gives up a slot while the task that holds it waits; another worker may run
// meanwhile. It takes the mutex: whoever calls it is about to sleep.
func (s *Scheduler) Release() {
	s.mu.Lock()
	s.update(true, func(old word) word { return old })
	s.checkDown()
	s.mu.Unlock()
	s.notifyIfReady()
}

// Acquire takes a slot for a task that comes back from a wait. When none is free it sleeps
// until one is given up, ahead of all queued work. It cannot be cancelled: the task's
// function may not go on without a slot.
func (s *Scheduler) Acquire() {
	for old := s.load(); old.active() < old.limit(); old = s.load() {
		if s.swap(old, old+oneActive) {
			return
		}
	}
	s.mu.Lock()
	for {
		old := s.load()
		if old.active() < old.limit() {
			if s.swap(old, old+oneActive) {
				s.mu.Unlock()
				return
			}
		} else if s.swap(old, old|returning) {
			break
		}
	}
	p := newParker()
	s.returners = append(s.returners, p)
	s.mu.Unlock()
	p.wait()
}
