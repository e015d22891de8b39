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
	Queued    int    // tasks waiting for a worker
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
func (p *Pool[T, R]) Stats() Stats {
	e := &p.engine
	var n [promise.Dropped + 1]uint64
	sum := func(t *tally) {
		for i := range t {
			n[i] += t[i].Load()
		}
	}
	sum(&e.outside)
	e.mu.Lock()
	for _, l := range e.locals {
		sum(&l.ended)
	}
	e.mu.Unlock()
	var ended uint64
	for _, k := range n {
		ended += k
	}

	// In this order, so that what is accepted and neither ended nor queued is at least what
	// runs; the scheduler's count is at most that, give or take who is just between.
	queued := p.queue.Len()
	accepted := p.queue.Pushed() + e.accepted.Load()
	workers := e.sched.Counts()
	lent := int(e.home.Lent.Load())
	running := max(0, min(int(accepted-ended)-queued, workers.Active+lent+int(e.callers.Load())))

	return Stats{
		Name:      e.name,
		Limit:     workers.Limit,
		Running:   running,
		Lent:      lent,
		Idle:      workers.Parked,
		Queued:    queued,
		QueueCap:  p.queue.Cap(),
		Accepted:  accepted,
		Succeeded: n[promise.Succeeded],
		Failed:    n[promise.Failed],
		Panicked:  n[promise.Panicked],
		Canceled:  n[promise.Canceled],
		Dropped:   n[promise.Dropped],
		Rejected:  e.rejected.Load(),
	}
}
