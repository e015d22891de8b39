package sched_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/internal/sched"
)

// parkInTurn makes n workers, which park one after the other, and returns them in the order
// in which they did.
func parkInTurn(c *crew, n int, between time.Duration) []*sched.Worker {
	workers := make([]*sched.Worker, n)
	release := make([]chan struct{}, n)
	for i := range n {
		release[i] = make(chan struct{})
		c.submit(func(w *sched.Worker) {
			workers[i] = w
			<-release[i]
		})
	}
	synctest.Wait()
	for i := range n {
		close(release[i])
		synctest.Wait()
		if i < n-1 {
			time.Sleep(between)
		}
	}
	return workers
}

// name says which of the workers w is.
func name(workers []*sched.Worker, w *sched.Worker) int {
	for i := range workers {
		if workers[i] == w {
			return i
		}
	}
	return -1
}

func TestSched_LastParkedIsWokenFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(4, time.Second)
		defer c.done(t)
		workers := parkInTurn(c, 4, 0)
		release := make(chan struct{})
		for want := 3; want >= 0; want-- {
			got := -1
			c.submit(func(w *sched.Worker) {
				got = name(workers, w)
				<-release
			})
			synctest.Wait()
			if got != want {
				t.Errorf("worker %d was woken, want worker %d: the last to park of those asleep", got, want)
			}
		}
		close(release)
	})
}

func TestSched_SubmitWakesExactlyOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(4, time.Second)
		defer c.done(t)
		woken := make(map[*sched.Worker]int) // every worker that looked at the queue
		c.at = func(s step, w *sched.Worker) {
			if s == popping {
				woken[w]++
			}
		}
		parkInTurn(c, 4, 0)
		clear(woken)
		release := make(chan struct{})
		c.submit(held(release))
		c.counts(t, "four asleep, one submit", sched.Counts{Limit: 4, Active: 1, Parked: 3})
		if len(woken) != 1 {
			t.Errorf("%d workers looked at the queue, want 1", len(woken))
		}
		c.alive(t, "four asleep, one submit", others, 4)
		close(release)
	})
}

// Work that comes piece by piece is done by one worker; the others sleep on, and none is
// started.
func TestSched_SparseWorkWakesOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(4, time.Second)
		defer c.done(t)
		woken := make(map[*sched.Worker]int)
		c.at = func(s step, w *sched.Worker) {
			if s == popping {
				woken[w]++
			}
		}
		workers := parkInTurn(c, 2, 0)
		clear(woken)
		for range 50 {
			c.submit(func(*sched.Worker) {})
			synctest.Wait()
		}
		if len(woken) != 1 || woken[workers[1]] == 0 {
			t.Errorf("%d workers looked at the queue, want only the one that had parked last", len(woken))
		}
		if n := c.started.Load(); n != 2 {
			t.Errorf("%d workers were started, want 2", n)
		}
	})
}

// A woken worker that has not looked yet stands for all submits until it has: they wake
// nobody else, and it wakes the next.
func TestSched_BurstOnSleepersWakesOneWhichChains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(4, time.Second)
		defer c.done(t)
		var look chan struct{}
		c.at = func(s step, _ *sched.Worker) {
			if s == popping && look != nil {
				<-look
			}
		}
		parkInTurn(c, 3, 0)
		look = make(chan struct{})
		release := make(chan struct{})
		for range 6 {
			c.submit(held(release))
		}
		c.counts(t, "six submitted, the first woken has not looked", sched.Counts{Limit: 4, Parked: 2})
		close(look)
		c.wantRunning(t, "six submitted", 4, 2)
		close(release)
	})
}

// The second worker to find nothing does not search beside the first: it parks.
func TestSched_OneSearcherAtATime(t *testing.T) {
	processors(t, 2) // with one, nobody searches
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(2, time.Second)
		defer c.done(t)
		var looks atomic.Int64
		search := make(chan struct{})
		watch := make(chan struct{})
		c.at = func(s step, _ *sched.Worker) {
			select {
			case <-watch:
				if s == looked && looks.Add(1) == 1 {
					<-search
				}
			default:
			}
		}
		first, second := make(chan struct{}), make(chan struct{})
		c.submit(held(first))
		c.submit(held(second))
		synctest.Wait()
		close(watch)
		close(first)
		synctest.Wait()
		if c.sched.Flags() != sched.FlagSearching {
			t.Fatalf("the first worker does not search")
		}
		close(second)
		c.counts(t, "one searches, one found nothing", sched.Counts{Limit: 2, Parked: 1})
		if n := looks.Load(); n != 2 {
			t.Errorf("%d looks at the queue, want 2: the searcher's first, and one when the other had parked", n)
		}
		close(search)
		c.counts(t, "nobody searches", sched.Counts{Limit: 2, Parked: 2})
	})
}

// How often a worker looks at the queue before it sleeps. It has to look once, after it
// has parked.
func TestL17_SearchIsBounded(t *testing.T) {
	for _, tt := range []struct {
		name       string
		processors int
		woke       bool // the last job made another goroutine ready
		min, max   int64
	}{
		{"one processor", 1, false, 1, 1},
		{"two processors", 2, false, 2, 1000},
		{"two processors, woke somebody", 2, true, 1, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			processors(t, tt.processors)
			synctest.Test(t, func(t *testing.T) {
				c := newCrew(1, time.Second)
				defer c.done(t)
				var looks atomic.Int64
				c.at = func(s step, _ *sched.Worker) {
					if s == looked {
						looks.Add(1)
					}
				}
				c.submit(func(w *sched.Worker) {
					looks.Store(0)
					w.Woke = tt.woke
				})
				synctest.Wait()
				n := looks.Load()
				if n < tt.min || n > tt.max {
					t.Errorf("%d looks at the empty queue, want %d to %d", n, tt.min, tt.max)
				}
				time.Sleep(time.Second - 1)
				synctest.Wait()
				if later := looks.Load(); later != n {
					t.Errorf("%d more looks at the queue while parked", later-n)
				}
			})
		})
	}
}

// Whom the last job before the sleep woke does not matter after it.
func TestSched_WokenWorkerSearches(t *testing.T) {
	processors(t, 2)
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(1, time.Second)
		defer c.done(t)
		var looks atomic.Int64
		c.at = func(s step, _ *sched.Worker) {
			if s == looked {
				looks.Add(1)
			}
		}
		c.submit(func(w *sched.Worker) { w.Woke = true })
		synctest.Wait()
		looks.Store(0)
		c.sched.Notify() // somebody else took the work
		synctest.Wait()
		if n := looks.Load(); n < 2 {
			t.Errorf("%d looks at the empty queue, want a search", n)
		}
	})
}

// Took forgets what the last job said about waking somebody.
func TestSched_WokeIsForOneJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(1, time.Second)
		defer c.done(t)
		woke := true
		c.submit(func(w *sched.Worker) { w.Woke = true })
		c.submit(func(w *sched.Worker) { woke = w.Woke })
		synctest.Wait()
		if woke {
			t.Error("a job began with Woke set")
		}
	})
}
