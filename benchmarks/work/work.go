// Package work holds the works of the benchmarks, and times one contender at one of them.
package work

import (
	"runtime"
	"sync"
	"time"

	"github.com/forebay-go/forebay/benchmarks/contend"
)

// queue is the bound of everybody's queue, where it has one: Forebay's default.
const queue = 1024

// A Work is a row of the table: a way to use a pool, with a task and numbers.
type Work struct {
	Name  string // in tables and in -only
	Op    string // what the nanoseconds are per
	Doc   string // one sentence for the vocabulary
	Shape contend.Shape
	Setup contend.Setup // Fn is made by Task for each trial, if that is set
	Task  func() contend.Fn
	Unit  int // n is a multiple of it; one Unit is what a smoke run does
	Ops   int // ops in one step of n: 1, or for fork the forks of one call
	Fixed int // if not 0, n is this and not calibrated

	// Ideal is what an op would take if the hand-over were free, where that is known: measured
	// in the same round, or computed. Nil otherwise.
	Ideal func() float64

	// Idle is how long the pool has nothing to do before each burst of Unit tasks. Only the
	// bursts are timed.
	Idle time.Duration
}

// All returns the works. smoke makes them small; the table's numbers are those without it.
func All(smoke bool) []Work {
	w := runtime.GOMAXPROCS(0)
	pick := func(full, small int) int {
		if smoke {
			return small
		}
		return full
	}
	base := contend.Setup{Fn: inc, Workers: w, Queue: queue, Producers: 1}
	with := func(change func(*contend.Setup)) contend.Setup {
		s := base
		change(&s)
		return s
	}
	batch := with(func(s *contend.Setup) { s.Batch = pick(1000, 100) })
	mapped := with(func(s *contend.Setup) { s.Batch = pick(10_000, 500) })
	fork := with(func(s *contend.Setup) { s.Queue, s.Batch = 256, pick(25, 12) })
	many := with(func(s *contend.Setup) { s.Producers = 64 })
	heavy := with(func(s *contend.Setup) { s.Heavy = true })
	sleepers := with(func(s *contend.Setup) { s.Workers, s.Bound, s.Heavy = 100, true, true })
	crowd := with(func(s *contend.Setup) { s.Workers = 8 * w })

	works := []Work{
		{
			Name: "fire", Op: "task", Shape: contend.Fire, Setup: base, Unit: 1000,
			Doc: "one producer submits empty tasks that nobody awaits, until all have run",
		},
		{
			Name: "fire-procs", Op: "task", Shape: contend.Fire, Unit: 64 * 16,
			Setup: with(func(s *contend.Setup) { s.Producers = max(2, w) }),
			Doc:   "the same by as many producers as processors (2 at least)",
		},
		{
			Name: "fire-64", Op: "task", Shape: contend.Fire, Setup: many, Unit: 64 * 16,
			Doc: "the same by 64 producers",
		},
		{
			Name: "results", Op: "task", Shape: contend.Results, Setup: batch, Unit: batch.Batch,
			Doc: "submit 1000 tasks one by one, then await the 1000 results",
		},
		{
			Name: "batch", Op: "task", Shape: contend.Batch, Setup: batch, Unit: batch.Batch,
			Doc: "the same, submitted by one call",
		},
		{
			Name: "ping", Op: "task", Shape: contend.Ping, Setup: base, Unit: 100,
			Doc: "submit one task, await its result, again and again",
		},
		{
			Name: "fork-join", Op: "fork", Shape: contend.Fork, Setup: fork,
			Unit: 1, Ops: contend.Forks(fork.Batch),
			Doc: "recursive fib(25): each addition submits a task of the same pool and awaits it, with a queue of 256",
		},
		{
			Name: "map", Op: "item", Shape: contend.Map, Setup: mapped, Unit: mapped.Batch,
			Doc: "the results of a slice of 10,000 trivial items, in its order",
		},
		{
			Name: "stream", Op: "item", Shape: contend.Stream, Setup: base, Unit: 100,
			Doc: "a sequence of trivial items; the results are consumed in its order, as they come",
		},
		{
			Name: "burst", Op: "task", Shape: contend.Fire, Unit: 256, Idle: 5 * time.Millisecond,
			Setup: with(func(s *contend.Setup) { s.Prompt = true }),
			Doc:   "256 empty tasks at once, to a pool that has been idle for 5 ms, until they have run",
		},
		{
			Name: "sleep", Op: "task", Shape: contend.Fire, Setup: sleepers, Unit: 100, Fixed: pick(10_000, 200),
			Task: func() contend.Fn { return sleepFn },
			Ideal: func() float64 {
				return float64(time.Millisecond) / float64(sleepers.Workers)
			},
			Doc: "bounded I/O: 10,000 tasks that sleep 1 ms, at most 100 at once",
		},
	}
	for _, us := range []int{0, 1, 10, 100} {
		setup := base
		if us >= 10 {
			setup = heavy
		}
		works = append(works, cpu(us, setup, pick(200, 10)))
	}
	works = append(works, Work{
		Name: "mutex", Op: "task", Shape: contend.Fire, Setup: crowd, Unit: 100,
		Task: contendedFn,
		Doc:  "8 x as many workers as processors; each task hashes 64 bytes under one mutex that all share",
	})
	for i := range works {
		works[i].Ops = max(works[i].Ops, 1)
	}
	return works
}

