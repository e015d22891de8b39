package sched

// Close makes workers exit when they find nothing to do. The queue must be closed before,
// so that Work.Drained can become true. It does not wait; see Down and Join.
func (s *Scheduler) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		old := s.load()
		n := old.parked()
		if s.swap(old, old-word(n)*oneParked|closing) {
			s.dismiss(n)
			break
		}
	}
	if s.reaper != nil {
		s.reaper.Stop()
	}
	s.checkDown()
}

// checkDown ends it all when nothing is left. It is called after each step that can be the
// last: an exit, a slot given up, Close. s.mu is held.
func (s *Scheduler) checkDown() {
	for {
		old := s.load()
		if old&closing == 0 || old&down != 0 || old.active() > 0 || s.live > 0 || !s.work.Drained() {
			return
		}
		if s.swap(old, old|down) {
			close(s.isDown)
			return
		}
	}
}

// Down is closed when the scheduler is closed, no work is left, and nothing runs.
func (s *Scheduler) Down() <-chan struct{} { return s.isDown }

// Join waits for Down, and then for the goroutines to be gone.
func (s *Scheduler) Join() {
	<-s.isDown
	_ = s.workers.Wait() // workers return no errors
}

// Enter lets a goroutine that is not a worker's take part in the work: Down waits for its
// Leave. It returns false when Close came before.
func (s *Scheduler) Enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.load()&closing != 0 {
		return false
	}
	s.live++
	return true
}

// Hold is Enter for a worker that hands an unfinished piece of work to somebody else, who
// will Leave. The worker itself keeps the scheduler from going down until then.
func (s *Scheduler) Hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live++
}

// Leave ends what Enter or Hold began.
func (s *Scheduler) Leave() { s.leave(nil) }

// Counts is a snapshot of the scheduler.
type Counts struct{ Limit, Active, Parked int }

// Counts returns the limit, the slots in use by something other than the searcher, and the
// number of workers asleep.
func (s *Scheduler) Counts() Counts {
	w := s.load()
	c := Counts{Limit: w.limit(), Active: w.active(), Parked: w.parked()}
	if w&searching != 0 {
		c.Active--
	}
	return c
}
