package sched_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/internal/sched"
)

func TestL17_NothingIsStartedBeforeTheFirstNotify(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(100_000, time.Second)
		defer c.done(t)
		c.alive(t, "after New", others, 0)
		c.counts(t, "after New", sched.Counts{Limit: 100_000})
		c.sched.Resize(50_000)
		c.alive(t, "after Resize", others, 0)
		if c.sched.TimerMade() {
			t.Error("there is a timer")
		}
	})
}

func TestL17_SizeCostsNothing(t *testing.T) {
	work := newCrew(1, 0)
	allocs := func(limit int) float64 {
		return testing.AllocsPerRun(10, func() { sched.New(work, limit, time.Second, false) })
	}
	if small, large := allocs(1), allocs(100_000); small != large {
		t.Errorf("New(1) allocates %v times, New(100,000) %v times", small, large)
	}
}

func TestSched_FirstNotifyStartsOneWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(8, time.Second)
		defer c.done(t)
		release := make(chan struct{})
		c.submit(held(release))
		c.alive(t, "one job submitted", others, 1)
		c.counts(t, "one job submitted", sched.Counts{Limit: 8, Active: 1})
		close(release)
		c.alive(t, "one job done", others, 1)
		c.counts(t, "one job done", sched.Counts{Limit: 8, Parked: 1})
	})
}

// A burst of submits wakes one worker; it wakes the next when it has found work, and so on,
// until the limit is reached.
func TestSched_BurstWakesOneWhichChains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(8, time.Second)
		defer c.done(t)
		look, release := make(chan struct{}), make(chan struct{})
		c.at = func(s step, _ *sched.Worker) {
			if s == popping {
				<-look
			}
		}
		for range 10 {
			c.submit(held(release))
		}
		c.alive(t, "ten submitted, the first worker has not looked", others, 1)
		c.counts(t, "ten submitted, the first worker has not looked", sched.Counts{Limit: 8})
		close(look)
		c.alive(t, "ten submitted", others, 8)
		c.wantRunning(t, "ten submitted", 8, 2)
		c.counts(t, "ten submitted", sched.Counts{Limit: 8, Active: 8})
		close(release)
		c.alive(t, "all done", others, 8)
		c.counts(t, "all done", sched.Counts{Limit: 8, Parked: 8})
	})
}

// The worker that takes the last job of a burst wakes nobody.
func TestSched_ChainEndsWithTheWork(t *testing.T) {
	for _, slow := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			others := goroutines()
			c := newCrewThat(slow, 8, time.Second)
			defer c.done(t)
			release := make(chan struct{})
			for range 3 {
				c.publish(held(release))
			}
			c.sched.Notify()
			c.alive(t, "three published, one Notify", others, 3)
			c.wantRunning(t, "three published, one Notify", 3, 0)
			close(release)
		})
	}
}

// The first worker to be woken, or started, stands for a whole burst. One that first has to
// start, slowly, must not: the jobs would wait for it, and nobody else would come.
func TestSched_SlowStartHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrewThat(true, 3, time.Second)
		defer c.done(t)
		started := make(chan struct{})
		c.at = func(s step, _ *sched.Worker) {
			if s == starting && c.started.Load() == 1 {
				<-started
			}
		}
		release := make(chan struct{})
		c.submit(held(release))
		synctest.Wait()
		c.submit(held(release))
		c.submit(held(release))
		c.alive(t, "three submitted, the first worker is not ready", others, 3)
		c.wantRunning(t, "three submitted, the first worker is not ready", 2, 1)
		close(started)
		c.wantRunning(t, "three submitted", 3, 0)
		close(release)
	})
}

// A burst that meets a sleeper wakes it, and nobody else; then it is for the chain of workers
// to use the limit, and those that start slowly are part of it.
func TestField04_SlowStartersChain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrewThat(true, 4, time.Second)
		defer c.done(t)
		var look chan struct{}
		c.at = func(s step, _ *sched.Worker) {
			if s == popping && look != nil {
				<-look
			}
		}
		c.submit(func(*sched.Worker) {})
		synctest.Wait()
		look = make(chan struct{})
		release := make(chan struct{})
		for range 4 {
			c.submit(held(release))
		}
		synctest.Wait()
		close(look)
		c.wantRunning(t, "four submitted", 4, 0)
		close(release)
	})
}

// When every slot is in use a submit does nothing, and the job waits for a slot.
func TestSched_FullHouse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(2, time.Second)
		defer c.done(t)
		var release [4]chan struct{}
		for i := range release {
			release[i] = make(chan struct{})
			c.submit(held(release[i]))
			synctest.Wait()
		}
		c.alive(t, "four submitted", others, 2)
		c.wantRunning(t, "four submitted", 2, 2)
		close(release[1])
		c.alive(t, "one done", others, 2)
		c.wantRunning(t, "one done", 2, 1)
		for _, i := range []int{0, 2, 3} {
			close(release[i])
		}
		c.counts(t, "all done", sched.Counts{Limit: 2, Parked: 2})
	})
}

// With one worker, what one goroutine submits starts in the order of submission.
func TestL4_OneWorkerKeepsTheOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(1, time.Second)
		defer c.done(t)
		var order []int
		for i := range 200 { // the ring holds 64, so the overflow too
			c.submit(func(*sched.Worker) { order = append(order, i) })
		}
		synctest.Wait()
		for i, got := range order {
			if got != i {
				t.Fatalf("job %d ran as number %d", got, i)
			}
		}
	})
}

// Eight goroutines that all see a free slot, and nobody asleep: the check and the start are
// one compare-and-swap.
func TestField06_ParallelSubmitsStartNoMoreThanTheLimit(t *testing.T) {
	dog := watch(t)
	for range scaled(500) {
		c := dog.on(newCrew(2, time.Minute))
		var wg sync.WaitGroup
		gate := make(chan struct{})
		for range 8 {
			wg.Go(func() {
				<-gate
				c.submit(func(*sched.Worker) {})
			})
		}
		close(gate)
		wg.Wait()
		if n := c.started.Load(); n > 2 {
			t.Errorf("%d workers were started, the limit is 2", n)
		}
		if c.done(t); t.Failed() {
			return
		}
	}
}
