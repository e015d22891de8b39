package pool_test

import (
	"context"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// The law tests run on pools of int tasks.
type (
	intPool   = pool.Pool[int, int]
	intFuture = future.Future[int]
	intFunc   = pool.Func[int, int]
)

var errBoom = errors.New("boom")

// deadCtx returns a context that has ended.
func deadCtx(cause error) context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(cause)
	return ctx
}

// goroutines counts the goroutines of the process while all stand still. runtime.NumGoroutine does not wait for
// that: while the collector sorts the dead ones it may count hundreds of them (a record too few to hold a profile).
func goroutines() int {
	n, _ := runtime.GoroutineProfile(make([]runtime.StackRecord, 1))
	return n
}

// A gate holds whoever passes it until it is opened.
type gate chan struct{}

func (g gate) open() { close(g) }

// hold is a task that returns its argument when the gate is open, and ignores its ctx.
func (g gate) hold(_ context.Context, n int) (int, error) {
	<-g
	return n, nil
}

// untilDone is a task that runs until its ctx ends, and returns the cause.
func untilDone(ctx context.Context, n int) (int, error) {
	<-ctx.Done()
	return n, context.Cause(ctx)
}

// bubble runs test in a synctest bubble with a pool of its own, which it closes.
func bubble(t *testing.T, opts []pool.Option, test func(t *testing.T, p *intPool)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := pool.New[int, int](opts...)
		test(t, p)
		_ = p.Close()
		wantBalance(t, p)
	})
}

func options(opts ...pool.Option) []pool.Option { return opts }

// start calls f on a goroutine of its own. The channel is closed when f has returned.
func start(f func()) <-chan struct{} {
	over := make(chan struct{})
	go func() {
		defer close(over)
		f()
	}()
	return over
}

func isOver(over <-chan struct{}) bool {
	select {
	case <-over:
		return true
	default:
		return false
	}
}

// wantOver checks, inside a bubble, whether what start started has come to its end, or
// cannot go on.
func wantOver(t *testing.T, what string, over <-chan struct{}, want bool) {
	t.Helper()
	synctest.Wait()
	if got := isOver(over); got != want {
		t.Errorf("%s has returned: got %t, want %t", what, got, want)
	}
}

func wantState(t *testing.T, what string, f *intFuture, want future.State) {
	t.Helper()
	if got := f.State(); got != want {
		t.Errorf("%s: got state %v, want %v", what, got, want)
	}
}

// wantValue checks that f has settled, or does, with v and without an error.
func wantValue(t *testing.T, what string, f *intFuture, v int) {
	t.Helper()
	if got, err := f.Await(context.Background()); got != v || err != nil {
		t.Errorf("%s: got %d, %v in state %v, want %d, <nil>", what, got, err, f.State(), v)
	}
	wantState(t, what, f, future.Succeeded)
}

// wantFailure checks that f has settled, or does, in a state and with an error that is each
// of the targets.
func wantFailure(t *testing.T, what string, f *intFuture, state future.State, targets ...error) {
	t.Helper()
	_, err := f.Await(context.Background())
	wantState(t, what, f, state)
	wantErr(t, what, err, targets...)
}

func wantErr(t *testing.T, what string, err error, targets ...error) {
	t.Helper()
	for _, target := range targets {
		if !errors.Is(err, target) {
			t.Errorf("%s: got error %v, want one that is %v", what, err, target)
		}
	}
}

// wantBalance checks L1's equation, and that nothing runs or waits. The pool is quiet.
func wantBalance(t *testing.T, p *intPool) {
	t.Helper()
	s := p.Stats()
	if sum := s.Succeeded + s.Failed + s.Panicked + s.Canceled + s.Dropped; sum != s.Accepted {
		t.Errorf("ended tasks of a quiet pool: got %d, want the %d accepted; %+v", sum, s.Accepted, s)
	}
	if s.Queued != 0 || s.Running != 0 || s.Lent != 0 {
		t.Errorf("quiet pool: got %d queued, %d running, %d lent, want 0; %+v", s.Queued, s.Running, s.Lent, s)
	}
}

// A gauge counts the task functions that run outside of Await and Block, as L3 counts them:
// a task leaves before it waits, and enters again when it has waited.
type gauge struct {
	now, peak atomic.Int64
}

func (g *gauge) enter() {
	now := g.now.Add(1)
	for peak := g.peak.Load(); now > peak && !g.peak.CompareAndSwap(peak, now); peak = g.peak.Load() {
	}
}

func (g *gauge) leave() { g.now.Add(-1) }

// outside calls wait outside of the gauge. wait may end the goroutine: a task can run
// inline.
func (g *gauge) outside(wait func()) {
	g.leave()
	defer g.enter()
	wait()
}

// task is fn, counted.
func (g *gauge) task(fn intFunc) intFunc {
	return func(ctx context.Context, n int) (int, error) {
		g.enter()
		defer g.leave()
		return fn(ctx, n)
	}
}

func (g *gauge) wantPeak(t *testing.T, limit int) {
	t.Helper()
	if peak := g.peak.Load(); peak > int64(limit) {
		t.Errorf("task functions at once: got %d, want %d at most", peak, limit)
	}
}

// A record is a list that tasks write and the test reads.
type record[E any] struct {
	mu   sync.Mutex
	list []E
}

func (r *record[E]) add(e E) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, e)
}

func (r *record[E]) all() []E {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]E(nil), r.list...)
}

// goroutineID is the calling goroutine's number, from the first line of its stack.
func goroutineID() int {
	var buf [64]byte
	line := string(buf[:runtime.Stack(buf[:], false)])
	id, _ := strconv.Atoi(strings.Fields(line)[1])
	return id
}

var ranBefore sync.Map // by the name of the test

// inFull is true for the first run of a test in a process. Those that need a second under the
// race detector do with less when -count and -cpu repeat them, and with -short.
func inFull(t *testing.T) bool {
	_, again := ranBefore.LoadOrStore(t.Name(), true)
	return !again && !testing.Short()
}

// scaled is n, or less with -short.
func scaled(n int) int {
	if testing.Short() {
		return max(1, n/10)
	}
	return n
}
