package sched_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/internal/sched"
)

func TestSched_LentSlotRunsAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(1, time.Second)
		defer c.done(t)
		back := make(chan struct{})
		c.submit(func(*sched.Worker) { c.lend(func() { <-back }) })
		c.counts(t, "lent, nothing queued", sched.Counts{Limit: 1})
		c.alive(t, "lent, nothing queued", others, 1)
		release := holdMany(c, 2)
		c.wantRunning(t, "lent, two submitted", 1, 1)
		c.alive(t, "lent, two submitted", others, 2)
		closeAll(release...)
		close(back)
	})
}

// Who gives a slot up looks at the queue: what came while all slots were in use waits for
// just that.
func TestSched_ReleaseStartsAWorkerForWhatIsQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(1, time.Second)
		defer c.done(t)
		lend, back := make(chan struct{}), make(chan struct{})
		c.submit(func(*sched.Worker) {
			<-lend
			c.lend(func() { <-back })
		})
		release := holdMany(c, 2)
		c.wantRunning(t, "not lent", 1, 2)
		close(lend)
		c.wantRunning(t, "lent", 1, 1)
		c.alive(t, "lent", others, 2)
		close(back)
		closeAll(release...)
	})
}

// A returning task does not wait for its slot when one is free.
func TestSched_FreeSlotIsTakenAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(2, time.Second)
		defer c.done(t)
		back, release := make(chan struct{}), make(chan struct{})
		c.submit(func(*sched.Worker) {
			c.lend(func() { <-back })
			<-release
		})
		one := holdMany(c, 1)
		close(back)
		c.wantRunning(t, "one runs, one is back", 2, 0)
		c.counts(t, "one runs, one is back", sched.Counts{Limit: 2, Active: 2})
		if f := c.sched.Flags(); f != 0 {
			t.Errorf("flags %#x, want none", uint64(f))
		}
		close(release)
		closeAll(one...)
	})
}

// Those that want their slot back get it before any queued job is begun, first come first
// served.
func TestL6_ReturningTasksGoFirstInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 4
		c := newCrew(1, time.Second)
		defer c.done(t)
		var order []int
		var back [n]chan struct{}
		for i := range back {
			back[i] = make(chan struct{})
			c.submit(func(*sched.Worker) {
				c.lend(func() { <-back[i] })
				order = append(order, i)
			})
			synctest.Wait()
		}
		release := holdMany(c, 1)
		for range 3 {
			c.submit(func(*sched.Worker) { order = append(order, -1) })
		}
		for _, i := range []int{2, 0, 3, 1} {
			close(back[i])
			synctest.Wait()
		}
		c.wantRunning(t, "all want their slot back", 1, 3)
		closeAll(release...)
		synctest.Wait()
		want := []int{2, 0, 3, 1, -1, -1, -1}
		if len(order) != len(want) {
			t.Fatalf("order %v, want %v", order, want)
		}
		for i := range want {
			if order[i] != want[i] {
				t.Fatalf("order %v, want %v: the order of return, then what was queued", order, want)
			}
		}
	})
}

// A worker that searches holds a slot too; it gives it to whoever returns.
func TestSched_SearcherGivesItsSlotToAReturner(t *testing.T) {
	processors(t, 2)
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(1, time.Second)
		defer c.done(t)
		back, release, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
		search := make(chan struct{})
		c.at = func(s step, _ *sched.Worker) {
			if s == looked && c.sched.Flags()&sched.FlagSearching != 0 {
				<-search
			}
		}
		c.submit(func(*sched.Worker) {
			c.lend(func() { <-back })
			<-release
		})
		c.submit(func(*sched.Worker) { <-done })
		synctest.Wait()
		close(done) // and now the second worker searches
		synctest.Wait()
		if f := c.sched.Flags(); f != sched.FlagSearching {
			t.Fatalf("flags %#x, want searching, %#x", uint64(f), uint64(sched.FlagSearching))
		}
		close(back)
		c.wantRunning(t, "the searcher has the slot", 0, 0)
		close(search)
		c.wantRunning(t, "the searcher has given up", 1, 0)
		c.counts(t, "the searcher has given up", sched.Counts{Limit: 1, Active: 1, Parked: 1})
		close(release)
	})
}

