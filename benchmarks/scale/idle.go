package scale

import (
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/forebay-go/forebay/benchmarks/contend"
)

// nothing is the process without a pool: what the runtime itself takes.
const nothing = "nothing"

// Nothing is a contender without a pool, which idle-cpu has beside the others.
var Nothing contend.Contender = none{}

type none struct{}

func (none) About() contend.About { return contend.About{Name: nothing} }

func (none) Start(contend.Shape, contend.Setup) (*contend.Session, error) {
	return nil, contend.Cannot("is no pool")
}

// expiry is how long a pool of the curves after the timeout is told to keep a worker.
const expiry = 20 * time.Millisecond

// idle is the cost of a pool whose workers have all had work, and have none.
func idle(window time.Duration) []*Curve {
	workers := []int{100, 10_000}
	return []*Curve{
		{
			Name: "idle-cpu", Axis: "workers", Unit: "µs of processor time in a second", Xs: workers, once: true,
			Contenders: append([]string{nothing}, four...),
			Doc:        "all workers have had work and have none, and are kept as long as the pool keeps them by itself; *nothing* is the process without a pool",
			measure: func(c contend.Contender, x, _ int) (float64, error) {
				if _, ok := cpuTime(); !ok {
					return 0, contend.Cannot("the system does not tell")
				}
				p := open(c.About().Name, x, 0)
				defer p.end()
				if c != Nothing {
					p.busy(x)
				}
				// All that the runtime would give back to the system over the next seconds: that takes
				// it up to 1 % of the processors.
				debug.FreeOSMemory()
				time.Sleep(5 * time.Millisecond) // the collector's workers go to sleep as well
				before, _ := cpuTime()
				start := time.Now()
				time.Sleep(window)
				after, _ := cpuTime()
				return float64((after - before).Microseconds()) / time.Since(start).Seconds(), nil
			},
		},
		{
			Name: "idle-goroutines", Axis: "workers", Unit: "goroutines", Xs: workers, once: true, Contenders: four,
			Doc: "what is left of an open pool some time after its workers have had work, if told to keep them for 20 ms where one can tell it",
			measure: func(c contend.Contender, x, _ int) (float64, error) {
				return left(c, x, func() int64 { return int64(runtime.NumGoroutine()) })
			},
		},
		{
			Name: "idle-bytes", Axis: "workers", Unit: "bytes, heap and stacks", Xs: workers, once: true, Contenders: four,
			Doc:     "the same in memory",
			measure: func(c contend.Contender, x, _ int) (float64, error) { return left(c, x, inUse) },
		},
	}
}

// left is by how much an amount is larger with a pool that has been idle than without it.
func left(c contend.Contender, x int, amount func() int64) (float64, error) {
	crowd(x)
	settle()
	before := amount()
	p := open(c.About().Name, x, expiry)
	p.busy(x)
	time.Sleep(2 * expiry)
	settle()
	after := amount()
	p.end()
	return float64(max(0, after-before)), nil
}

// crowd has x goroutines at once. The runtime never frees the record of a goroutine but uses
// it again: without this, the first pool would pay for those of all.
func crowd(x int) {
	var all, done sync.WaitGroup
	all.Add(x)
	for range x {
		done.Go(func() {
			all.Done()
			all.Wait()
		})
	}
	done.Wait()
}

// settle waits until no goroutine has ended for a while; two seconds at most.
func settle() {
	last, same := runtime.NumGoroutine(), 0
	for i := 0; same < 3 && i < 100; i++ {
		time.Sleep(expiry)
		if n := runtime.NumGoroutine(); n == last {
			same++
		} else {
			last, same = n, 0
		}
	}
}
