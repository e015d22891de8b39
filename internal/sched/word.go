package sched

import "fmt"

// A word is the scheduler's state in 64 bits, changed by compare-and-swap only.
//
//	63    62       61         60        59..40  39..20  19..0
//	 -  closing returning searching      limit  parked  active
//
// active: slots in use, by a worker that runs or looks for work, or by a task that came
// back from a wait on another goroutine. parked: workers asleep that may be woken.
// searching: one worker, just woken or spinning, will look at the queue before it sleeps.
// returning: tasks that lent their slot want it back. closing: workers exit rather than park.
// down: nothing may start any more.
type word uint64

const (
	oneActive word = 1
	oneParked word = 1 << fieldBits
	oneLimit  word = 1 << (2 * fieldBits)

	searching word = 1 << 60
	returning word = 1 << 61
	closing   word = 1 << 62
	down      word = 1 << 63

	fieldBits      = 20
	fieldMask word = 1<<fieldBits - 1
)

// MaxWorkers is the largest limit that the word can hold.
const MaxWorkers = int(fieldMask)

func (w word) active() int { return int(w & fieldMask) }
func (w word) parked() int { return int(w / oneParked & fieldMask) }
func (w word) limit() int  { return int(w / oneLimit & fieldMask) }

// crowded reports that a Resize has left more slots in use than there should be.
func (w word) crowded() bool { return w.active() > w.limit() }

func (w word) withLimit(n int) word {
	return w&^(fieldMask*oneLimit) | word(n)*oneLimit
}

func (w word) String() string {
	return fmt.Sprintf("limit %d, active %d, parked %d, searching %t, returning %t, closing %t, down %t",
		w.limit(), w.active(), w.parked(), w&searching != 0, w&returning != 0, w&closing != 0, w&down != 0)
}

func (s *Scheduler) load() word              { return word(s.word.Load()) }
func (s *Scheduler) swap(from, to word) bool { return s.word.CompareAndSwap(uint64(from), uint64(to)) }
