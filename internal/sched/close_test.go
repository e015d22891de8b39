package sched_test

import (
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/internal/queue"
	"github.com/forebay-go/forebay/internal/sched"
)

// down reports whether the scheduler is down, when everybody sleeps.
func (c *crew) down() bool {
	synctest.Wait()
	select {
	case <-c.sched.Down():
		return true
	default:
		return false
	}
}

func TestSched_CloseOfAnUnusedScheduler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(4, time.Second)
		c.shut()
		if !c.down() {
			t.Error("nothing was ever started, and it is not down after Close")
		}
		c.done(t)
		c.alive(t, "closed", others, 0)
	})
}

func TestSched_CloseSendsSleepersHome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(4, time.Second)
		parkInTurn(c, 3, time.Second/4)
		c.shut()
		c.alive(t, "closed", others, 0)
		if !c.down() {
			t.Error("all workers are gone, and it is not down")
		}
		c.done(t)
	})
}

func TestL1_CloseRunsWhatIsQueued(t *testing.T) {
	for _, limit := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			others := goroutines()
			c := newCrew(limit, time.Second)
			release := make(chan struct{})
			for range 100 { // more than the ring holds
				c.submit(held(release))
			}
			synctest.Wait()
			c.shut()
			if c.submit(held(release)) {
				t.Error("a job was accepted after Close")
			}
			if c.down() {
				t.Error("jobs are queued, and it is down")
			}
			close(release)
			if !c.down() {
				t.Error("all jobs have run, and it is not down")
			}
			c.done(t)
			if n := c.ran.Load(); n != 100 {
				t.Errorf("%d jobs ran, want 100", n)
			}
			c.alive(t, "closed", others, 0)
		})
	}
}

func TestSched_CloseTwiceAndJoinByMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(2, time.Second)
		release := holdMany(c, 2)
		var joined sync.WaitGroup
		for range 5 {
			joined.Go(func() {
				c.shut()
				c.sched.Join()
			})
		}
		synctest.Wait()
		closeAll(release...)
		joined.Wait()
		c.shut()
		c.sched.Join()
		c.done(t)
	})
}

// A submitter may be as late as it likes with its Notify: after the end it starts nothing.
func TestField03_LateNotifyStartsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(1, time.Second)
		ran := false
		c.publish(func(*sched.Worker) { ran = true }) // its Notify comes at the end of the test
		c.submit(func(*sched.Worker) {})              // whose worker does both
		c.done(t)
		if !ran {
			t.Error("the scheduler is down, and a published job has not run")
		}
		c.sched.Notify()
		c.sched.Resize(2) // looks at the queue too
		c.alive(t, "after the end", others, 0)
		if n := c.started.Load(); n != 1 {
			t.Errorf("%d workers were started, want 1", n)
		}
	})
}

// Close comes between a publish and its Notify, and nobody else is there: the job was
// accepted, so it must run, and the scheduler is not down before.
func TestField03_CloseBetweenPublishAndNotify(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(2, time.Second)
		c.publish(func(*sched.Worker) {})
		c.shut()
		if c.down() {
			t.Fatal("a job is queued, and it is down")
		}
		c.sched.Notify()
		if !c.down() {
			t.Error("the job has run, and it is not down")
		}
		c.done(t)
	})
}

// What a worker keeps is released by Stopped, so that comes before the end.
func TestSched_StoppedComesBeforeDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(2, time.Second)
		release := make(chan struct{})
		c.at = func(s step, _ *sched.Worker) {
			if s == stopping {
				<-release
			}
		}
		c.submit(func(*sched.Worker) {})
		synctest.Wait()
		c.shut()
		if c.down() {
			t.Error("Stopped has not returned, and it is down")
		}
		close(release)
		if !c.down() {
			t.Error("Stopped has returned, and it is not down")
		}
		c.done(t)
	})
}

// After Join no worker's goroutine is there any more, not even on its last instructions. One
// that Goexit ends keeps its stack while it does what is deferred, so those of other tests
// may still show up after their Join: they are waited for.
func TestL13_JoinWaitsForTheGoroutines(t *testing.T) {
	dog := watch(t)
	buf := make([]byte, 1<<20)
	stacks := func() string { return string(buf[:runtime.Stack(buf, true)]) }
	for n := 0; strings.Contains(stacks(), "runtime.Goexit("); n++ {
		if runtime.Gosched(); n == 1e5 {
			t.Fatalf("a goroutine does not come to its end:\n%s", stacks())
		}
	}
	for round := range scaled(200) {
		c := dog.on(newCrew(2, 0))
		for range 2 {
			c.submit(func(*sched.Worker) { runtime.Gosched() })
		}
		c.shut()
		c.sched.Join()
		if all := stacks(); strings.Contains(all, "sched.(*Worker)") {
			t.Fatalf("round %d: a worker is left after Join:\n%s", round, all)
		}
		c.done(t)
	}
}

