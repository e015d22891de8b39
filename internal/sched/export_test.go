package sched

import "time"

// Doors for the tests of this package: they look at the word, and take the steps of Notify
// one at a time.

// A Word is the state in the form that the tests of its packing need.
type Word = word

// The flags of a Word.
const (
	FlagSearching = searching
	FlagReturning = returning
	FlagClosing   = closing
	FlagDown      = down
)

// PackWord makes a word.
func PackWord(limit, active, parked int, flags Word) Word {
	return word(0).withLimit(limit) + word(active)*oneActive + word(parked)*oneParked | flags
}

// WithLimit exchanges the limit.
func WithLimit(w Word, limit int) Word { return w.withLimit(limit) }

// Fields takes a word apart.
func Fields(w Word) (limit, active, parked int, flags Word) {
	return w.limit(), w.active(), w.parked(), w & (searching | returning | closing | down)
}

// Flags returns those flags of the scheduler's word that are set.
func (s *Scheduler) Flags() Word {
	_, _, _, flags := Fields(s.load())
	return flags
}

// Slots is the number of slots in use, the searcher's included.
func (s *Scheduler) Slots() int { return s.load().active() }

// Reserve is S3 of Notify for a parked worker, without S4.
func (s *Scheduler) Reserve() bool {
	old := s.load()
	return old&(searching|down) == 0 && old.active() < old.limit() && old.parked() > 0 &&
		s.swap(old, old+oneActive-oneParked|searching)
}

// WakeReserved is S4 after Reserve.
func (s *Scheduler) WakeReserved() {
	s.mu.Lock()
	w := s.stack[len(s.stack)-1]
	s.stack = s.stack[:len(s.stack)-1]
	s.mu.Unlock()
	w.parker.wake(run)
}

// Reap is what the reaper's timer calls.
func (s *Scheduler) Reap() { s.reap() }

// StopTimer reports whether the reaper's timer was running, and stops it.
func (s *Scheduler) StopTimer() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reaper != nil && s.reaper.Stop()
}

// TimerMade reports whether the reaper's timer was ever set.
func (s *Scheduler) TimerMade() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reaper != nil
}

// Idle is the idle timeout.
func (s *Scheduler) Idle() time.Duration { return s.idle }

// Returners is the number of tasks that wait for their slot.
func (s *Scheduler) Returners() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.returners)
}

// Kept is the number of workers whose goroutine has ended and that will be used again.
func (s *Scheduler) Kept() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.free)
}
