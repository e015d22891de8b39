package pool

import (
	"context"
	"runtime/pprof"
	"sync"
	"sync/atomic"

	"github.com/forebay-go/forebay/internal/frame"
	"github.com/forebay-go/forebay/internal/promise"
	"github.com/forebay-go/forebay/internal/queue"
	"github.com/forebay-go/forebay/internal/sched"
)

// An engine is the part of a pool that does not depend on the types of its tasks.
type engine struct {
	config
	*crew
	home    frame.Home
	cancel  context.CancelCauseFunc // of home.Ctx
	view    *view                   // of a pool made by Share; else nil
	tracks  bool                    // every task is a tracked one
	intake  context.Context         // ends when intake does
	shutIn  context.CancelFunc      // ends it
	pending latch                   // tasks that are held, see held.go

	failure atomic.Pointer[error] // WithFailFast: the first
	outside tally                 // tasks whose end no worker counted

	accepted atomic.Uint64 // of tasks that were never in the queue, or that are of a view
	held     atomic.Int64  // of tasks that are accepted: those at the limit of their group
	callers  atomic.Int64  // tasks that the CallerRuns policy is running
	rejected atomic.Uint64
	ids      atomic.Uint64 // WithHooks
}

// A crew is the workers of a pool, and what else it has in common with those that share them.
type crew struct {
	sched  *sched.Scheduler
	line   line            // the queue
	room   queue.Room      // where submitters wait
	labels context.Context // with the workers' profiler labels

	mu     sync.Mutex
	locals []*local
	views  map[*engine]bool // made by Share, and not ended

	// What of the queue is the views'.
	viewsQueued atomic.Int64
	viewsPushed atomic.Uint64
}

var homes atomic.Uint32

func (e *engine) init(work sched.Work, line line, opts []Option) {
	e.config = newConfig(opts)
	e.crew = &crew{
		sched:  sched.New(work, e.workers, e.idleTimeout, e.workerInit != nil),
		line:   line,
		labels: context.Background(),
	}
	if e.name != "" {
		e.labels = pprof.WithLabels(e.labels, pprof.Labels("pool", e.name))
	}
	ctx, cancel := context.WithCancelCause(e.base)
	e.cancel = cancel
	e.home = frame.Home{ID: homes.Add(1), Sched: e.sched, Ctx: ctx, Base: e.base, Pool: e, Counters: new(frame.Counters)}
	e.intake, e.shutIn = context.WithCancel(context.Background())
	e.tracks = e.hooks != nil || e.unobserved != nil
}

// ended does what a pool does at the end of a task, before the future is settled: the
// first error is recorded, and only then cancels the rest.
func (e *engine) ended(state promise.State, err error) {
	if e.failFast && (state == promise.Failed || state == promise.Panicked) {
		e.fail(err)
	}
}

func (e *engine) fail(err error) {
	if e.home.Ctx.Err() != nil {
		return // the pool is being stopped already, and this may be how the task obeys
	}
	if e.failure.CompareAndSwap(nil, &err) {
		e.cancel(err)
	}
}

func (e *engine) firstFailure() error {
	if err := e.failure.Load(); err != nil {
		return *err
	}
	return nil
}
