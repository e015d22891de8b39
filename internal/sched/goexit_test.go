package sched_test

import (
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/internal/sched"
)

func TestL11_GoexitReplacesTheGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(1, time.Second)
		defer c.done(t)
		var workers []*sched.Worker
		c.submit(func(w *sched.Worker) {
			workers = append(workers, w)
			runtime.Goexit()
		})
		c.alive(t, "after Goexit", others, 1)
		c.counts(t, "after Goexit", sched.Counts{Limit: 1, Parked: 1})
		if started, stopped := c.started.Load(), c.stopped.Load(); started != 2 || stopped != 1 {
			t.Errorf("Started was called %d times, Stopped %d times; want 2 and 1", started, stopped)
		}
		c.submit(func(w *sched.Worker) { workers = append(workers, w) })
		synctest.Wait()
		if len(workers) != 2 || workers[0] != workers[1] {
			t.Errorf("workers %v, want the same one twice: the new goroutine takes it over", workers)
		}
	})
}

// The slot stays with the worker, so what is queued behind runs, one at a time.
func TestField01_GoexitWithWorkBehindIt(t *testing.T) {
	for _, limit := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			others := goroutines()
			c := newCrew(limit, time.Second)
			defer c.done(t)
			for i := range 40 {
				c.submit(func(*sched.Worker) {
					if i%2 == 0 {
						runtime.Goexit()
					}
				})
			}
			synctest.Wait()
			if n := c.ran.Load(); n != 40 {
				t.Errorf("limit %d: %d jobs ran, want 40", limit, n)
			}
			started, stopped := c.started.Load(), c.stopped.Load()
			if stopped != 20 {
				t.Errorf("limit %d: Stopped was called %d times, want 20", limit, stopped)
			}
			c.alive(t, "all done", others, int(started-20))
			c.counts(t, "all done", sched.Counts{Limit: limit, Parked: int(started - 20)})
		})
	}
}

// Every job ends its goroutine, beside each other, and Close comes meanwhile: the join
// waits for the replacements too.
func TestField01_GoexitBesideClose(t *testing.T) {
	rng, dog := seeded(t), watch(t)
	for range scaled(200) {
		c := dog.on(newCrew(1+rng.IntN(3), time.Duration(rng.IntN(2))*time.Second))
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				for range 3 {
					c.submit(func(*sched.Worker) { runtime.Goexit() })
				}
			})
		}
		wg.Go(c.shut)
		wg.Wait()
		if c.done(t); t.Failed() {
			return
		}
	}
}

func TestL11_GoexitInTheFirstJobOfRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(1, time.Second)
		defer c.done(t)
		c.submit(func(w *sched.Worker) {
			c.running.Add(-1)
			c.sched.Run(func(*sched.Worker) {
				c.accepted.Add(1)
				c.run(runtime.Goexit)
			})
			c.sched.Acquire()
			c.enter()
		})
		c.submit(func(*sched.Worker) {})
		synctest.Wait()
		if n := c.ran.Load(); n != 3 {
			t.Errorf("%d jobs ran, want 3", n)
		}
		c.alive(t, "all done", others, 1)
	})
}

// Goexit of a task whose slot is lent: the new goroutine has none either.
func TestL3_GoexitWithoutSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		others := goroutines()
		c := newCrew(1, time.Second)
		defer c.done(t)
		c.submit(func(w *sched.Worker) {
			c.sched.Release()
			w.Return(false)
			runtime.Goexit()
		})
		c.alive(t, "after Goexit", others, 1)
		c.counts(t, "after Goexit", sched.Counts{Limit: 1, Parked: 1})
		release := make(chan struct{})
		c.submit(held(release))
		c.submit(held(release))
		c.wantRunning(t, "two submitted", 1, 1)
		close(release)
	})
}

// Goexit while a panic unwinds the goroutine ends the panic; recover and Goexit is Goexit.
func TestL11_GoexitAmongPanics(t *testing.T) {
	for _, tt := range []struct {
		name string
		job  job
	}{
		{"Goexit in a deferred call of a panic", func(*sched.Worker) {
			defer runtime.Goexit()
			panic("ended by Goexit")
		}},
		{"Goexit after recover", func(*sched.Worker) {
			defer func() {
				_ = recover()
				runtime.Goexit()
			}()
			panic("recovered")
		}},
		{"panic in a deferred call of Goexit, recovered", func(*sched.Worker) {
			defer func() {
				defer func() { _ = recover() }()
				panic("recovered")
			}()
			runtime.Goexit()
		}},
		{"panic in a deferred call of Goexit, recovered further up", func(*sched.Worker) {
			defer func() { _ = recover() }()
			defer panic("recovered")
			runtime.Goexit()
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				others := goroutines()
				c := newCrew(1, time.Second)
				defer c.done(t)
				c.submit(tt.job)
				c.alive(t, "after Goexit", others, 1)
				c.submit(func(*sched.Worker) {})
				synctest.Wait()
				if n := c.ran.Load(); n != 2 {
					t.Errorf("%d jobs ran, want 2", n)
				}
			})
		})
	}
}
