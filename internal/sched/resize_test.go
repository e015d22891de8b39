package sched_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/internal/sched"
)

// holdMany submits n jobs, one after the other, and returns what ends each.
func holdMany(c *crew, n int) []chan struct{} {
	release := make([]chan struct{}, n)
	for i := range release {
		release[i] = make(chan struct{})
		c.submit(held(release[i]))
		synctest.Wait()
	}
	return release
}

func closeAll(cs ...chan struct{}) {
	for _, c := range cs {
		close(c)
	}
}

func TestSched_ResizeUpRunsWhatIsQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(1, time.Second)
		defer c.done(t)
		release := holdMany(c, 6)
		c.wantRunning(t, "limit 1", 1, 5)
		c.resize(2)
		c.wantRunning(t, "limit 2", 2, 4)
		c.resize(5)
		c.wantRunning(t, "limit 5", 5, 1)
		c.alive(t, "limit 5", others, 5)
		closeAll(release...)
	})
}

func TestSched_ResizeUpWithNothingQueuedStartsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(1, time.Second)
		defer c.done(t)
		release := holdMany(c, 1)
		c.resize(4)
		c.alive(t, "grown", others, 1)
		c.counts(t, "grown", sched.Counts{Limit: 4, Active: 1})
		closeAll(release...)
	})
}

// Shrinking stops no job, and no new one starts until fewer run than the limit.
func TestL3_ResizeDownWaitsUntilBelow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(3, time.Second)
		defer c.done(t)
		release := holdMany(c, 6)
		c.sched.Resize(2)
		c.wantRunning(t, "limit 2", 3, 3)
		close(release[0])
		c.wantRunning(t, "limit 2, one done", 2, 3)
		c.sched.Resize(1)
		close(release[1])
		c.wantRunning(t, "limit 1, two done", 1, 3)
		close(release[2])
		c.wantRunning(t, "limit 1, three done", 1, 2)
		c.allowed.Store(1)
		closeAll(release[3:]...)
	})
}

// What is parked beyond the new limit can never be needed. Those idle longest go.
func TestSched_ResizeDownDismissesParked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(4, time.Second)
		defer c.done(t)
		workers := parkInTurn(c, 4, 0)
		c.sched.Resize(2)
		c.alive(t, "limit 2", others, 2)
		c.counts(t, "limit 2", sched.Counts{Limit: 2, Parked: 2})
		release := make(chan struct{})
		for _, want := range []int{3, 2} {
			got := -1
			c.submit(func(w *sched.Worker) {
				got = name(workers, w)
				<-release
			})
			synctest.Wait()
			if got != want {
				t.Errorf("worker %d is left, want worker %d: the others were idle longer", got, want)
			}
		}
		close(release)
		c.counts(t, "done", sched.Counts{Limit: 2, Parked: 2})
	})
}

// Workers that end their job above the limit do not all stay: a limit's worth may park.
func TestSched_NoMoreParkThanTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(4, time.Second)
		defer c.done(t)
		release := holdMany(c, 4)
		c.sched.Resize(1)
		closeAll(release...)
		c.alive(t, "limit 1, all done", others, 1)
		c.counts(t, "limit 1, all done", sched.Counts{Limit: 1, Parked: 1})
	})
}

// New slots go to those that wait for theirs before they go to queued work.
func TestSched_ResizeUpAdmitsReturnersFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(1, time.Second)
		defer c.done(t)
		var back, release [2]chan struct{}
		returned := 0
		for i := range back {
			back[i], release[i] = make(chan struct{}), make(chan struct{})
			c.submit(func(*sched.Worker) {
				c.lend(func() { <-back[i] })
				returned++
				<-release[i]
			})
		}
		queued := holdMany(c, 3)
		closeAll(back[:]...)
		c.wantRunning(t, "limit 1, two want their slot", 1, 2)
		if n := c.sched.Returners(); n != 2 {
			t.Errorf("%d wait for their slot, want 2", n)
		}
		c.resize(2)
		c.wantRunning(t, "limit 2", 2, 2)
		if returned != 1 {
			t.Errorf("limit 2: %d are back, want 1", returned)
		}
		if c.sched.Flags()&sched.FlagReturning == 0 {
			t.Errorf("limit 2: one still wants its slot, and the bit is not set")
		}
		c.resize(4)
		c.wantRunning(t, "limit 4", 4, 1)
		if returned != 2 {
			t.Errorf("limit 4: %d are back, want 2", returned)
		}
		if c.sched.Flags()&sched.FlagReturning != 0 {
			t.Errorf("limit 4: all are back, and the bit is set")
		}
		closeAll(release[:]...)
		closeAll(queued...)
	})
}

