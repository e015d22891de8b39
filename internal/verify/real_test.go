//go:build !explore

package verify_test

import (
	"flag"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/forebay-go/forebay/internal/queue"
)

var seedFlag = flag.Uint64("seed", 0, "seed of the recorded histories; 0: the clock")

// Histories of real goroutines on real processors, with the real memory model below: each
// round is some goroutines that do a few random operations on one ring at once. Times are
// those of the monotonic clock; operations that share a tick count as overlapping.
func TestRing_RecordedHistories(t *testing.T) {
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	rounds := int(3000 * *budget)
	if testing.Short() {
		rounds /= 10
	}
	for _, processors := range []int{2, 4} {
		old := runtime.GOMAXPROCS(processors)
		for _, capacity := range []int{1, 2, 3, 4} {
			total.scenarios++
			model, overlaps := fifoModel(capacity), 0
			for round := range rounds {
				h := record(rng, capacity, round%10 == 0)
				total.histories++
				overlaps += h.overlaps()
				if !h.linearizable(model) {
					t.Fatalf("capacity %d, round %d: not linearizable:\n%v", capacity, round, h)
				}
			}
			t.Logf("GOMAXPROCS %d, capacity %d: %d histories, with %d pairs of operations that overlap",
				processors, capacity, rounds, overlaps)
		}
		runtime.GOMAXPROCS(old)
	}
}

// record makes one history. closes: one of the goroutines closes the ring.
func record(rng *rand.Rand, capacity int, closes bool) history {
	const goroutines, each = 4, 10
	r := queue.NewRing[element](capacity)
	var all [goroutines]history
	for g := range all {
		pushed := element(0)
		for range each {
			o := operation{thread: g, action: push, n: 1 + rng.IntN(most)}
			switch n := rng.IntN(20); {
			case g%2 == 0 && n < 12 || g%2 == 1 && n < 6:
			case n < 14:
				o.action = pop
			case n < 16:
				o.action = pushBatch
			case n < 18:
				o.action = popBatch
			case n < 19:
				o.action = length
			default:
				o.action = ready
			}
			if o.action == push {
				o.n = 1
			}
			if o.action <= pushBatch {
				for i := range o.n {
					pushed++
					o.elems[i] = element(16*g) + pushed%16
				}
			}
			all[g] = append(all[g], o)
		}
	}
	if closes {
		all[0][each/2] = operation{action: shut}
	}
	var wg sync.WaitGroup
	var at [goroutines]atomic.Int32 // how far each is
	start := time.Now()
	for g := range all {
		wg.Go(func() {
			for i := range all[g] {
				at[g].Store(int32(i + 1))
				for n := 0; at[g^1].Load() <= int32(i) && n < 2000; n++ { // in pairs, if there are processors
				}
				o := &all[g][i]
				o.call = int64(time.Since(start))
				o.do(r)
				o.ret = int64(time.Since(start))
			}
		})
	}
	wg.Wait()
	var h history
	for _, part := range all {
		h = append(h, part...)
	}
	return h
}

// overlaps is the number of pairs of operations of two goroutines that ran at the same time.
func (h history) overlaps() (n int) {
	for i, a := range h {
		for _, b := range h[:i] {
			if a.thread != b.thread && a.call <= b.ret && b.call <= a.ret {
				n++
			}
		}
	}
	return n
}
