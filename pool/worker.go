package pool

import (
	"context"
	"runtime/pprof"
	"sync/atomic"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/internal/frame"
	"github.com/forebay-go/forebay/internal/promise"
	"github.com/forebay-go/forebay/internal/queue"
	"github.com/forebay-go/forebay/internal/sched"
	"github.com/forebay-go/forebay/internal/unwind"
)

// work is a pool as its workers see it: it implements sched.Work.
type work[T, R any] struct{ *Pool[T, R] }

func (k work[T, R]) Ready() bool   { return k.queue.Ready() }
func (k work[T, R]) Drained() bool { return k.queue.Drained() }

// Run takes the oldest entry of the queue and runs it.
func (k work[T, R]) Run(w *sched.Worker) bool {
	l := w.Local.(*local)
	var e entry[T, R]
	if k.queue.Pop(&e) != queue.OK {
		return false
	}
	woke := k.engine.room.Freed() // before Took, which may wait
	w.Took()
	if e.fn != nil {
		k.runGo(&e, l.links.Begin(e.ctx, &k.engine.home), l.ctx, l, w)
	} else {
		woke = e.job().take(w, &k.engine, l) || woke
	}
	w.Woke = woke
	pprof.SetGoroutineLabels(k.engine.labels) // the task's are its own
	return true
}

// runGo runs an entry of Go, which has no future to settle. The parameters are those of
// task.run, and the task's context.
func (p *Pool[T, R]) runGo(e *entry[T, R], link *frame.Link, values context.Context, count counter, back promise.SlotHolder) {
	if link.Dead() != nil {
		slot := link.End()
		count.add(promise.Canceled)
		back.Return(slot)
		return
	}
	ctx, stop := context.Context(link), func() {}
	if p.engine.dresses(values) {
		ctx, stop = p.engine.dress(link.Frame(), values)
	}
	call(e.fn, ctx, e.arg, p.engine.crashOnGo(), func(_ R, state promise.State, err error) {
		stop()
		slot := link.End()
		p.engine.ended(state, err)
		count.add(state)
		defer back.Return(slot)
		if state == promise.Panicked {
			p.engine.panicHandler(err.(*future.PanicError))
		}
	})
}

// crashOnGo reports whether a panic in a task without a future crashes the process.
func (e *engine) crashOnGo() bool { return e.crashOnPanic || e.panicHandler == nil }

// Idle is called before a worker sleeps or ends.
func (k work[T, R]) Idle(w *sched.Worker) { k.engine.local(w).publish() }

// Started is called on a worker's new goroutine, Stopped at its end.
func (k work[T, R]) Started(w *sched.Worker) { k.engine.started(w) }
func (k work[T, R]) Stopped(w *sched.Worker) { k.engine.stopped(w) }

func (e *engine) started(w *sched.Worker) {
	l := e.local(w)
	// A goroutine inherits the profiler labels of whoever started it: here, some submitter's.
	pprof.SetGoroutineLabels(e.labels)
	if e.hooks != nil {
		e.hookWorker(e.hooks.WorkerStarted)
	}
	if e.workerInit == nil {
		return
	}
	defer func() {
		if l.ctx == nil && !unwind.ByPanic() {
			panic("pool: WithWorkerInit: f returned a nil context, or called runtime.Goexit")
		}
	}()
	base := &initCtx{Context: e.home.Ctx}
	l.ctx, l.stop = e.workerInit(base)
	base.over.Store(true)
}

// initCtx is the ctx that a WithWorkerInit function gets. When the function has returned, it
// has no values any more: what tasks find in the function's ctx is then what that added, and
// not what WithContext's has, which comes last. Its own contexts still find each other.
type initCtx struct {
	context.Context
	over atomic.Bool
}

func (c *initCtx) Value(key any) any {
	v := c.Context.Value(key)
	if _, own := v.(context.Context); own || !c.over.Load() {
		return v
	}
	return nil
}

func (e *engine) stopped(w *sched.Worker) {
	l := e.local(w)
	stop := l.stop
	l.ctx, l.stop, l.links = nil, nil, frame.Links{}
	if e.hooks != nil {
		defer e.hookWorker(e.hooks.WorkerStopped)
	}
	if stop != nil {
		stop()
	}
}