// They do not need anybody to come by: nothing is queued, and nobody ends.
func TestSched_ResizeUpAdmitsWithNothingQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(1, time.Second)
		defer c.done(t)
		back, end := make(chan struct{}), make(chan struct{})
		for range 2 {
			c.submit(func(*sched.Worker) {
				c.lend(func() { <-back })
				<-end
			})
		}
		release := holdMany(c, 1)
		close(back)
		c.wantRunning(t, "limit 1, two want their slot", 1, 0)
		c.resize(2)
		c.wantRunning(t, "limit 2", 2, 0)
		c.resize(3)
		c.wantRunning(t, "limit 3", 3, 0)
		c.counts(t, "limit 3", sched.Counts{Limit: 3, Active: 3})
		close(end)
		closeAll(release...)
	})
}

// A slot that a Resize has made one too many is not handed to a returning task.
func TestL3_ResizeDownHoldsReturnersBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(2, time.Second)
		defer c.done(t)
		back, release := make(chan struct{}), make(chan struct{})
		c.submit(func(*sched.Worker) {
			c.lend(func() { <-back })
			<-release
		})
		others := holdMany(c, 3)
		close(back)
		c.wantRunning(t, "limit 2, one wants its slot", 2, 1)
		c.sched.Resize(1)
		close(others[0])
		c.wantRunning(t, "limit 1, one done", 1, 1)
		if n := c.sched.Returners(); n != 1 {
			t.Errorf("limit 1, one done: %d wait for their slot, want 1", n)
		}
		c.allowed.Store(1)
		close(others[1])
		c.wantRunning(t, "limit 1, two done", 1, 1)
		if n := c.sched.Returners(); n != 0 {
			t.Errorf("limit 1, two done: %d wait for their slot, want 0", n)
		}
		close(release)
		close(others[2])
	})
}

// What a worker was about to do when the limit shrank counts as running: it has its slot.
func TestL3_ResizeDownBesideAWakingWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(2, time.Second)
		defer c.done(t)
		parkInTurn(c, 2, 0)
		release := holdMany(c, 1)
		c.publish(held(release[0]))
		if !c.sched.Reserve() { // the second worker, with a slot, on its way
			t.Fatal("one is parked, and it cannot be reserved")
		}
		c.sched.Resize(1)
		c.sched.WakeReserved()
		c.wantRunning(t, "limit 1, a worker woken before", 1, 1)
		close(release[0])
		c.wantRunning(t, "all done", 0, 0)
	})
}

// A worker has looked at the limit, and not yet at the queue, when the limit shrinks. The job
// that it then finds was submitted later, so it may not start beside the one that runs.
func TestL3_ResizeDownBesideALookingWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(2, time.Second)
		defer c.done(t)
		release := holdMany(c, 1)
		look := make(chan struct{})
		c.at = func(s step, _ *sched.Worker) {
			if s == popping {
				<-look
			}
		}
		c.sched.Notify()
		synctest.Wait()
		c.sched.Resize(1)
		c.allowed.Store(1)
		last := make(chan struct{})
		c.submit(held(last))
		close(look)
		synctest.Wait()
		if n := c.running.Load(); n != 1 {
			t.Errorf("limit 1: %d jobs run", n)
		}
		closeAll(release...)
		c.wantRunning(t, "limit 1, one done", 1, 0)
		close(last)
	})
}
