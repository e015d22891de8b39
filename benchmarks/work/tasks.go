package work

import (
	"context"
	"crypto/sha256"
	"sync"
	"sync/atomic"
	"time"

	"github.com/forebay-go/forebay/benchmarks/contend"
)

// warmed counts the tasks of a warm-up, which have negative arguments. The real ones pay a
// comparison for it, everybody's alike.
var warmed atomic.Int64

// inc is the empty task.
func inc(_ context.Context, arg int) (int, error) {
	if arg < 0 {
		warmed.Add(1)
	}
	return arg + 1, nil
}

// doneFn is the empty task of a burst: it tells when the burst is over.
func doneFn(wg *sync.WaitGroup) contend.Fn {
	return func(_ context.Context, arg int) (int, error) {
		if arg < 0 {
			warmed.Add(1)
		} else {
			wg.Done()
		}
		return arg + 1, nil
	}
}

// sleepFn stands for I/O.
func sleepFn(_ context.Context, arg int) (int, error) {
	if arg < 0 {
		warmed.Add(1)
		return arg + 1, nil
	}
	time.Sleep(time.Millisecond)
	return arg + 1, nil
}

// block is what the CPU tasks hash.
var block [1024]byte

// hashFn is a task of real work: blocks times SHA-256 of 1 kB.
func hashFn(blocks int) contend.Fn {
	return func(_ context.Context, arg int) (int, error) {
		if arg < 0 {
			warmed.Add(1)
			return arg + 1, nil
		}
		odd := 0
		for range blocks {
			sum := sha256.Sum256(block[:])
			odd += int(sum[0] & 1)
		}
		if odd > blocks { // never; but the compiler has to work for it
			return 0, nil
		}
		return arg + 1, nil
	}
}

// contendedFn is a task that does all its work under a mutex that the others want too.
func contendedFn() contend.Fn {
	var mu sync.Mutex
	var sum [64]byte
	return func(_ context.Context, arg int) (int, error) {
		if arg < 0 {
			warmed.Add(1)
			return arg + 1, nil
		}
		mu.Lock()
		h := sha256.Sum256(sum[:])
		copy(sum[:], h[:])
		mu.Unlock()
		return arg + 1, nil
	}
}

// serial is the time of one call of fn, in ns, from a loop of some milliseconds.
func serial(fn contend.Fn) float64 {
	ctx := context.Background()
	for n := 16; ; n *= 4 {
		start := time.Now()
		for i := range n {
			_, _ = fn(ctx, i)
		}
		if took := time.Since(start); took > 2*time.Millisecond {
			return float64(took) / float64(n)
		}
	}
}

// BlockTime is the time to hash one block, in ns: measured once, so that all rounds and all
// contenders have tasks of the same number of blocks.
var BlockTime = sync.OnceValue(func() float64 {
	best := serial(hashFn(8)) / 8
	for range 4 {
		best = min(best, serial(hashFn(8))/8)
	}
	return best
})
