package pool

import (
	"context"

	"github.com/forebay-go/forebay/internal/frame"
	"github.com/forebay-go/forebay/internal/promise"
	"github.com/forebay-go/forebay/internal/queue"
	"github.com/forebay-go/forebay/internal/sched"
)

// An entry is what waits in the queue: what Go was called with, so that Go needs no object
// before its function runs; or, without fn, a job.
type entry[T, R any] struct {
	ctx context.Context // of the submit; or the job, which is its own context
	fn  func(context.Context, T) (R, error)
	arg T
}

// job returns the job, or nil if the entry is Go's.
func (e *entry[T, R]) job() job {
	if e.fn != nil {
		return nil
	}
	return e.ctx.(job)
}

// viewTask returns the job of an entry of a pool made by Share.
func (e *entry[T, R]) viewTask() viewTask { return e.ctx.(viewTask) }

// A job is a task as a queue sees it, whose types may be those of another pool: see Share.
// Whoever pops it calls take or drop.
type job interface {
	context.Context
	taskFrame() *frame.Frame
	// take runs the task on w, unless it was claimed before. It reports whether an awaiter woke.
	take(w *sched.Worker, e *engine, l *local) (woke bool)
	// drop ends a task that has to make room.
	drop(e *engine)
	// over reports that the task was claimed, so that the entry is pointless, and counts it out.
	// It is called with the queue's mutex held.
	over(e *engine) bool
	// runHere runs a task that was never queued, on the calling goroutine, but with what the
	// options say about panics.
	runHere(values context.Context, back promise.SlotHolder)
}

// A line is the queue of a pool as its jobs see it. See package queue for the methods.
type line interface {
	push(job) queue.Status
	offer(job) queue.Status
	pushOver(job) queue.Status
	requeue(job)
	popOldest() (job, queue.Status) // nil: it was one of Go's, and is dropped
	drop(job)                       // that popOldest returned
	hasRoom() bool
	close()
	closed() bool
	len() int
	capacity() int
	pushed() uint64
}

// ownLine is the line of a pool made by New.
type ownLine[T, R any] struct{ *Pool[T, R] }

func (l ownLine[T, R]) push(j job) queue.Status {
	return l.notify(l.queue.Push(&entry[T, R]{ctx: j}))
}

func (l ownLine[T, R]) offer(j job) queue.Status {
	return l.notify(l.queue.Offer(&entry[T, R]{ctx: j}))
}

func (l ownLine[T, R]) pushOver(j job) queue.Status {
	return l.notify(l.queue.PushOver(&entry[T, R]{ctx: j}))
}

func (l ownLine[T, R]) requeue(j job) {
	l.queue.Requeue(&entry[T, R]{ctx: j})
	l.engine.sched.Notify()
}

func (l ownLine[T, R]) popOldest() (job, queue.Status) {
	var old entry[T, R]
	st := l.queue.Pop(&old)
	switch {
	case st != queue.OK:
	case old.fn != nil:
		l.engine.outside.add(promise.Dropped)
	default:
		return old.job(), st
	}
	return nil, st
}

func (l ownLine[T, R]) drop(j job) { j.drop(&l.engine) }

func (l ownLine[T, R]) hasRoom() bool { return l.queue.Len() < l.queue.Cap() }
func (l ownLine[T, R]) close()        { l.queue.Close() }
func (l ownLine[T, R]) closed() bool  { return l.queue.Closed() }
func (l ownLine[T, R]) len() int      { return l.queue.Len() }
func (l ownLine[T, R]) capacity() int { return l.queue.Cap() }

func (l ownLine[T, R]) pushed() uint64 { return l.queue.Pushed() }

// over is the queue's question whether an entry in the overflow has become pointless.
func (p *Pool[T, R]) over(e entry[T, R]) bool {
	if e.fn != nil || !e.job().over(&p.engine) {
		return false
	}
	p.engine.room.Freed()
	return true
}
