package frame_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/forebay-go/forebay/internal/frame"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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

// goroutines is the number of goroutines in synctest bubbles, of which there is one.
func goroutines() int {
	buf := make([]byte, 1<<16)
	for {
		if n := runtime.Stack(buf, true); n < len(buf) {
			return strings.Count(string(buf[:n]), "synctest bubble")
		}
		buf = make([]byte, 2*len(buf))
	}
}

// newHome makes the home of a pool without workers, whose context ends with the cause
// given to stop.
func newHome() (home *frame.Home, stop context.CancelCauseFunc) {
	ctx, stop := context.WithCancelCause(context.Background())
	return &frame.Home{Ctx: ctx, Base: context.Background(), Counters: new(frame.Counters)}, stop
}

func newFrame(ctx context.Context, home *frame.Home) *frame.Frame {
	f := new(frame.Frame)
	f.Init(ctx, home)
	return f
}

// ended reports whether ctx is done, without waiting.
func ended(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	default:
		return false
	}
}

type key string

// A watched context is one that package context does not know. It sees who waits for its
// end: AfterFunc is the method that package context uses then.
type watched struct {
	context.Context                     // for values and the deadline
	called          func(method string) // nil, or called at the begin of a method
	done            chan struct{}

	mu      sync.Mutex
	err     error
	waiting map[*func()]bool
	asked   int // calls of Err
	depth   int // of the stack in the last of them
}

func newWatched() *watched {
	return &watched{Context: context.Background(), done: make(chan struct{}), waiting: make(map[*func()]bool)}
}

func (w *watched) call(method string) {
	if w.called != nil {
		w.called(method)
	}
}

func (w *watched) Done() <-chan struct{} {
	w.call("Done")
	return w.done
}

func (w *watched) Err() error {
	w.call("Err")
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	w.depth = runtime.Callers(0, make([]uintptr, 1000))
	return w.err
}

func (w *watched) Value(key any) any {
	w.call("Value")
	return w.Context.Value(key)
}

func (w *watched) Deadline() (time.Time, bool) {
	w.call("Deadline")
	return w.Context.Deadline()
}

func (w *watched) AfterFunc(f func()) (stop func() bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waiting[&f] = true
	return func() bool {
		w.call("stop")
		w.mu.Lock()
		defer w.mu.Unlock()
		was := w.waiting[&f]
		delete(w.waiting, &f)
		return was
	}
}

// end ends the context. Those who wait are told by tell.
func (w *watched) end(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = err
	close(w.done)
}

func (w *watched) tell() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for f := range w.waiting {
		go (*f)()
	}
	clear(w.waiting)
}

// waiters is the number of those who wait.
func (w *watched) waiters() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.waiting)
}

// asks returns how often Err was called since the last time, and how deep in the stack.
func (w *watched) asks() (n, depth int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, w.asked = w.asked, 0
	return n, w.depth
}
