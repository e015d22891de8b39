//go:build explore

package verify_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/forebay-go/forebay/internal/explore"
	"github.com/forebay-go/forebay/internal/sched"
)

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
