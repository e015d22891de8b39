package pool

import (
	"runtime/debug"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/internal/promise"
)

// Hooks are functions that a pool calls when something happens; those that are nil are not
// called. They are for metrics and traces. The pool waits for them, so they must be quick. Of
// each submit either Rejected is told, or Queued and Finished; and if the task has started,
// Started.
//
// A hook that panics loses no task, no result and no worker: the panic goes to the handler of
// [WithPanicHandler], if there is one, and crashes the process under [WithCrashOnPanic]. Nor does one
// that calls runtime.Goexit, but it can end the goroutine that it is called on: that of the task,
// which from Started ends it with future.ErrGoexit, or that of the submit. Where the pool has
// something left to do on the goroutine, which may be anybody's, the hook gets one of its own.
//
// In a pool with hooks a task allocates some words more, and one of Go allocates too. Clocks are
// read only if one of the first three is set.
type Hooks struct {
	// Queued is called by the submitter when a task was accepted, or, if the task was held, by
	// whatever held it. The task may have started, or even ended.
	Queued func(TaskInfo)
	// Started is called before the function.
	Started func(TaskInfo)
	// Finished is called when an accepted task has ended, before its future is settled, with the
	// state that this will have and its error. A task that never started has no Started time.
	Finished func(TaskInfo, future.State, error)
	// Rejected is called with the error of a submit that was refused, by the submitter, or, after
	// SubmitAfter and a SubmitWeighted inside a task, by whatever ended the wait.
	Rejected func(error)
	// WorkerStarted and WorkerStopped enclose the life of a worker's goroutine. A shared pool
	// has no workers.
	WorkerStarted, WorkerStopped func()
}

// TaskInfo is what hooks are told about a task. Its times are zero if it has not happened yet.
type TaskInfo struct {
	Pool    string    // its name
	ID      uint64    // counts the pool's submits
	Queued  time.Time // when it was submitted; of SubmitAfter, when the argument was there
	Started time.Time
	Ended   time.Time
}

// WithHooks sets functions to be called when something happens in the pool.
func WithHooks(h *Hooks) Option {
	checkNotNil("WithHooks", "h", h == nil)
	return option(func(c *config) { c.hooks = h })
}

// timed reports whether there is anything to tell about tasks.
func (h *Hooks) timed() bool {
	return h != nil && (h.Queued != nil || h.Started != nil || h.Finished != nil)
}

// A record is what hooks are told about a task. The submitter may read queued when the task is
// running already, so that is not written any more when the task is in the queue.
type record struct {
	queued  TaskInfo
	started time.Time
}

func (e *engine) newRecord() *record {
	return &record{queued: TaskInfo{Pool: e.name, ID: e.ids.Add(1), Queued: time.Now()}}
}

func (e *engine) hookQueued(r *record, apart bool) {
	if f := e.hooks.Queued; f != nil {
		e.hook(apart || e.crashOnPanic, func() { f(r.queued) })
	}
}

func (e *engine) hookStarted(r *record) {
	if e.hooks.Started == nil && e.hooks.Finished == nil {
		return
	}
	r.started = time.Now()
	if f := e.hooks.Started; f != nil {
		info := r.queued
		info.Started = r.started
		e.hook(false, func() { f(info) })
	}
}

func (e *engine) hookFinished(r *record, state promise.State, err error) {
	if f := e.hooks.Finished; f != nil {
		info := r.queued
		info.Started, info.Ended = r.started, time.Now()
		e.hook(r.started.IsZero(), func() { f(info, settledAs[state], err) })
	}
}

func (e *engine) hookRejected(err error, apart bool) {
	if e.hooks != nil && e.hooks.Rejected != nil {
		e.hook(apart || e.crashOnPanic, func() { e.hooks.Rejected(err) })
	}
}

func (e *engine) hookWorker(f func()) {
	if f != nil {
		e.hook(true, f)
	}
}

// settledAs is how a future tells what its cell's final state is.
var settledAs = [...]future.State{
	promise.Succeeded: future.Succeeded,
	promise.Failed:    future.Failed,
	promise.Panicked:  future.Failed,
	promise.Canceled:  future.Canceled,
	promise.Dropped:   future.Canceled,
}

// hook calls one. apart: on a goroutine of its own, because it must not end this one, on which
// something else has still to be done; or because there may be a recover on the way up, and a
// panic is to crash the process.
func (e *engine) hook(apart bool, f func()) {
	if apart {
		bare(func() { e.hook(false, f) })
		return
	}
	if !e.crashOnPanic {
		defer func() {
			if r := recover(); r != nil && e.panicHandler != nil {
				e.panicHandler(&future.PanicError{Value: r, Stack: debug.Stack()})
			}
		}()
	}
	f()
}
