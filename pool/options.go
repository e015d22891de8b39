package pool

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/internal/sched"
)

// An Option configures a pool; see the With functions. Of two that contradict each other
// the later one holds.
type Option interface{ apply(*config) }

type option func(*config)

func (o option) apply(c *config) { o(c) }

type config struct {
	name         string
	workers      int
	queue        int
	unbounded    bool
	onFull       FullPolicy
	base         context.Context
	failFast     bool
	taskTimeout  time.Duration
	idleTimeout  time.Duration
	panicHandler func(*future.PanicError)
	crashOnPanic bool
	workerInit   func(context.Context) (context.Context, func())
	hooks        *Hooks
	unobserved   func(error)
	budget       *budget

	ownWorkers string // an option that is about workers or the queue, if there was one
}

const (
	defaultQueue       = 1024
	maxQueue           = min(1<<30, math.MaxInt>>10) // what no machine has the memory for
	defaultIdleTimeout = 10 * time.Second
)

func newConfig(opts []Option) config {
	c := config{
		workers:     runtime.GOMAXPROCS(0),
		queue:       defaultQueue,
		base:        context.Background(),
		idleTimeout: defaultIdleTimeout,
	}
	c.apply("New", opts)
	return c
}

// shared is the configuration of a pool that shares the workers of one with this.
func (c config) shared(opts []Option) config {
	c.workers, c.ownWorkers = 0, ""
	c.apply("Share", opts)
	if c.ownWorkers != "" {
		panic("pool: Share: " + c.ownWorkers + " is for New: the workers and the queue are those of p")
	}
	return c
}

func (c *config) apply(where string, opts []Option) {
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("pool: %s: option %d is nil", where, i))
		}
		o.apply(c)
	}
}

// checkWorkers panics if n cannot be a number of workers.
func checkWorkers(where, what string, n int) {
	if n < 1 || n > sched.MaxWorkers {
		panic(fmt.Sprintf("pool: %s: %s is %d, want 1 to %d", where, what, n, sched.MaxWorkers))
	}
}

func checkDuration(where string, d time.Duration) {
	if d < 0 {
		panic(fmt.Sprintf("pool: %s: d is %v, want 0 or more", where, d))
	}
}

func checkNotNil(where, what string, isNil bool) {
	if isNil {
		panic(fmt.Sprintf("pool: %s: %s is nil", where, what))
	}
}

// WithWorkers sets how many tasks run at once at most, 1 to 1048575. The default is
// runtime.GOMAXPROCS(0). Workers are started when there is work for them, so a large
// number costs nothing until it is used.
func WithWorkers(n int) Option {
	checkWorkers("WithWorkers", "n", n)
	return option(func(c *config) { c.workers = n })
}

// WithQueue sets how many submitted tasks may wait for a worker, at least 1. The default is
// 1024. The memory is allocated by New: an argument and four words for each, and room for the
// next power of two.
func WithQueue(n int) Option {
	if n < 1 || n > maxQueue {
		panic(fmt.Sprintf("pool: WithQueue: n is %d, want 1 to %d", n, maxQueue))
	}
	return option(func(c *config) { c.queue, c.unbounded, c.ownWorkers = n, false, "WithQueue" })
}

// WithUnboundedQueue lets any number of submitted tasks wait for a worker: no submit ever
// finds the queue full. Memory grows with the tasks that wait, and shrinks again.
func WithUnboundedQueue() Option {
	return option(func(c *config) { c.queue, c.unbounded, c.ownWorkers = defaultQueue, true, "WithUnboundedQueue" })
}

// A FullPolicy says what a submit does that finds the queue full.
type FullPolicy uint8

const (
	// BlockWhenFull makes it wait for room, until its ctx ends or the pool closes. It is the
	// default. A submit from inside a task of the same pool never waits: its task goes
	// beyond the capacity.
	BlockWhenFull FullPolicy = iota
	// RejectWhenFull refuses the task with ErrFull.
	RejectWhenFull
	// CallerRunsWhenFull runs the task on the submitting goroutine, before the submit returns
	// and outside the limit. Submitted from inside a task, it runs in that task's slot. A task
	// that calls runtime.Goexit ends the submitter with it. One whose panic would crash the
	// process runs on a goroutine that the submitter waits for, so that nothing recovers it.
	CallerRunsWhenFull
	// DropOldestWhenFull makes room: the task queued longest is settled with ErrDropped.
	DropOldestWhenFull
)

func (p FullPolicy) String() string {
	if p > DropOldestWhenFull {
		return fmt.Sprintf("FullPolicy(%d)", uint8(p))
	}
	return [...]string{"BlockWhenFull", "RejectWhenFull", "CallerRunsWhenFull", "DropOldestWhenFull"}[p]
}

