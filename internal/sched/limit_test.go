package sched_test

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/forebay-go/forebay/internal/sched"
)

// The limit under everything at once: jobs that end, that lend their slot and take it back,
// that hand it to another, that end their goroutine, while the limit moves, workers retire,
// and in the end Close comes beside the submitters. crew counts the jobs that run in a slot
// at the start of each.
//
// When the limit shrinks, allowed follows as soon as fewer slots than that are in use: from
// then on the new limit must hold. When it grows, allowed goes first.
func TestL3_LimitHoldsUnderStress(t *testing.T) {
	rng, dog := seeded(t), watch(t)
	for round := range scaled(30) {
		limit := 1 + rng.IntN(4)
		c := dog.on(newCrew(limit, []time.Duration{0, time.Microsecond, time.Minute}[rng.IntN(3)]))
		actions := make([]job, 0, 120)
		for range cap(actions) {
			actions = append(actions, []job{
				func(*sched.Worker) {},
				func(*sched.Worker) { runtime.Gosched() },
				func(*sched.Worker) { c.lend(func() {}) },
				func(*sched.Worker) { c.lend(runtime.Gosched); c.lend(runtime.Gosched) },
				func(*sched.Worker) { c.lend(func() { c.submit(func(*sched.Worker) {}) }) },
				func(*sched.Worker) { handOver(c) },
				func(*sched.Worker) { runtime.Goexit() },
				func(w *sched.Worker) { w.Woke = true },
			}[rng.IntN(8)])
		}
		limits := make([]int, 20)
		for i := range limits {
			limits[i] = 1 + rng.IntN(4)
		}

		var submitters, resizer sync.WaitGroup
		for i := range 3 {
			submitters.Go(func() {
				for _, j := range actions[i*40 : (i+1)*40] {
					c.submit(j)
				}
			})
		}
		resizer.Go(func() {
			for _, n := range limits {
				c.resize(n)
				for c.sched.Slots() > n {
					runtime.Gosched()
				}
				c.allowed.Store(int64(n))
				runtime.Gosched()
			}
		})
		if round%2 == 0 {
			submitters.Wait()
		}
		resizer.Wait()
		c.shut()
		c.sched.Join()
		submitters.Wait()
		if c.done(t); t.Failed() {
			return
		}
	}
}

// handOver is for a job: it runs another on a goroutine of its own, in its slot, and waits
// until that one is done, without the slot.
func handOver(c *crew) {
	done := make(chan struct{})
	c.running.Add(-1)
	c.accepted.Add(1)
	c.sched.Run(func(*sched.Worker) {
		c.run(func() { close(done) })
	})
	<-done
	c.sched.Acquire()
	c.enter()
}
