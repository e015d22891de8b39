package sched_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/internal/sched"
)

const idle = time.Second

// nap lets the bubble's time pass, and everything happen that is due.
func nap(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestL17_LoneWorkerRetiresAfterOneTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(4, idle)
		defer c.done(t)
		c.submit(func(*sched.Worker) {})
		nap(idle - 1)
		c.alive(t, "just before the timeout", others, 1)
		nap(1)
		c.alive(t, "at the timeout", others, 0)
		c.counts(t, "at the timeout", sched.Counts{Limit: 4})
		if c.sched.StopTimer() {
			t.Error("no worker is left, and the timer is set")
		}
	})
}

// Workers that park at different times in one timeout: the first goes after one, and the
// others, whatever their number, after two at most, counted from when they parked.
func TestL17_AllWorkersRetireWithinTwoTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(4, idle)
		defer c.done(t)
		parkInTurn(c, 4, idle/4) // at 0, 1/4, 2/4, 3/4
		nap(idle/4 - 1)
		c.alive(t, "just before the first timeout", others, 4)
		nap(1)
		c.alive(t, "at the first timeout", others, 3)
		nap(idle - 1)
		c.alive(t, "just before the second timeout", others, 3)
		nap(1)
		c.alive(t, "at the second timeout", others, 0)
		if c.sched.StopTimer() {
			t.Error("no worker is left, and the timer is set")
		}
	})
}

func TestSched_ReaperTakesTheLongestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(3, idle)
		defer c.done(t)
		workers := parkInTurn(c, 3, idle/4)
		nap(idle / 2)
		c.counts(t, "at the first timeout", sched.Counts{Limit: 3, Parked: 2})
		release := make(chan struct{})
		for _, want := range []int{2, 1} {
			got := -1
			c.submit(func(w *sched.Worker) {
				got = name(workers, w)
				<-release
			})
			synctest.Wait()
			if got != want {
				t.Errorf("woke worker %d, want %d: the reaper was to take 0, which was idle longest", got, want)
			}
		}
		close(release)
	})
}

// A worker that has worked meanwhile has not been idle since the timer was set.
func TestSched_WorkResetsTheIdleTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(1, idle)
		defer c.done(t)
		c.submit(func(*sched.Worker) {})
		nap(idle * 3 / 4)
		c.submit(func(*sched.Worker) {})
		nap(idle / 4)
		c.alive(t, "one timeout after it parked first", others, 1)
		nap(idle - 1)
		c.alive(t, "just before the next", others, 1)
		nap(1)
		c.alive(t, "two timeouts after it parked first", others, 0)
	})
}

func TestSched_BusyWorkerSetsNoTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(2, idle)
		defer c.done(t)
		c.submit(func(*sched.Worker) {})
		nap(idle / 2)
		release := make(chan struct{})
		c.submit(held(release))
		nap(idle) // the timer that was set before goes off
		c.alive(t, "one works", others, 1)
		if c.sched.StopTimer() {
			t.Error("nobody is parked, and the timer is set")
		}
		close(release)
		nap(idle - 1)
		c.alive(t, "just before the timeout", others, 1)
		nap(1)
		c.alive(t, "at the timeout", others, 0)
	})
}

func TestL17_NoIdleTimeNoIdleWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(4, 0)
		defer c.done(t)
		release := make(chan struct{})
		for range 6 {
			c.submit(held(release))
		}
		c.wantRunning(t, "six submitted", 4, 2)
		close(release)
		c.alive(t, "all done", others, 0)
		c.counts(t, "all done", sched.Counts{Limit: 4})
		c.submit(func(*sched.Worker) {})
		c.alive(t, "one more done", others, 0)
		if c.sched.TimerMade() {
			t.Error("the timer was set, and nobody may park")
		}
	})
}

// What Work keeps for a worker is used by the next goroutine: there are as many as there
// ever were workers at once.
func TestSched_LocalOutlivesTheGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(2, idle)
		defer c.done(t)
		locals := make(map[any]bool)
		for i := range 5 {
			c.submit(func(w *sched.Worker) {
				if w.Local == nil {
					w.Local = i
				}
				locals[w.Local] = true
			})
			nap(idle)
			if n := c.sched.Kept(); n != 1 {
				t.Errorf("round %d: %d retired workers are kept, want 1", i, n)
			}
		}
		if started := c.started.Load(); started != 5 || len(locals) != 1 {
			t.Errorf("%d goroutines, %d values of Local; want 5 and 1", started, len(locals))
		}
	})
}

// A submit has taken a sleeper out of the count, and not yet off the stack, when somebody
// tells sleepers to exit: the one that the submit counts on must not be among them.
func TestField05_ExitBetweenCountAndToken(t *testing.T) {
	for _, tt := range []struct {
		name   string
		exit   func(*crew)
		parked int // of three, one of them reserved
	}{
		{"reaper", func(*crew) { nap(idle) }, 1},
		{"resize", func(c *crew) { c.sched.Resize(1); c.sched.Resize(3) }, 1},
		{"close", (*crew).shut, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				others := goroutines()
				c := newCrew(3, idle)
				defer c.done(t)
				parkInTurn(c, 3, 0)
				release := make(chan struct{})
				c.publish(held(release))
				if !c.sched.Reserve() {
					t.Fatal("three are parked, and none can be reserved")
				}
				tt.exit(c)
				c.alive(t, "told to exit", others, 1+tt.parked)
				c.sched.WakeReserved()
				c.wantRunning(t, "woken", 1, 0)
				c.counts(t, "woken", sched.Counts{Limit: 3, Active: 1, Parked: tt.parked})
				close(release)
			})
		})
	}
}

// The same with a single sleeper, so that nobody is left for the reaper.
func TestField05_ReaperLeavesTheReserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(1, idle)
		defer c.done(t)
		parkInTurn(c, 1, 0)
		c.publish(func(*sched.Worker) {})
		if !c.sched.Reserve() {
			t.Fatal("one is parked, and it cannot be reserved")
		}
		nap(idle)
		c.alive(t, "reserved, and its time has come", others, 1)
		c.sched.WakeReserved()
		synctest.Wait()
		if n := c.ran.Load(); n != 2 {
			t.Errorf("%d jobs ran, want 2", n)
		}
		nap(2 * idle)
		c.alive(t, "idle again", others, 0)
	})
}

// The timer goes off at the very moment of a submit, many times over.
func TestField05_ReaperMeetsSubmit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(3, idle)
		defer c.done(t)
		for round := range scaled(300) {
			n := 1 + round%3
			parkInTurn(c, n, 0)
			var wg sync.WaitGroup
			for range n {
				wg.Go(func() {
					time.Sleep(idle * time.Duration(1+round%2))
					c.submit(func(*sched.Worker) {})
				})
			}
			wg.Wait()
			synctest.Wait()
			if ran, accepted := c.ran.Load(), c.accepted.Load(); ran != accepted {
				t.Fatalf("round %d: %d jobs ran, %d were accepted: %+v", round, ran, accepted, c.sched.Counts())
			}
		}
	})
}

// A timeout so short that the reaper is always at work.
func TestField05_BusyReaperLosesNothing(t *testing.T) {
	rng := seeded(t)
	c := watch(t).on(newCrew(2, time.Microsecond))
	for range scaled(2000) {
		var wg sync.WaitGroup
		for range 1 + rng.IntN(4) {
			wg.Add(1)
			c.submit(func(*sched.Worker) { wg.Done() })
		}
		wg.Wait()
	}
	c.done(t)
}
