//go:build explore

package verify_test

import (
	"time"

	"github.com/forebay-go/forebay/internal/explore"
	"github.com/forebay-go/forebay/internal/queue"
	"github.com/forebay-go/forebay/internal/sched"
)

// A job is a task of a crew.
type job func(*sched.Worker)

// jobs is the queue of a crew: the real one, or one whose operations are a single step each, so
// that the schedules are the scheduler's.
type jobs interface {
	Push(*job) queue.Status
	Pop(*job) queue.Status
	Ready() bool
	Len() int
	Close()
	Drained() bool
}

type simple struct {
	*explore.Run
	list   []job
	closed bool
}

func (q *simple) Push(j *job) queue.Status {
	q.Point()
	if q.closed {
		return queue.Closed
	}
	q.list = append(q.list, *j)
	q.Notef("pushed: %d queued", len(q.list))
	return queue.OK
}

func (q *simple) Pop(j *job) queue.Status {
	q.Point()
	if len(q.list) == 0 {
		q.Notef("nothing to pop")
		return queue.Empty
	}
	*j, q.list = q.list[0], q.list[1:]
	q.Notef("popped: %d queued", len(q.list))
	return queue.OK
}

func (q *simple) Ready() bool {
	q.Point()
	q.Notef("ready: %t", len(q.list) > 0)
	return len(q.list) > 0
}

func (q *simple) Len() int { return len(q.list) }

func (q *simple) Close() {
	q.Point()
	q.closed = true
	q.Notef("queue closed")
}

func (q *simple) Drained() bool {
	q.Point()
	return q.closed && len(q.list) == 0
}

// A crew is the smallest pool there can be: jobs, and a scheduler for them. It has the shape of
// the crew in the tests of package sched. Fields are changed between operations only.
type crew struct {
	x     *explore.Run
	sched *sched.Scheduler
	queue jobs

	accepted, ran, refused int
	started, stopped       int
	running, limit         int // jobs in a slot, and how many may be
	open                   bool
}

// A form is what crews differ in.
type form struct {
	limit int
	spin  bool
	slow  bool
	idle  time.Duration
	ring  int // capacity of a real ring; 0: a simple queue
}

func newCrew(r *explore.Run, f form) *crew {
	c := &crew{x: r, limit: f.limit, queue: &simple{Run: r}}
	if f.ring > 0 {
		c.queue = queue.NewUnbounded(f.ring, func(job) bool { return false })
	}
	c.sched = sched.New(c, f.limit, f.idle, f.slow)
	return c
}

func (c *crew) Ready() bool           { return c.queue.Ready() }
func (c *crew) Drained() bool         { return c.queue.Drained() }
func (*crew) Idle(*sched.Worker)      {}
func (c *crew) Started(*sched.Worker) { c.started++ }
func (c *crew) Stopped(*sched.Worker) { c.stopped++ }

// Run takes a job and runs it.
func (c *crew) Run(w *sched.Worker) bool {
	var j job
	if c.queue.Pop(&j) != queue.OK {
		return false
	}
	w.Took()
	c.enter()
	defer func() {
		c.leave()
		c.ran++
	}()
	j(w)
	return true
}

// enter counts a job in that goes on now, in a slot.
func (c *crew) enter() {
	c.x.Point()
	if c.running++; c.running > c.limit {
		c.x.Failf("%d jobs run, the limit is %d", c.running, c.limit)
	}
	c.x.Notef("%d running", c.running)
}

func (c *crew) leave() {
	c.x.Point()
	c.running--
	c.x.Notef("%d running", c.running)
}

// submit is S1 to S4.
func (c *crew) submit(j job) {
	if c.publish(j) {
		c.sched.Notify()
	}
}

// publish is S1.
func (c *crew) publish(j job) bool {
	if c.queue.Push(&j) != queue.OK {
		c.refused++
		return false
	}
	c.accepted++
	return true
}

// lend is for a job: it gives the slot up while wait runs.
func (c *crew) lend(wait func()) {
	c.leave()
	c.sched.Release()
	wait()
	c.sched.Acquire()
	c.enter()
}

// resize keeps c.limit right: at no time below the scheduler's, unless nothing was started since.
func (c *crew) resize(limit int) {
	c.x.Point()
	c.limit = max(c.limit, limit)
	c.sched.Resize(limit)
}

// short is a job that takes no time.
func (*crew) short(*sched.Worker) {}

// held is a job that runs until c.release.
func (c *crew) held(*sched.Worker) { c.x.Await("the release", func() bool { return c.open }) }

func (c *crew) release() {
	c.open = true
	c.x.Point()
}

// quiet waits until everybody sleeps; then no slot may be free while work is queued.
func (c *crew) quiet(scene string) {
	c.x.Quiet()
	n, got := c.queue.Len(), c.sched.Counts()
	if n > 0 && got.Active < got.Limit {
		c.x.Failf("%s: %d jobs are queued and nobody looks: %+v", scene, n, got)
	}
	if got.Active != c.running {
		c.x.Failf("%s: %d jobs run, %+v", scene, c.running, got)
	}
}

func (c *crew) shut() {
	c.queue.Close()
	c.sched.Close()
}

// done closes the crew, and checks what must hold of every one then.
func (c *crew) done() {
	c.open = true
	c.x.Wait()
	c.quiet("before the end")
	c.shut()
	c.join()
}

func (c *crew) join() {
	c.x.Await("down", func() bool { return closed(c.sched.Down()) })
	c.sched.Join()
	if c.ran != c.accepted || c.queue.Len() > 0 {
		c.x.Failf("down: %d jobs accepted, %d ran, %d queued", c.accepted, c.ran, c.queue.Len())
	}
	if got := c.sched.Counts(); got.Active != 0 || got.Parked != 0 {
		c.x.Failf("down: %+v", got)
	}
	if c.running != 0 || c.started != c.stopped || c.x.Timers() != 0 {
		c.x.Failf("down: %d running, Started %d times, Stopped %d times, %d timers", c.running, c.started, c.stopped, c.x.Timers())
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