// Run hands the caller's slot over: the number in use stays, and the new worker goes on
// with the queue when its first job is done.
func TestSched_RunTakesOverTheSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(1, time.Second)
		defer c.done(t)
		release, back := make(chan struct{}), make(chan struct{})
		var first, here, next *sched.Worker
		c.submit(func(w *sched.Worker) {
			here = w
			c.running.Add(-1)
			c.sched.Run(func(w *sched.Worker) {
				first = w
				c.accepted.Add(1)
				c.run(func() { <-release })
			})
			<-back
			c.sched.Acquire()
			c.enter()
		})
		c.submit(func(w *sched.Worker) { next = w })
		c.wantRunning(t, "handed over", 1, 1)
		c.counts(t, "handed over", sched.Counts{Limit: 1, Active: 1})
		c.alive(t, "handed over", others, 2)
		if first == here || first == nil {
			t.Errorf("first runs on worker %p, Run was called on %p", first, here)
		}
		close(release)
		c.wantRunning(t, "first is done", 0, 0)
		if next != first {
			t.Errorf("the queued job ran on worker %p, want %p, which ran first", next, first)
		}
		close(back)
		c.counts(t, "all done", sched.Counts{Limit: 1, Parked: 1})
	})
}

// The worker that Run starts is not the searcher, and must not end the search of another.
func TestSched_RunIsNoSearch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(3, time.Second)
		defer c.done(t)
		search, first, release := make(chan struct{}), make(chan struct{}), make(chan struct{})
		var looking atomic.Bool
		c.submit(func(*sched.Worker) {
			c.sched.Acquire()
			c.accepted.Add(1)
			c.sched.Run(func(*sched.Worker) { c.run(func() { <-first }) })
			<-release
		})
		synctest.Wait()
		c.at = func(s step, _ *sched.Worker) {
			if s == popping && looking.CompareAndSwap(false, true) {
				<-search
			}
		}
		c.submit(held(release)) // starts a searcher, which is held
		synctest.Wait()
		close(first) // and the other worker takes the job
		c.wantRunning(t, "the job was taken beside the searcher", 2, 0)
		if f := c.sched.Flags(); f != sched.FlagSearching {
			t.Errorf("flags %#x, want searching, %#x", uint64(f), uint64(sched.FlagSearching))
		}
		close(search)
		close(release)
	})
}

// A task can end while a goroutine of its own waits and has lent its slot. Then its worker
// has none, and may not take new work, nor give it up again.
func TestL3_WorkerWithoutSlotParks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(1, time.Second)
		defer c.done(t)
		var lent *sched.Worker
		c.submit(func(w *sched.Worker) {
			lent = w
			c.sched.Release()
			w.Return(false)
		})
		c.counts(t, "ended without its slot", sched.Counts{Limit: 1, Parked: 1})
		release := make(chan struct{})
		var got *sched.Worker
		c.submit(func(w *sched.Worker) {
			got = w
			<-release
		})
		c.submit(func(*sched.Worker) {})
		c.counts(t, "woken", sched.Counts{Limit: 1, Active: 1})
		c.wantRunning(t, "woken", 1, 1)
		c.alive(t, "woken", others, 1)
		if got != lent {
			t.Errorf("worker %p was woken, want %p, which had parked", got, lent)
		}
		close(release)
		c.counts(t, "all done", sched.Counts{Limit: 1, Parked: 1})
	})
}

// The same with work queued: another worker runs it, the one without a slot does not.
func TestL3_WorkerWithoutSlotTakesNoWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(1, time.Second)
		defer c.done(t)
		lend, end, release := make(chan struct{}), make(chan struct{}), make(chan struct{})
		c.submit(func(w *sched.Worker) {
			<-lend
			c.running.Add(-1)
			c.sched.Release()
			<-end
			c.running.Add(1) // for run to take away; nobody else can begin now
			w.Return(false)
		})
		c.submit(held(release))
		c.submit(held(release))
		close(lend)
		c.wantRunning(t, "lent", 1, 1)
		close(end)
		c.wantRunning(t, "ended without its slot", 1, 1)
		c.counts(t, "ended without its slot", sched.Counts{Limit: 1, Active: 1, Parked: 1})
		close(release)
	})
}
