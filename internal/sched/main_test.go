package sched_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv(crashVariable) != "" {
		crash()
		return
	}
	goleak.VerifyTestMain(m)
}

// scaled is n, or a tenth of it in -short mode.
func scaled(n int) int {
	if testing.Short() {
		return n / 10
	}
	return n
}

var seedFlag = flag.Uint64("seed", 0, "seed of the stress tests; 0: the clock")

// seeded returns a source of random numbers, and logs how to get it again.
func seeded(t *testing.T) *rand.Rand {
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// processors sets GOMAXPROCS for the rest of the test.
func processors(t *testing.T, n int) {
	old := runtime.GOMAXPROCS(n)
	t.Cleanup(func() { runtime.GOMAXPROCS(old) })
}

// patience is how long a stress may take before it is said to hang.
const patience = 10 * time.Second

// A watchdog ends a stress that hangs, and says in what state.
type watchdog struct{ crew atomic.Pointer[crew] }

func watch(t *testing.T) *watchdog {
	d := new(watchdog)
	timer := time.AfterFunc(patience, func() {
		c := d.crew.Load()
		panic(fmt.Sprintf("%s hangs: %d of %d jobs ran, %d queued, %+v, flags %#x", t.Name(),
			c.ran.Load(), c.accepted.Load(), c.queue.Len(), c.sched.Counts(), uint64(c.sched.Flags())))
	})
	t.Cleanup(func() { timer.Stop() })
	return d
}

// on makes c the crew to tell of.
func (d *watchdog) on(c *crew) *crew {
	d.crew.Store(c)
	return c
}
