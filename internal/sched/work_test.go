package sched_test

import (
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/internal/queue"
	"github.com/forebay-go/forebay/internal/sched"
)

// A job is a task of these tests. It gets the worker that runs it.
type job func(w *sched.Worker)

// A crew is a small pool: a queue of jobs, and a scheduler that it does the work for. It
// checks the limit at the start of every job, and checks everything else in done.
type crew struct {
	sched *sched.Scheduler
	queue *queue.Queue[job]

	// at, if set before the first submit, is called when a worker gets to a step. The worker
	// is nil at looked, which can be anybody's.
	at func(step, *sched.Worker)

	accepted, ran    atomic.Int64
	started, stopped atomic.Int64 // calls of Started and Stopped
	running          atomic.Int64 // jobs that run and have not lent their slot
	allowed          atomic.Int64 // how many may
	most             atomic.Int64 // running at its highest where it was more than allowed
}

// A step is a place in the protocol where a test can make something happen.
type step int

const (
	looked   step = iota // Ready has its answer and has not returned it
	popping              // Run is about to pop
	popped               // Run has popped and not yet said so
	idling               // the worker found nothing and is about to park
	starting             // Started was called
	stopping             // Stopped was called
)

func newCrew(limit int, idle time.Duration) *crew { return newCrewThat(false, limit, idle) }

// newCrewThat may say that Started takes long.
func newCrewThat(startsSlowly bool, limit int, idle time.Duration) *crew {
	c := &crew{queue: queue.NewUnbounded(64, func(job) bool { return false })}
	c.sched = sched.New(c, limit, idle, startsSlowly)
	c.allowed.Store(int64(limit))
	return c
}

func (c *crew) step(s step, w *sched.Worker) {
	if c.at != nil {
		c.at(s, w)
	}
}

func (c *crew) Ready() bool {
	ok := c.queue.Ready()
	c.step(looked, nil)
	return ok
}

func (c *crew) Run(w *sched.Worker) bool {
	c.step(popping, w)
	var j job
	if c.queue.Pop(&j) != queue.OK {
		return false
	}
	c.step(popped, w)
	w.Took()
	c.run(func() { j(w) })
	return true
}

func (c *crew) Started(w *sched.Worker) {
	c.started.Add(1)
	c.step(starting, w)
}

func (c *crew) Stopped(w *sched.Worker) {
	c.step(stopping, w)
	c.stopped.Add(1)
}

func (c *crew) Idle(w *sched.Worker) { c.step(idling, w) }
func (c *crew) Drained() bool        { return c.queue.Drained() }

// run counts what happens while fn has a slot, also if it ends the goroutine.
func (c *crew) run(fn func()) {
	c.enter()
	defer func() {
		c.running.Add(-1)
		c.ran.Add(1)
	}()
	fn()
}

// enter counts a job in. What is allowed is read first: read afterwards, it could have shrunk
// since the count, when another job has ended, and the limit has not been exceeded.
func (c *crew) enter() {
	allowed := c.allowed.Load()
	if n := c.running.Add(1); n > allowed {
		c.most.Store(n)
	}
}

// lend is for a job: it gives its slot up while wait runs.
func (c *crew) lend(wait func()) {
	c.running.Add(-1)
	c.sched.Release()
	wait()
	c.sched.Acquire()
	c.enter()
}

// publish is S1 alone.
func (c *crew) publish(j job) bool {
	if c.queue.Push(&j) != queue.OK {
		return false
	}
	c.accepted.Add(1)
	return true
}

// submit publishes and notifies. It reports whether the queue took j.
func (c *crew) submit(j job) bool {
	ok := c.publish(j)
	c.sched.Notify() // also if not: nobody can know
	return ok
}

// resize keeps allowed right: it grows before the limit does. After a shrink the caller
// stores it when fewer run.
func (c *crew) resize(limit int) {
	if int64(limit) > c.allowed.Load() {
		c.allowed.Store(int64(limit))
	}
	c.sched.Resize(limit)
}

// shut ends intake, as a pool does: the queue first.
func (c *crew) shut() {
	c.queue.Close()
	c.sched.Close()
}

// done closes the crew and checks what must hold of every crew then.
func (c *crew) done(t testing.TB) {
	t.Helper()
	c.shut()
	if t.Failed() {
		c.sched.Notify() // a wake-up that was lost must not hang the test that found it
	}
	c.sched.Join()
	if n, limit := c.most.Load(), c.allowed.Load(); n > 0 {
		t.Errorf("%d jobs ran at once, the limit was %d", n, limit)
	}
	if ran, accepted := c.ran.Load(), c.accepted.Load(); ran != accepted {
		t.Errorf("closed: %d jobs ran, %d were accepted", ran, accepted)
	}
	if got := c.sched.Counts(); got.Active != 0 || got.Parked != 0 {
		t.Errorf("closed: %+v, want nobody active or parked", got)
	}
	if got, want := c.sched.Flags(), sched.FlagClosing|sched.FlagDown; got != want {
		t.Errorf("closed: flags %#x, want closing and down, %#x", uint64(got), uint64(want))
	}
	if started, stopped := c.started.Load(), c.stopped.Load(); started != stopped {
		t.Errorf("closed: Started was called %d times, Stopped %d times", started, stopped)
	}
	if c.sched.StopTimer() {
		t.Error("closed: the reaper's timer is set")
	}
}

// counts waits until everybody in the bubble sleeps, and checks the scheduler's counts.
func (c *crew) counts(t *testing.T, when string, want sched.Counts) {
	t.Helper()
	synctest.Wait()
	if got := c.sched.Counts(); got != want {
		t.Errorf("%s: counts %+v, want %+v", when, got, want)
	}
}

// alive waits likewise, and checks how many workers there are: by the calls of Started
// and Stopped, and by the goroutines beside others, which were there before.
func (c *crew) alive(t *testing.T, when string, others, want int) {
	t.Helper()
	synctest.Wait()
	if got := int(c.started.Load() - c.stopped.Load()); got != want {
		t.Errorf("%s: %d workers between Started and Stopped, want %d", when, got, want)
	}
	if got := goroutines() - others; got != want {
		t.Errorf("%s: %d goroutines, want %d", when, got, want)
	}
}

// wantRunning waits likewise, and checks how many jobs run in a slot, and how many are queued.
func (c *crew) wantRunning(t *testing.T, when string, running, queued int) {
	t.Helper()
	synctest.Wait()
	if got := int(c.running.Load()); got != running {
		t.Errorf("%s: %d jobs run, want %d", when, got, running)
	}
	if got := c.queue.Len(); got != queued {
		t.Errorf("%s: %d jobs queued, want %d", when, got, queued)
	}
}

// goroutines is the number of goroutines in synctest bubbles, of which there is one.
func goroutines() int {
	buf := make([]byte, 1<<16)
	for {
		if n := runtime.Stack(buf, true); n < len(buf) {
			return strings.Count(string(buf[:n]), "synctest bubble")
		}
		buf = make([]byte, 2*len(buf))
	}
}

// held is a job that runs until release is closed.
func held(release <-chan struct{}) job { return func(*sched.Worker) { <-release } }
