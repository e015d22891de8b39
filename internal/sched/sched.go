// Package sched decides which worker goroutines exist, and which of them run: it starts
// them when there is work, puts them to sleep when there is none, wakes them, retires
// them, and keeps the number of running tasks within the limit. It knows nothing of
// tasks and queues but what Work says.
//
// # Slots
//
// A slot is the right to run one task function. There are limit of them. A worker holds
// one while it looks for work and runs it; a task that waits inside its function lends its
// slot (Release) and takes it back (Acquire) before the function goes on.
//
// # The protocol
//
// The state is one atomic word (word.go). Work is published in the queue; the word says
// who will look at the queue. The sides:
//
//	Submitter   S1 publish the work in the queue
//	            S2 load the word; if somebody is searching, or no slot is free: done
//	            S3 CAS the word: a slot taken, searching set, and parked-1 if there is one
//	            S4 wake the worker parked last, or start one
//
//	Worker      W1 pop; found something: if searching, clear the bit, THEN look at the
//	               queue, and if it is ready do S2-S4 for another worker; run; W1 again
//	            W2 found nothing: become the searcher if there is none, look at the queue
//	               for a few short rounds; ready: W1
//	            W3 CAS the word: slot free, parked+1, searching cleared if it was mine
//	            W4 THEN look at the queue again; ready: S2-S4 (which may well pick me)
//	            W5 sleep until a token comes: run (with a slot and the searching bit: W1), or exit
//
// # Why no wake-up is lost
//
// Say work was published (S1) and its submitter did nothing (S2). Go's atomics are
// sequentially consistent, so either its load of the word came before some change of the
// word, or it saw it.
//
//	It saw searching. The searcher clears the bit later than S2, hence later than S1, in W1
//	or W3, and looks at the queue after that (W1, W4): it sees the work or somebody took it.
//	It saw no free slot. A slot becomes free later than S1, by W3, Release or Resize, and
//	each looks at the queue afterwards; a slot handed to a returning task stays in use.
//
// A look at the queue may say "not ready" although work is there only while a push is
// between its ticket and its element; that submitter is still before S2.
//
// Only one worker searches at a time, so a burst of submits wakes one worker, which wakes
// the next if there is still work (W1): wake-ups chain, and sparse work wakes one.
//
// The waker, not the woken, moves the counters (S3), so two submitters never count on the
// same sleeper; and the reaper takes its victim out of the counters, under the mutex,
// before it sends exit, so a token never crosses another.
//
// # Returning tasks go first
//
// A task that wants its slot back and finds none free sets the returning bit, in the CAS
// that saw no free slot, and queues up. Every worker looks at the word before it takes
// work, and every slot given up goes through update, which hands it to the first in line.
// Invariant: returning implies active >= limit, so a free slot never waits for anybody.
//
// # Down
//
// Close sets the closing bit; workers that find nothing exit. When the queue is closed and
// empty, no goroutine of ours is left and no slot is in use, the down bit is set by CAS:
// then no submitter late for S2 can start a goroutine any more, and the join is final.
package sched

import (
	"runtime"
	"time"

	"github.com/forebay-go/forebay/internal/unwind"
)

// Work is what workers do. The scheduler calls Started, Run, Idle and Stopped on the
// worker's own goroutine, Ready and Drained on any.
type Work interface {
	// Ready reports whether Run would find something. It may be false while a push is in
	// flight, whose submitter will call Notify.
	Ready() bool
	// Run takes one piece of work, calls w.Took, and does it; or it finds none and says false.
	Run(w *Worker) bool
	// Idle is called before the worker gives up its slot, to sleep or to exit.
	Idle(w *Worker)
	// Drained reports that there is and will be no work.
	Drained() bool
	// Started and Stopped enclose the life of a worker's goroutine.
	Started(w *Worker)
	Stopped(w *Worker)
}