// WithOnFull sets what Submit, Go and Do do when the queue is full. TrySubmit never waits
// and never runs the task itself; see there.
func WithOnFull(p FullPolicy) Option {
	if p > DropOldestWhenFull {
		panic(fmt.Sprintf("pool: WithOnFull: policy is %v", p))
	}
	return option(func(c *config) { c.onFull = p })
}

// WithContext stops the pool's work when ctx ends: running tasks' contexts end with its
// cause, queued tasks and later submits settle as canceled. Tasks see ctx's values behind
// those of the ctx that they were submitted with. Close is still needed to join the workers.
// If ctx is of a type of its own, New starts a goroutine that waits for it, as
// context.WithCancel does.
func WithContext(ctx context.Context) Option {
	checkNotNil("WithContext", "ctx", ctx == nil)
	return option(func(c *config) { c.base = ctx })
}

// WithFailFast stops the pool's work at the first task that fails, by an error, a panic or
// runtime.Goexit, as if the ctx of WithContext had ended with that error as the cause.
// Close and Shutdown return the error.
func WithFailFast() Option { return option(func(c *config) { c.failFast = true }) }

// WithTaskTimeout ends a task's context d after the task has started, with
// context.DeadlineExceeded. Time in the queue does not count. 0, the default, is no limit.
// It costs a timer a task.
func WithTaskTimeout(d time.Duration) Option {
	checkDuration("WithTaskTimeout", d)
	return option(func(c *config) { c.taskTimeout = d })
}

// WithIdleTimeout sets how long a worker without work sleeps before its goroutine ends: d at
// least and 2d at most. The default is 10 seconds. With 0 it ends at once.
func WithIdleTimeout(d time.Duration) Option {
	checkDuration("WithIdleTimeout", d)
	return option(func(c *config) { c.idleTimeout, c.ownWorkers = d, "WithIdleTimeout" })
}

// WithName names the pool in Stats, and in profiles: its workers carry the pprof label
// "pool" with this value, and no other.
func WithName(s string) Option { return option(func(c *config) { c.name = s }) }

// WithPanicHandler sets what is called, on the worker, with a panic of a task that was
// submitted by Go. Without it such a panic crashes the process, as there is nobody else to
// tell. Panics of tasks with a future are the future's result and do not come here.
func WithPanicHandler(f func(*future.PanicError)) Option {
	checkNotNil("WithPanicHandler", "f", f == nil)
	return option(func(c *config) { c.panicHandler = f })
}

// WithCrashOnPanic never recovers: a panic of any task crashes the process, with the stack
// of where it happened. It takes precedence over WithPanicHandler. A task that would run on
// its awaiter's goroutine runs on one of its own then, so that no recover there sees it.
func WithCrashOnPanic() Option { return option(func(c *config) { c.crashOnPanic = true }) }

// WithWorkerInit calls f when a worker's goroutine starts, and the function that it returns
// (which may be nil) when the goroutine ends. The values of the context that f returns are
// seen by all tasks that run on the worker: a connection, a buffer, a random source. They
// come before the values of the submitter's ctx. The ctx that f gets ends when the pool is
// stopped.
//
// Use the values from the task's function only: a goroutine that the task starts, and that
// awaits with the task's ctx, may run the awaited task itself, with the same values.
//
// There can be more workers than WithWorkers says, and so more calls of f that have not been
// undone: a task that has lent its slot keeps its worker. New workers may be started for each
// submit until an f has returned.
//
// A panic of f crashes the process; it must not call runtime.Goexit. A task that runs on
// its submitter's goroutine (CallerRunsWhenFull) has no worker and no such values. The
// option costs an allocation a task.
func WithWorkerInit(f func(ctx context.Context) (context.Context, func())) Option {
	checkNotNil("WithWorkerInit", "f", f == nil)
	return option(func(c *config) { c.workerInit, c.ownWorkers = f, "WithWorkerInit" })
}

// WithUnobserved sets what is called with the error of a task whose future nobody has looked at,
// and nobody can any more: when the garbage collector finds it unreachable. Await, Try, Done,
// AfterFunc, the combinators of package future and a group's Wait count as looking. f is called
// on a goroutine of its own, some time later or, at the end of the process, not at all. Tasks of
// Go have no future to look at. The option makes a task some words larger, and lets Go allocate
// one.
func WithUnobserved(f func(error)) Option {
	checkNotNil("WithUnobserved", "f", f == nil)
	return option(func(c *config) { c.unobserved = f })
}
