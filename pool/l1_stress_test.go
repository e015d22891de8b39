package pool_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

var seed = flag.Uint64("seed", 0, "of TestL1_Stress: run this program only")

// TestL1_Stress runs random programs. In each, some actors do random actions on one pool
// with random options, and somewhen it is ended in a random way. The actions are a
// vocabulary (below), each of which states the errors that it accepts. A program that hangs
// is a deadlock to the bubble it runs in, and time there costs nothing. A failure names the
// seed: go test ./pool -run Stress -seed N -count 20.
func TestL1_Stress(t *testing.T) {
	if *seed != 0 {
		t.Run(fmt.Sprint("seed=", *seed), func(t *testing.T) { synctest.Test(t, newProgram(*seed).run) })
		return
	}
	for range scaled(60) {
		s := rand.Uint64()
		t.Run(fmt.Sprint("seed=", s), func(t *testing.T) { synctest.Test(t, newProgram(s).run) })
	}
}

const maxWorkers = 4

type program struct {
	t      *testing.T
	rng    *rand.Rand
	seed   uint64
	pool   *intPool
	policy pool.FullPolicy
	gauge  gauge
	strays bool           // tasks leave goroutines behind, which use their ctx
	left   sync.WaitGroup // these goroutines
	begun  atomic.Uint64  // task functions called
	tasks  record[*tracked]
}

// A tracked task knows how often it ran.
type tracked struct {
	name     string
	future   *intFuture // nil until Submit has returned
	runs     atomic.Int64
	canceled atomic.Bool // Cancel said that it would never run
}

func newProgram(seed uint64) *program {
	return &program{seed: seed, rng: rand.New(rand.NewPCG(seed, 0))}
}

func (pr *program) run(t *testing.T) {
	pr.t = t
	base, stop := context.WithCancelCause(t.Context())
	defer stop(nil)
	pr.pool = pool.New[int, int](pr.options(base)...)
	pr.strays = pr.rng.IntN(3) == 0
	var actors sync.WaitGroup
	for i := range 1 + pr.rng.IntN(4) {
		a := &actor{program: pr, rng: rand.New(rand.NewPCG(pr.seed, uint64(i+1)))}
		actors.Go(a.act)
	}
	switch pr.rng.IntN(3) {
	case 0:
		actors.Wait()
		time.Sleep(time.Hour) // in the bubble: until nothing happens any more
		wantBalance(t, pr.pool)
	case 1:
		time.Sleep(time.Duration(pr.rng.IntN(3000)) * time.Microsecond)
	}
	switch pr.rng.IntN(4) {
	case 0:
		pr.pool.Stop(errStop)
	case 1:
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(pr.rng.IntN(2000))*time.Microsecond)
		accept(t, "Shutdown", pr.pool.Shutdown(ctx), context.DeadlineExceeded, errAnyTask, future.ErrGoexit)
		cancel()
	case 2:
		stop(errStop)
	}
	accept(t, "Close", pr.pool.Close(), errAnyTask, future.ErrGoexit)
	actors.Wait()
	pr.left.Wait()
	pr.check()
}

func (pr *program) options(base context.Context) []pool.Option {
	pr.policy = pool.FullPolicy(pr.rng.IntN(int(pool.DropOldestWhenFull) + 1))
	opts := options(
		pool.WithWorkers(1+pr.rng.IntN(maxWorkers)),
		pool.WithQueue(1+pr.rng.IntN(8)),
		pool.WithOnFull(pr.policy),
		pool.WithContext(base),
		pool.WithIdleTimeout(time.Duration(pr.rng.IntN(3))*time.Millisecond),
		pool.WithPanicHandler(func(*future.PanicError) {}),
	)
	for _, o := range options(
		pool.WithUnboundedQueue(), pool.WithFailFast(), pool.WithTaskTimeout(time.Millisecond),
		pool.WithWorkerInit(func(ctx context.Context) (context.Context, func()) { return ctx, nil }),
	) {
		if pr.rng.IntN(6) == 0 {
			opts = append(opts, o)
		}
	}
	return opts
}

func (pr *program) check() {
	for _, k := range pr.tasks.all() {
		if k.future == nil {
			continue // TrySubmit refused it
		}
		r, ok := k.future.Try()
		state, runs := k.future.State(), k.runs.Load()
		neverRan := state == future.Canceled
		switch {
		case !ok:
			pr.t.Errorf("%s: got state %v after the end, want it settled", k.name, state)
		case neverRan && runs != 0 || !neverRan && runs != 1 || !neverRan && k.canceled.Load():
			pr.t.Errorf("%s: state %v, %v: got %d runs; Cancel said never: %t",
				k.name, state, r.Err, runs, k.canceled.Load())
		case neverRan:
			accept(pr.t, k.name, r.Err, future.ErrCanceled, pool.ErrClosed, pool.ErrFull, pool.ErrDropped)
		default:
			accept(pr.t, k.name, r.Err, errAnyTask, future.ErrGoexit)
		}
	}
	s := pr.pool.Stats()
	wantBalance(pr.t, pr.pool)
	if got, want := s.Succeeded+s.Failed+s.Panicked, pr.begun.Load(); got != want {
		pr.t.Errorf("Stats say that %d functions ran, want %d; %+v", got, want, s)
	}
	// A goroutine that awaits lends the slot of a task which may be computing meanwhile.
	if pr.policy != pool.CallerRunsWhenFull && !pr.strays {
		pr.gauge.wantPeak(pr.t, maxWorkers)
	}
}

// errAnyTask stands for the errors that task functions return themselves.
var errAnyTask = errors.New("an error of a task")

// accept checks that err is nil or one of the accepted.
func accept(t *testing.T, what string, err error, accepted ...error) {
	if err == nil {
		return
	}
	for _, a := range accepted {
		if errors.Is(err, a) {
			return
		}
	}
	t.Errorf("%s: got error %v, want none or one of %v", what, err, accepted)
}