// A Scheduler runs the workers of one pool. No goroutine, timer or channel operation
// happens before the first Notify that finds work to do.
type Scheduler struct {
	word atomicUint64
	_    [120]byte // the word is read by every submit: nothing that is written often beside it

	// Read only after New.
	work Work
	idle time.Duration // how long a worker stays parked; 0: it exits at once
	spin bool          // more than one processor: looking at the queue for a while can pay
	// Work.Started may take long. Then a new worker is not the searcher, for nobody would be
	// woken until it looks at the queue; the price is that a burst of submits starts several.
	slowStart bool

	mu        mutex
	stack     []*Worker // parked; the last parked at the end. len >= word.parked: wakers count first
	returners []parker  // tasks that wait for their slot, first come first
	free      []*Worker // retired, to be used again
	live      int       // worker goroutines and guests that are not over
	epoch     uint64    // grows each time the reaper is set
	ripe      uint64    // when the reaper's time comes, workers parked in this epoch or before go
	reaper    *timer
	reaping   bool // the reaper is set

	workers goroutines    // the goroutines
	isDown  chan struct{} // closed with the down bit
}

// A Worker is one goroutine that runs work, one piece after another.
type Worker struct {
	// Woke is for Run to set when its work made another goroutine ready to run. That one is
	// queued behind this worker on the same processor, so the worker must not spin.
	Woke bool
	// Local is whatever Work keeps for a worker. It outlives the goroutine.
	Local any

	s         *Scheduler
	slot      bool          // the worker's goroutine holds a slot
	searching bool          // this worker is the one that the searching bit stands for
	fresh     bool          // started without the searching bit, and has found nothing yet: it chains all the same
	first     func(*Worker) // what to do before looking for work
	epoch     uint64        // when it was parked
	parker    parker
}

// A token ends a sleep.
type token bool

const (
	run  token = true  // to a worker: a slot and the searching bit are yours
	exit token = false // to a worker: you are counted out
)

// New makes a scheduler with limit slots, 1 to MaxWorkers. slowStart: Work.Started may take
// long.
func New(work Work, limit int, idle time.Duration, slowStart bool) *Scheduler {
	s := &Scheduler{
		work:   work,
		idle:   idle,
		spin:   runtime.GOMAXPROCS(0) > 1,
		isDown: make(chan struct{}),

		slowStart: slowStart,
	}
	s.word.Store(uint64(word(0).withLimit(limit)))
	return s
}

// Notify tells that work was published: S2 to S4. It costs one load when all slots are in
// use, or a worker is on its way already.
func (s *Scheduler) Notify() {
	for {
		old := s.load()
		if old&(searching|down) != 0 || old.active() >= old.limit() {
			return
		}
		next := old + oneActive | searching
		if old.parked() == 0 {
			if s.slowStart {
				next &^= searching
			}
			if s.swap(old, next) {
				s.start(!s.slowStart, nil)
				return
			}
		} else if s.swap(old, next-oneParked) {
			s.mu.Lock()
			w := s.stack[len(s.stack)-1]
			s.stack[len(s.stack)-1] = nil
			s.stack = s.stack[:len(s.stack)-1]
			s.mu.Unlock()
			w.parker.wake(run)
			return
		}
	}
}

// Return tells the worker whether its slot is still there after a task: it is not if one of
// the task's own goroutines is in a wait and has lent it.
func (w *Worker) Return(slot bool) { w.slot = slot }

// Took is for Run to call when it has taken work, before it does it (W1). If a Resize has
// meanwhile made slots too many, it waits until the worker's is within the limit again.
func (w *Worker) Took() {
	w.Woke = false
	if w.searching || w.fresh {
		w.found()
	}
	if w.s.load().crowded() {
		w.s.Release()
		w.s.Acquire()
	}
}

func (w *Worker) found() {
	s := w.s
	if w.searching {
		for old := s.load(); !s.swap(old, old&^searching); old = s.load() {
		}
	}
	w.searching, w.fresh = false, false
	s.notifyIfReady()
}

func (s *Scheduler) notifyIfReady() {
	if s.work.Ready() {
		s.Notify()
	}
}