// cpu is a work of tasks that hash for about us microseconds.
func cpu(us int, setup contend.Setup, unit int) Work {
	w := Work{
		Name: map[int]string{0: "cpu-0", 1: "cpu-1us", 10: "cpu-10us", 100: "cpu-100us"}[us],
		Op:   "task", Shape: contend.Fire, Setup: setup, Unit: unit,
		Doc: map[int]string{
			0:   "tasks of real work (SHA-256 of blocks of 1 kB), nobody awaits: of no block",
			1:   "of as many blocks as come nearest to 1 µs",
			10:  "of about 10 µs",
			100: "of about 100 µs",
		}[us],
	}
	blocks := func() int {
		if us == 0 {
			return 0
		}
		return max(1, int(float64(us)*1000/BlockTime()+0.5))
	}
	w.Task = func() contend.Fn { return hashFn(blocks()) }
	w.Ideal = func() float64 { return serial(hashFn(blocks())) / float64(setup.Workers) }
	return w
}

// Trial is what one measurement found, per op.
type Trial struct {
	Ns, Allocs, Bytes float64
}

// Measure times contender c at n steps of w, after a warm-up. It returns a contend.Cannot if
// c does not do that.
func (w Work) Measure(c contend.Contender, n int) (Trial, error) {
	s := w.Setup
	if w.Task != nil {
		s.Fn = w.Task()
	}
	var burst sync.WaitGroup
	if w.Idle > 0 {
		s.Fn = doneFn(&burst)
	}
	session, err := c.Start(w.Shape, s)
	if err != nil {
		return Trial{}, err
	}
	w.warm(session)
	runtime.GC() // so that nobody pays for the one before

	var before, after runtime.MemStats
	var elapsed time.Duration
	runtime.ReadMemStats(&before)
	if w.Idle > 0 {
		for range n / w.Unit {
			time.Sleep(w.Idle)
			burst.Add(w.Unit)
			start := time.Now()
			session.Do(0, w.Unit)
			burst.Wait()
			elapsed += time.Since(start)
		}
		if session.Join != nil {
			session.Join()
		}
	} else {
		start := time.Now()
		produce(session, s.Producers, n)
		if session.Join != nil {
			session.Join()
		}
		elapsed = time.Since(start)
	}
	runtime.ReadMemStats(&after)
	if session.Stop != nil {
		session.Stop()
	}
	ops := float64(n * w.Ops)
	return Trial{
		Ns:     float64(elapsed) / ops,
		Allocs: float64(after.Mallocs-before.Mallocs) / ops,
		Bytes:  float64(after.TotalAlloc-before.TotalAlloc) / ops,
	}, nil
}

// Cannot is why c does not do w, or "".
func (w Work) Cannot(c contend.Contender) string {
	s, err := c.Start(w.Shape, w.Setup)
	if err != nil {
		return err.Error()
	}
	if s.Join != nil {
		s.Join()
	}
	if s.Stop != nil {
		s.Stop()
	}
	return ""
}

// produce calls Do for n tasks from as many goroutines as the work has producers.
func produce(s *contend.Session, producers, n int) {
	if producers == 1 {
		s.Do(0, n)
		return
	}
	var wg sync.WaitGroup
	for i := range producers {
		from, to := i*n/producers, (i+1)*n/producers
		wg.Go(func() { s.Do(from, to-from) })
	}
	wg.Wait()
}

// warm starts workers and fills caches. Tasks that nobody awaits count themselves, see warmed;
// a contender that holds some back until a batch is full does not get them back here.
func (w Work) warm(s *contend.Session) {
	if w.Shape != contend.Fire {
		s.Do(0, w.Unit)
		return
	}
	const n = 1000
	warmed.Store(0)
	s.Do(-n, n)
	for quiet := 0; warmed.Load() < n && quiet < 50; quiet++ {
		time.Sleep(100 * time.Microsecond)
	}
}

// Calibrate returns the n that takes about target, a multiple of w.Unit.
func (w Work) Calibrate(c contend.Contender, target time.Duration) (int, error) {
	if w.Fixed > 0 {
		return w.Fixed, nil
	}
	for n := w.Unit; ; n *= 4 {
		t, err := w.Measure(c, n)
		if err != nil {
			return 0, err
		}
		took := t.Ns * float64(n*w.Ops)
		if w.Idle > 0 {
			took += float64(w.Idle) * float64(n/w.Unit)
		}
		if took < float64(target)/10 {
			continue
		}
		units := float64(target) / took * float64(n/w.Unit)
		return max(1, int(units+0.5)) * w.Unit, nil
	}
}
