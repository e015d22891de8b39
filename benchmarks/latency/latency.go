// Package latency measures how long a task waits, and how long until its submitter has the
// result.
package latency

import (
	"context"
	"crypto/sha256"
	"runtime"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/forebay-go/forebay/benchmarks/contend"
	"github.com/forebay-go/forebay/benchmarks/work"
)

// A Load is a number of clients, each of which has a task to submit every Interval, and
// awaits its result. A client that is behind, because the result before was late, counts from
// when the task was due: so a contender that stalls cannot hide the tasks that it kept from
// being submitted (coordinated omission). A client that is not behind counts from when it woke
// up, as a late timer is no pool's fault.
type Load struct {
	Name     string
	Doc      string
	Workers  int
	Clients  int
	Interval time.Duration
	Blocks   int // SHA-256 of so many kB in each task
}

// share is how much of the processors' time the tasks take where there is load. Awaiting
// and timers come on top; with much more the queue would grow without end.
const share = 0.7

// Loads returns the loads.
func Loads() []Load {
	w := runtime.GOMAXPROCS(0)
	const blocks, clients = 64, 64
	interval := time.Duration(blocks * work.BlockTime() * clients / share)
	return []Load{
		{
			Name: "light", Workers: w, Clients: 16, Interval: 16 * 200 * time.Microsecond, Blocks: 1,
			Doc: "one task every 200 µs, which hashes 1 kB, from 16 clients in turn; a worker for each processor",
		},
		{
			Name: "saturated", Workers: w, Clients: clients * w, Interval: interval, Blocks: blocks,
			Doc: "64 clients for each processor, whose tasks (each hashes 64 kB) are 70 % of what the processors can do; a worker for each processor",
		},
		{
			Name: "oversubscribed", Workers: 8 * w, Clients: clients * w, Interval: interval, Blocks: blocks,
			Doc: "the same with eight workers for each processor",
		},
	}
}

// A Pair is what is measured: from just before the submit until the task's function has
// begun, and until its submitter has the result in hand.
type Pair struct {
	Start, Settled *hdrhistogram.Histogram
}

// NewPair returns histograms of 1 ns to 10 s with three digits.
func NewPair() Pair {
	return Pair{hdrhistogram.New(1, int64(10*time.Second), 3), hdrhistogram.New(1, int64(10*time.Second), 3)}
}

func (p Pair) merge(q Pair) {
	p.Start.Merge(q.Start)
	p.Settled.Merge(q.Settled)
}

// line is what one client and its tasks write, and nobody else.
type line struct {
	start time.Duration
	_     [120]byte // no two clients share a cache line
}

// Measure adds to into what contender c does in about d under l. It returns a contend.Cannot
// if c cannot await one task.
func (l Load) Measure(c contend.Contender, d time.Duration, into Pair) error {
	begin := time.Now()
	lines := make([]line, l.Clients)
	var block [1024]byte
	session, err := c.Start(contend.Ping, contend.Setup{
		Workers: l.Workers, Queue: 1024, Heavy: true, Prompt: true,
		Fn: func(_ context.Context, client int) (int, error) {
			lines[client].start = time.Since(begin)
			for range l.Blocks {
				if sum := sha256.Sum256(block[:]); sum == ([32]byte{}) {
					return 0, nil
				}
			}
			return client + 1, nil
		},
	})
	if err != nil {
		return err
	}
	if session.Stop != nil {
		defer session.Stop()
	}
	pairs := make([]Pair, l.Clients)
	for i := range pairs {
		pairs[i] = NewPair()
	}
	runtime.GC()
	var wg sync.WaitGroup
	first := time.Since(begin) + time.Millisecond
	from := first + d/10 // before, workers start and queues find their length
	until := from + d
	for client := range l.Clients {
		wg.Go(func() {
			p := pairs[client]
			due := first + l.Interval*time.Duration(client)/time.Duration(l.Clients)
			for ; due < until; due += l.Interval {
				submit := due
				if now := time.Since(begin); now < due {
					time.Sleep(due - now)
					submit = time.Since(begin)
				}
				session.Do(client, 1)
				settled := time.Since(begin)
				if due >= from {
					// What is beyond ten seconds counts as ten: the histogram has an end.
					_ = p.Start.RecordValue(min(int64(lines[client].start-submit), int64(10*time.Second)))
					_ = p.Settled.RecordValue(min(int64(settled-submit), int64(10*time.Second)))
				}
				if settled > until+d {
					return // hopelessly behind
				}
			}
		})
	}
	wg.Wait()
	for _, p := range pairs {
		into.merge(p)
	}
	return nil
}