// start makes a worker that owns a slot already. first, if not nil, is what it does before
// it looks for work.
func (s *Scheduler) start(searching bool, first func(*Worker)) {
	s.mu.Lock()
	s.live++
	var w *Worker
	if n := len(s.free); n > 0 {
		w, s.free = s.free[n-1], s.free[:n-1]
	} else {
		w = &Worker{s: s, parker: newParker()}
	}
	s.mu.Unlock()
	w.slot, w.searching, w.fresh, w.first = true, searching, !searching && first == nil, first
	s.spawn(w)
}

func (s *Scheduler) spawn(w *Worker) {
	s.workers.Go(func() error {
		w.live()
		return nil
	})
}

// Run starts a worker that runs first in the caller's slot, which the caller no longer has.
func (s *Scheduler) Run(first func(*Worker)) { s.start(false, first) }

// live is the life of a worker's goroutine. When a task ends it with runtime.Goexit,
// another goroutine takes the worker over, slot and all. A panic that nobody has recovered
// is about to crash the process, and nothing is done about it.
func (w *Worker) live() {
	told := false // to exit
	defer func() {
		switch {
		case unwind.ByPanic():
		case told:
			w.s.leave(w)
		default:
			w.s.spawn(w)
		}
	}()
	defer func() {
		if !unwind.ByPanic() {
			w.s.work.Stopped(w)
		}
	}()
	w.s.work.Started(w)
	if first := w.first; first != nil {
		w.first = nil
		first(w)
	}
	w.loop()
	told = true
}

// loop runs work until the worker is told, or decides, to exit.
func (w *Worker) loop() {
	s := w.s
	for {
		old := s.load()
		if w.slot && old&returning == 0 && !old.crowded() {
			if s.work.Run(w) || w.search() {
				continue
			}
		}
		if !s.park(w) {
			return
		}
	}
}

// search looks at the queue for a while (W2), if that can pay and nobody else does it.
func (w *Worker) search() bool {
	s := w.s
	if !s.spin || w.Woke || !w.slot {
		return false
	}
	if !w.searching {
		old := s.load()
		if old&searching != 0 || !s.swap(old, old|searching) {
			return false
		}
		w.searching = true
	}
	for range spinRounds {
		if s.work.Ready() {
			return true
		}
	}
	return false
}

// park gives up the worker's slot and sleeps (W3 to W5). It returns false when the worker
// is to exit: because of the reaper, or Close, or because as many as can ever be needed
// are asleep already.
func (s *Scheduler) park(w *Worker) bool {
	s.work.Idle(w)
	s.mu.Lock()
	stay := false
	s.update(w.slot, func(old word) word {
		stay = old&closing == 0 && s.idle > 0 && old.parked() < old.limit()
		if w.searching {
			old &^= searching
		}
		if stay {
			old += oneParked
		}
		return old
	})
	if stay {
		s.stack = append(s.stack, w)
		w.epoch = s.epoch
		s.setReaper()
	}
	s.mu.Unlock()
	w.slot, w.searching, w.fresh, w.Woke = false, false, false, false
	s.notifyIfReady()
	if !stay || w.parker.wait() == exit {
		return false
	}
	w.slot, w.searching = true, true
	return true
}

// update changes the word by f. With slot, the caller's slot is given up in the same step:
// to the first returner if there is one, unless a Resize has made slots too many, else it
// becomes free. s.mu is held; f may be called more than once.
func (s *Scheduler) update(slot bool, f func(word) word) {
	for {
		old := s.load()
		next := f(old)
		heir := slot && old&returning != 0 && !old.crowded()
		switch {
		case heir && len(s.returners) == 1:
			next &^= returning
		case slot && !heir:
			next -= oneActive
		}
		if s.swap(old, next) {
			if heir {
				s.admit()
			}
			return
		}
	}
}

// admit tells the first returner that it has a slot. s.mu is held.
func (s *Scheduler) admit() {
	s.returners[0].wake(run)
	s.returners[0] = nil
	if s.returners = s.returners[1:]; len(s.returners) == 0 {
		s.returners = nil
	}
}

// leave counts out a worker, or a guest (nil), that has given up its slot.
func (s *Scheduler) leave(w *Worker) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live--
	if w != nil {
		s.free = append(s.free, w)
	}
	s.checkDown()
}