// A slot in use holds the end back, whoever has it: here a goroutine that is no worker's.
func TestSched_SlotHoldsDownBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(1, time.Second)
		c.sched.Acquire()
		c.shut()
		c.alive(t, "closed", others, 0)
		if c.down() {
			t.Error("a slot is in use, and it is down")
		}
		c.sched.Release()
		if !c.down() {
			t.Error("no slot is in use, and it is not down")
		}
		c.done(t)
	})
}

// A guest takes work out of the queue, as a submitter does that drops the oldest job.
func TestSched_GuestHoldsDownBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(1, time.Second)
		if !c.sched.Enter() {
			t.Fatal("Enter says that the scheduler is closed")
		}
		c.publish(func(*sched.Worker) {})
		c.shut()
		if c.sched.Enter() {
			t.Error("Enter after Close")
		}
		var j job
		if st := c.queue.Pop(&j); st != queue.OK {
			t.Fatalf("Pop says %v", st)
		}
		if c.down() {
			t.Error("a guest is there, and it is down")
		}
		c.run(func() { j(nil) })
		c.sched.Leave()
		if !c.down() {
			t.Error("the guest has left, and it is not down")
		}
		if c.sched.Enter() {
			t.Error("Enter after the end")
		}
		c.done(t)
	})
}

// A worker hands what it has popped to somebody else, who is done with it later.
func TestSched_HoldOutlivesTheWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(1, time.Second)
		c.submit(func(*sched.Worker) { c.sched.Hold() })
		synctest.Wait()
		c.shut()
		c.alive(t, "closed", others, 0)
		if c.down() {
			t.Error("what the worker has handed over is not done, and it is down")
		}
		c.sched.Leave()
		if !c.down() {
			t.Error("all is done, and it is not down")
		}
		c.done(t)
	})
}

// Tasks that wait without a slot hold it back by their goroutine, and can still return.
func TestSched_CloseWithLentSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(1, time.Second)
		back := make(chan struct{})
		for range 3 {
			c.submit(func(*sched.Worker) { c.lend(func() { <-back }) })
		}
		synctest.Wait()
		c.shut()
		if c.down() {
			t.Error("three jobs wait, and it is down")
		}
		close(back)
		if !c.down() {
			t.Error("all jobs are done, and it is not down")
		}
		c.done(t)
	})
}

// The reaper's timer goes off after Close, while a worker that was reserved before is still
// to be woken: it must not set itself again.
func TestL13_ReaperAfterCloseSetsNoTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(1, time.Second)
		parkInTurn(c, 1, 0)
		c.publish(func(*sched.Worker) {})
		if !c.sched.Reserve() {
			t.Fatal("one is parked, and it cannot be reserved")
		}
		c.shut()
		c.sched.Reap() // it was due when Close stopped the timer
		if c.sched.StopTimer() {
			t.Error("the timer was set after Close")
		}
		c.sched.WakeReserved()
		c.done(t)
	})
}

// Submitters against Close: what was accepted runs, and nothing else; Join returns, and no
// goroutine is left, which is for goleak to see.
func TestField03_CloseMeetsSubmitters(t *testing.T) {
	rng, dog := seeded(t), watch(t)
	for round := range scaled(1000) {
		c := dog.on(newCrew(1+rng.IntN(3), time.Duration(rng.IntN(2))*time.Second))
		var wg sync.WaitGroup
		gate := make(chan struct{})
		for range 3 {
			n := 1 + rng.IntN(4)
			wg.Go(func() {
				<-gate
				for range n {
					c.submit(func(*sched.Worker) {})
				}
			})
		}
		wg.Go(func() {
			<-gate
			c.shut()
		})
		close(gate)
		c.sched.Join() // beside the submitters
		started := c.started.Load()
		wg.Wait()
		if c.done(t); t.Failed() {
			return
		}
		if n := c.started.Load(); n != started {
			t.Fatalf("round %d: a worker was started after Join had returned", round)
		}
	}
}
