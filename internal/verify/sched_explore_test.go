//go:build explore

package verify_test

import (
	"runtime"
	"testing"
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

// Whatever submitters, workers, the reaper, Resize, Close and tasks that lend their slots do at
// once: all work is done, nobody sleeps while there is work and a free slot, no more jobs run
// than the limit allows, and in the end everybody has gone and every count is back.
func TestSched(t *testing.T) {
	const idle = time.Second
	for _, tt := range []struct {
		name        string
		form        form
		preemptions int
		do          func(c *crew)
	}{
		{"submits", form{limit: 2, idle: idle}, 3, func(c *crew) {
			c.x.Go("submitter", func() { c.submit(c.short) })
			c.x.Go("submitter", func() { c.submit(c.short) })
		}},
		{"one slot", form{limit: 1, idle: idle}, 3, func(c *crew) {
			c.x.Go("submitter", func() { c.submit(c.short) })
			c.x.Go("submitter", func() { c.submit(c.short); c.submit(c.short) })
		}},
		{"one slot, spinning", form{limit: 1, spin: true, idle: idle}, 3, func(c *crew) {
			c.x.Go("submitter", func() { c.submit(c.short) })
			c.x.Go("submitter", func() { c.submit(c.short) })
		}},
		{"held jobs", form{limit: 2, idle: idle}, 3, func(c *crew) {
			c.x.Go("submitter", func() { c.submit(c.held) })
			c.x.Go("submitter", func() { c.submit(c.held) })
			c.quiet("held")
		}},
		{"held jobs, spinning", form{limit: 2, spin: true, idle: idle}, 3, func(c *crew) {
			c.x.Go("submitter", func() { c.submit(c.short); c.submit(c.held) })
			c.x.Go("submitter", func() { c.submit(c.held) })
			c.quiet("held")
		}},
		{"held jobs, slow start", form{limit: 2, slow: true, idle: idle}, 2, func(c *crew) {
			c.x.Go("submitter", func() { c.submit(c.held) })
			c.x.Go("submitter", func() { c.submit(c.short); c.submit(c.held) })
			c.quiet("held")
		}},
		{"woken", form{limit: 2, idle: idle}, 2, func(c *crew) {
			c.submit(c.held)
			c.submit(c.held)
			c.quiet("held")
			c.release()
			c.quiet("asleep")
			c.open = false
			c.x.Go("submitter", func() { c.submit(c.held) })
			c.x.Go("submitter", func() { c.submit(c.held) })
			c.quiet("held again")
		}},
		{"woken while falling asleep", form{limit: 2, idle: idle}, 3, func(c *crew) {
			c.submit(c.short)
			c.x.Go("submitter", func() { c.submit(c.short); c.submit(c.held) })
		}},
		{"retiring", form{limit: 1, idle: idle}, 3, func(c *crew) {
			c.submit(c.short)
			c.quiet("asleep")
			c.x.Go("submitter", func() { c.submit(c.short) })
			c.quiet("asleep again")
			c.submit(c.short)
		}},
		{"two retiring", form{limit: 2, idle: idle}, 2, func(c *crew) {
			c.submit(c.held)
			c.submit(c.held)
			c.quiet("held")
			c.release()
			c.quiet("asleep")
			c.x.Go("submitter", func() { c.submit(c.short) })
			c.x.Go("submitter", func() { c.submit(c.short) })
		}},
		{"no idle time", form{limit: 2}, 3, func(c *crew) {
			c.x.Go("submitter", func() { c.submit(c.short) })
			c.x.Go("submitter", func() { c.submit(c.short) })
		}},
		{"a burst", form{limit: 3, idle: idle}, 2, func(c *crew) {
			c.x.Go("submitter", func() {
				for range 3 {
					c.publish(c.held)
				}
				c.sched.Notify()
			})
			c.quiet("held")
		}},
		{"a burst, slow start", form{limit: 3, slow: true, idle: idle}, 2, func(c *crew) {
			c.x.Go("submitter", func() {
				for range 3 {
					c.publish(c.held)
				}
				c.sched.Notify()
			})
			c.quiet("held")
		}},
		{"a burst, spinning", form{limit: 2, spin: true, idle: idle}, 2, func(c *crew) {
			c.submit(c.short)
			c.x.Go("submitter", func() {
				c.publish(c.held)
				c.publish(c.held)
				c.sched.Notify()
			})
			c.quiet("held")
		}},
		{"growing", form{limit: 1, idle: idle}, 3, func(c *crew) {
			c.submit(c.held)
			c.x.Go("submitter", func() { c.submit(c.held) })
			c.x.Go("resizer", func() { c.resize(2) })
			c.quiet("grown")
		}},
		{"shrinking", form{limit: 2, idle: idle}, 2, func(c *crew) {
			c.submit(c.short)
			c.x.Go("submitter", func() { c.submit(c.short) })
			c.x.Go("submitter", func() { c.submit(c.short) })
			c.x.Go("resizer", func() { c.resize(1) })
		}},
		{"shrunk", form{limit: 2, idle: idle}, 2, func(c *crew) {
			c.submit(c.held)
			c.submit(c.held)
			c.quiet("held")
			c.resize(1)
			c.limit = 1 // for those that start from now on
			c.x.Go("release", c.release)
			c.x.Go("submitter", func() { c.submit(c.short); c.submit(c.short) })
			c.quiet("released")
		}},
		{"down and up", form{limit: 2, idle: idle}, 2, func(c *crew) {
			c.x.Go("submitter", func() { c.submit(c.held); c.submit(c.held) })
			c.x.Go("resizer", func() { c.resize(1); c.resize(3) })
			c.quiet("held")
		}},
		{"lending", form{limit: 1, idle: idle}, 2, func(c *crew) {
			done := false
			c.submit(func(*sched.Worker) {
				c.lend(func() { c.x.Await("the other", func() bool { return done }) })
			})
			c.x.Go("submitter", func() { c.submit(func(*sched.Worker) { done = true }) })
			c.x.Go("submitter", func() { c.submit(c.short) })
		}},
		{"two lending", form{limit: 1, idle: idle}, 2, func(c *crew) {
			c.x.Go("submitter", func() { c.submit(func(*sched.Worker) { c.lend(c.x.Point) }) })
			c.x.Go("submitter", func() { c.submit(func(*sched.Worker) { c.lend(c.x.Point) }) })
		}},
		{"lent to a held job", form{limit: 1, idle: idle}, 3, func(c *crew) {
			c.submit(func(*sched.Worker) { c.lend(func() { c.held(nil) }) })
			c.x.Go("submitter", func() { c.submit(c.held) })
			c.quiet("lent")
			c.x.Go("release", c.release)
		}},
		{"lending and growing", form{limit: 1, idle: idle}, 2, func(c *crew) {
			c.submit(func(*sched.Worker) { c.lend(c.x.Point) })
			c.x.Go("submitter", func() { c.submit(c.short) })
			c.x.Go("resizer", func() { c.resize(2) })
		}},
		{"lending and shrinking", form{limit: 2, idle: idle}, 2, func(c *crew) {
			c.submit(func(*sched.Worker) { c.lend(c.x.Point) })
			c.x.Go("submitter", func() { c.submit(c.short) })
			c.x.Go("resizer", func() { c.resize(1) })
		}},
		{"a slot passed on", form{limit: 1, idle: idle}, 2, func(c *crew) {
			c.submit(func(w *sched.Worker) {
				c.leave()
				c.sched.Run(func(*sched.Worker) {
					c.enter()
					c.leave()
				})
				c.sched.Acquire()
				c.enter()
			})
			c.x.Go("submitter", func() { c.submit(c.short) })
		}},
		{"a job that ends its goroutine", form{limit: 1, idle: idle}, 2, func(c *crew) {
			c.x.Go("submitter", func() { c.submit(func(*sched.Worker) { runtime.Goexit() }) })
			c.x.Go("submitter", func() { c.submit(c.short) })
		}},
		{"two that end theirs", form{limit: 2, slow: true, idle: idle}, 2, func(c *crew) {
			c.x.Go("submitter", func() { c.submit(func(*sched.Worker) { runtime.Goexit() }) })
			c.x.Go("submitter", func() { c.submit(func(*sched.Worker) { runtime.Goexit() }) })
		}},
		{"a real ring", form{limit: 2, idle: idle, ring: 2}, 2, func(c *crew) {
			c.x.Go("submitter", func() { c.submit(c.held) })
			c.x.Go("submitter", func() { c.submit(c.held) })
			c.quiet("held")
		}},
		{"a real ring, and busy workers", form{limit: 2, idle: idle, ring: 2}, 2, func(c *crew) {
			c.submit(c.held)
			c.submit(c.held)
			c.quiet("held")
			c.release()
			last := false
			until := func(*sched.Worker) { c.x.Await("the last release", func() bool { return last }) }
			c.x.Go("submitter", func() { c.submit(until); c.submit(until) })
			c.quiet("held again")
			last = true
		}},
		{"a real ring, spinning", form{limit: 2, spin: true, idle: idle, ring: 2}, 2, func(c *crew) {
			c.submit(c.short)
			c.x.Go("submitter", func() { c.submit(c.held) })
			c.x.Go("submitter", func() { c.submit(c.held) })
			c.quiet("held")
		}},
		{"a real ring that overflows", form{limit: 2, idle: idle, ring: 1}, 2, func(c *crew) {
			c.x.Go("submitter", func() { c.submit(c.short); c.submit(c.held) })
			c.x.Go("submitter", func() { c.submit(c.held) })
			c.quiet("held")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			processors(t, tt.form.spin)
			explored(t, explore.Options{Preemptions: tt.preemptions, Merge: true}, func(r *explore.Run) {
				c := newCrew(r, tt.form)
				tt.do(c)
				c.done()
			})
		})
	}
}

// Close ends it when everything accepted has run, whoever else is about, and not before.
func TestSchedClose(t *testing.T) {
	for _, tt := range []struct {
		name        string
		form        form
		preemptions int
		do          func(c *crew)
	}{
		{"submits", form{limit: 2, idle: time.Second}, 2, func(c *crew) {
			c.x.Go("submitter", func() { c.submit(c.short) })
			c.x.Go("submitter", func() { c.submit(c.short) })
		}},
		{"one slot", form{limit: 1, idle: time.Second}, 3, func(c *crew) {
			c.x.Go("submitter", func() { c.submit(c.short) })
		}},
		{"asleep", form{limit: 2, idle: time.Second}, 3, func(c *crew) {
			c.submit(c.short)
			c.x.Quiet()
			c.x.Go("submitter", func() { c.submit(c.short) })
		}},
		{"unused", form{limit: 1, idle: time.Second}, 3, func(c *crew) {}},
		{"resize", form{limit: 2, idle: time.Second}, 2, func(c *crew) {
			c.submit(c.short)
			c.x.Go("submitter", func() { c.submit(c.short) })
			c.x.Go("resizer", func() { c.resize(1) })
		}},
		{"lending", form{limit: 1, idle: time.Second}, 2, func(c *crew) {
			c.submit(func(*sched.Worker) { c.lend(c.x.Point) })
			c.x.Go("submitter", func() { c.submit(c.short) })
		}},
		{"a guest", form{limit: 1, idle: time.Second}, 3, func(c *crew) {
			c.x.Go("guest", func() {
				if !c.sched.Enter() {
					return
				}
				c.x.Point()
				if closed(c.sched.Down()) {
					c.x.Failf("down, with a guest")
				}
				c.sched.Leave()
			})
			c.x.Go("submitter", func() { c.submit(c.short) })
		}},
		{"unfinished work handed on", form{limit: 1, idle: time.Second}, 2, func(c *crew) {
			handed := false
			c.submit(func(*sched.Worker) {
				c.sched.Hold()
				handed = true
			})
			c.x.Go("heir", func() {
				c.x.Await("the work", func() bool { return handed })
				c.x.Point()
				if closed(c.sched.Down()) {
					c.x.Failf("down, with work in hand")
				}
				c.sched.Leave()
			})
		}},
		{"a job that ends its goroutine", form{limit: 1, idle: time.Second}, 2, func(c *crew) {
			c.x.Go("submitter", func() { c.submit(func(*sched.Worker) { runtime.Goexit() }) })
		}},
		{"a real ring", form{limit: 2, idle: time.Second, ring: 2}, 2, func(c *crew) {
			c.x.Go("submitter", func() { c.submit(c.short) })
			c.x.Go("submitter", func() { c.submit(c.short) })
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			processors(t, tt.form.spin)
			explored(t, explore.Options{Preemptions: tt.preemptions}, func(r *explore.Run) {
				c := newCrew(r, tt.form)
				tt.do(c)
				c.x.Go("closer", c.shut)
				c.join()
				c.x.Wait()
				if c.accepted != c.ran {
					r.Failf("%d accepted, %d ran", c.accepted, c.ran)
				}
			})
		})
	}
}

// processors makes schedulers think that spinning pays, or that it does not. There is one thread
// of execution at any time in either case.
func processors(t *testing.T, spin bool) {
	n := 1
	if spin {
		n = 2
	}
	old := runtime.GOMAXPROCS(n)
	t.Cleanup(func() { runtime.GOMAXPROCS(old) })
}
