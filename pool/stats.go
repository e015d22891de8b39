package pool

import "github.com/forebay-go/forebay/internal/promise"

// Stats is a snapshot of a pool. It is exact when the pool is quiet: then
//
//	Accepted == Succeeded + Failed + Panicked + Canceled + Dropped
//
// While tasks run, the numbers are taken one after the other. A task that was cancelled in
// the queue, or run by its awaiter, counts as queued until a worker has passed its entry;
// and a busy worker may be up to 63 behind with tasks submitted by Go.
type Stats struct {
	Name      string
	Limit     int    // tasks that may run at once
	Running   int    // task functions running
	Lent      int    // of them, parked in Await or Block: their slots are lent
	Idle      int    // workers parked
	Queued    int    // tasks waiting for a worker, or held at the limit of their group or pool
	QueueCap  int    // how many may wait; 0: any number
	Accepted  uint64 // tasks ever accepted
	Succeeded uint64 // returned without an error
	Failed    uint64 // returned an error, or called runtime.Goexit
	Panicked  uint64
	Canceled  uint64 // accepted, but cancelled before they ran
	Dropped   uint64 // made room for a newer task
	Rejected  uint64 // submits refused
}

// Stats returns a snapshot. It adds up counters that each worker keeps for itself, so that
// running tasks pay nothing for it.
func (p *Pool[T, R]) Stats() Stats { return p.engine.stats() }

func (e *engine) stats() Stats {
	var n tallied
	n.sum(&e.outside)
	if e.view == nil {
		e.mu.Lock()
		for _, l := range e.locals {
			n.sum(&l.ended)
		}
		e.mu.Unlock()
	}
	s := Stats{
		Name:      e.name,
		Limit:     e.limit(),
		Lent:      int(e.home.Lent.Load()),
		QueueCap:  e.line.capacity(),
		Succeeded: n[promise.Succeeded],
		Failed:    n[promise.Failed],
		Panicked:  n[promise.Panicked],
		Canceled:  n[promise.Canceled],
		Dropped:   n[promise.Dropped],
		Rejected:  e.rejected.Load(),
	}
	ended := s.ended()
	if e.view != nil {
		s.Running = max(0, int(e.view.running.Load()))
		s.Accepted = e.accepted.Load()
		s.Queued = max(0, int(s.Accepted-ended)-s.Running)
		return s
	}
	// In this order, so that what is accepted and neither ended nor queued is at least what
	// runs; the scheduler's count is at most that, give or take who is just between.
	s.Queued = max(0, e.line.len()-int(e.viewsQueued.Load())) + int(e.held.Load())
	// Views count their pushes in before and, if they fail, out after.
	s.Accepted = uint64(max(0, int64(e.line.pushed()-e.viewsPushed.Load()+e.accepted.Load())))
	workers := e.sched.Counts()
	s.Idle = workers.Parked
	s.Running = max(0, min(int(s.Accepted-ended)-s.Queued, workers.Active+s.Lent+int(e.callers.Load())))
	return s
}

// countHeld counts accepted tasks at the limit of their group. A view has no need of that: what is
// accepted and neither ends nor runs is queued or held.
func (e *engine) countHeld(n int64) {
	if e.view == nil {
		e.held.Add(n)
	}
}

// ended is the number of accepted tasks that have ended.
func (s *Stats) ended() uint64 {
	return s.Succeeded + s.Failed + s.Panicked + s.Canceled + s.Dropped
}

// tallied is a sum of tallies.
type tallied [promise.Dropped + 1]uint64

func (n *tallied) sum(t *tally) {
	for i := range t {
		n[i] += t[i].Load()
	}
}
