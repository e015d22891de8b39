package sched_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/internal/sched"
)

// A play is a run of the protocol that goes through all its steps: workers start, chain,
// search, park, are woken, lend and take back slots, see the limit grow and shrink, and
// exit. At one step, the when-th, it submits one job more. Whenever everybody sleeps, no
// slot may be free while work is queued: a wake-up would be lost.
type play struct {
	*crew
	t     *testing.T
	limit int
	when  int64
	extra job
	steps atomic.Int64
}

func (p *play) count(step, *sched.Worker) {
	if p.steps.Add(1) == p.when {
		p.submit(p.extra)
	}
}

// quiet checks the scheduler when everybody sleeps.
func (p *play) quiet(scene string) {
	p.t.Helper()
	synctest.Wait()
	got := p.sched.Counts()
	if n := p.queue.Len(); n > 0 && got.Active < got.Limit {
		p.t.Errorf("limit %d, a submit at step %d: %s: %d jobs are queued and nobody looks: %+v",
			p.limit, p.when, scene, n, got)
	}
}

func (p *play) run() {
	first, second, back := make(chan struct{}), make(chan struct{}), make(chan struct{})
	scene := func(name string, do func()) {
		do()
		p.quiet(name)
	}
	scene("one job", func() { p.submit(held(first)) })
	scene("grown with nothing queued", func() { p.resize(p.limit + 1) })
	scene("shrunk again", func() { p.sched.Resize(p.limit) })
	scene("a burst", func() {
		for range 3 {
			p.publish(held(second))
		}
		p.sched.Notify()
	})
	scene("a job that lends", func() {
		p.submit(func(*sched.Worker) { p.lend(func() { <-back }) })
	})
	scene("the first is done", func() { close(first) })
	scene("grown", func() { p.resize(p.limit + 1) })
	scene("the lender is back", func() { close(back) })
	scene("shrunk", func() { p.sched.Resize(p.limit) })
	scene("all done", func() { close(second) })
	scene("woken again", func() { p.submit(func(*sched.Worker) {}) })
	scene("idle", func() { time.Sleep(p.sched.Idle()) })
	scene("idle for long", func() { time.Sleep(p.sched.Idle()) })
	p.done(p.t)
}

// The adversary of the protocol is a submit between two of its steps. Here it comes at
// every step in turn, on the goroutine that takes the step.
func TestField04_SubmitAtAnyStepIsSeen(t *testing.T) {
	rng := seeded(t)
	for _, tt := range []struct {
		processors, limit int
		slow              bool
	}{
		{1, 1, false},
		{1, 2, false},
		{1, 3, false},
		{1, 2, true},
		{1, 3, true},
		{2, 1, false},
		{2, 2, false},
		{2, 3, false},
		{2, 3, true},
	} {
		t.Run(fmt.Sprintf("%+v", tt), func(t *testing.T) {
			processors(t, tt.processors)
			const far = 1 << 30
			total := playAll(t, tt.slow, tt.limit, far)
			// Searching makes hundreds of steps that are all alike: take some.
			stride := int64(1)
			if tt.processors > 1 {
				stride += total / int64(scaled(40))
			}
			for when := 1 + rng.Int64N(stride); when <= total && !t.Failed(); when += stride {
				playAll(t, tt.slow, tt.limit, when)
			}
		})
	}
}

// playAll runs one play with its submit at step when, with a job that blocks, and one that
// does not, and returns the number of steps.
func playAll(t *testing.T, slow bool, limit int, when int64) (steps int64) {
	for _, blocks := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			p := &play{crew: newCrewThat(slow, limit, time.Second), t: t, limit: limit, when: when}
			p.at = p.count
			p.extra = func(*sched.Worker) {
				if blocks {
					time.Sleep(p.sched.Idle() / 3)
				}
			}
			p.run()
			steps = p.steps.Load()
		})
	}
	return steps
}

// The submitter published while all slots were in use, and its Notify comes after the last
// worker has looked at the queue, and before it parks.
func TestField04_NotifyBeforeParking(t *testing.T) {
	processors(t, 1) // so that the worker does not search
	synctest.Test(t, func(t *testing.T) {
		c := newCrew(1, time.Second)
		defer c.done(t)
		late := false
		c.at = func(s step, _ *sched.Worker) {
			if s == idling && !late {
				late = true
				c.submit(func(*sched.Worker) {})
			}
		}
		c.submit(func(*sched.Worker) {})
		synctest.Wait()
		if n := c.ran.Load(); n != 2 {
			t.Errorf("%d jobs ran, want 2", n)
		}
	})
}

// A submitter that sees somebody searching relies on the searcher, which may be about to
// run a long job. So the searcher clears the bit first, and looks again then.
func TestField04_NotifyBesideTheSearcher(t *testing.T) {
	for _, s := range []step{popping, popped, looked} {
		t.Run([...]string{looked: "looked", popping: "popping", popped: "popped"}[s], func(t *testing.T) {
			processors(t, 1)
			synctest.Test(t, func(t *testing.T) {
				c := newCrew(2, time.Second)
				defer c.done(t)
				release := make(chan struct{})
				var once sync.Once
				c.at = func(at step, _ *sched.Worker) {
					if at == s {
						once.Do(func() { c.submit(held(release)) })
					}
				}
				c.submit(held(release))
				c.wantRunning(t, "a second job submitted while the first worker searched", 2, 0)
				close(release)
			})
		})
	}
}

// Real goroutines against each other: rounds of a few submits that meet workers on their
// way to sleep. A round is over when its jobs have run, so a lost wake-up hangs it.
func TestField04_SubmitsMeetParkingWorkers(t *testing.T) {
	rng, dog := seeded(t), watch(t)
	for _, limit := range []int{1, 2, 4} {
		c := dog.on(newCrew(limit, time.Minute))
		var wg sync.WaitGroup
		for range scaled(600) {
			for range 1 + rng.IntN(3) {
				n := 1 + rng.IntN(2)
				wg.Add(n)
				wg.Go(func() {
					for range n {
						c.submit(func(*sched.Worker) { wg.Done() })
					}
				})
			}
			wg.Wait()
		}
		c.done(t)
	}
}
