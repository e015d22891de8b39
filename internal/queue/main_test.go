package queue_test

import (
	"errors"
	"flag"
	"math/rand/v2"
	"runtime"
	"testing"

	"go.uber.org/goleak"

	"github.com/forebay-go/forebay/internal/queue"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The capacities of most tests: the smallest, both kinds (powers of two and not), the default.
var capacities = []int{1, 2, 3, 4, 8, 1000, 1024}

// The first positions of most tests. From all but 0 they wrap around at 2^64 soon: at the
// first element, within the first lap of the smaller rings, in the middle of a batch.
var starts = []uint64{0, ^uint64(0) - 1, ^uint64(0) - 5, ^uint64(0) - 2001}

func never(int) bool { return false }

// A fifo is a Ring or a Queue of numbers.
type fifo interface {
	Push(*int) queue.Status
	Pop(*int) queue.Status
	Ready() bool
	Len() int
	Cap() int
}

func wantPush(t *testing.T, q fifo, v int, want queue.Status) {
	t.Helper()
	n := q.Len()
	if got := q.Push(&v); got != want {
		t.Fatalf("Push(%d) with %d of %d queued: got %v, want %v", v, n, q.Cap(), got, want)
	}
}

// wantPop wants the elements vs, one after the other.
func wantPop(t *testing.T, q fifo, vs ...int) {
	t.Helper()
	for _, v := range vs {
		n, got := q.Len(), 0
		if st := q.Pop(&got); st != queue.OK || got != v {
			t.Fatalf("Pop with %d of %d queued: got %v and %d, want OK and %d", n, q.Cap(), st, got, v)
		}
	}
}

// wantNoPop wants no element, but the answer want.
func wantNoPop(t *testing.T, q fifo, want queue.Status) {
	t.Helper()
	n, got := q.Len(), -1
	if st := q.Pop(&got); st != want {
		t.Fatalf("Pop with %d of %d queued: got %v, want %v", n, q.Cap(), st, want)
	}
	if got != -1 {
		t.Fatalf("Pop answered %v and wrote %d to its argument", want, got)
	}
}

func wantLen(t *testing.T, q fifo, n int, ready bool) {
	t.Helper()
	if got := q.Len(); got != n {
		t.Fatalf("Len: got %d, want %d", got, n)
	}
	if got := q.Ready(); got != ready {
		t.Fatalf("Ready with %d of %d queued: got %t, want %t", n, q.Cap(), got, ready)
	}
}

// count returns the numbers from, from+1, ..., to-1.
func count(from, to int) []int {
	var vs []int
	for v := from; v < to; v++ {
		vs = append(vs, v)
	}
	return vs
}

var seedFlag = flag.Uint64("seed", 0, "the stress tests' seed; 0: another one each time")

// newSeed returns the seed of a stress test, and prints it if the test fails.
func newSeed(t *testing.T) uint64 {
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("again: go test -race -run '^%s$' ./internal/queue -args -seed=%d", t.Name(), seed)
		}
	})
	return seed
}

// random returns the generator of one goroutine of a stress test.
func random(seed uint64, goroutine int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, uint64(goroutine)))
}

// scaled is n, or less of it with -short.
func scaled(n int) int {
	if testing.Short() {
		return max(n/10, 1)
	}
	return n
}

// onProcs runs f at several values of GOMAXPROCS.
func onProcs(t *testing.T, f func(procs int)) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, procs := range []int{1, 2, 3, 8} {
		runtime.GOMAXPROCS(procs)
		f(procs)
	}
}

// A patience bounds how often a goroutine yields before somebody else lets it get on.
type patience int

var errStuck = errors.New("no progress: somebody else should have got on, and has not")

func (p *patience) yield() error {
	if *p++; *p > 1<<24 {
		return errStuck
	}
	runtime.Gosched()
	return nil
}
