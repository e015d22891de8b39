package pool

import (
	"context"

	"github.com/forebay-go/forebay/internal/frame"
)

// Close ends intake, waits until every accepted task has ended, and until the workers are
// gone. Submits that wait for room are refused with [ErrClosed], like all later ones. With
// [WithFailFast] it returns the first error; otherwise nil. To call it again, or beside
// Stop, is fine: every call returns when the pool is down.
//
// A task must not call it: it would wait for itself, and Close, having no ctx, cannot tell.
func (p *Pool[T, R]) Close() error {
	p.shut()
	p.engine.sched.Join()
	p.engine.cancel(ErrClosed) // ends the registration at the ctx of WithContext
	return p.engine.firstFailure()
}

// Shutdown is Close with a limit: when ctx ends, what has not ended is cancelled with ctx's
// cause, as by Stop. It still waits for the tasks that run, and then returns ctx's error.
// Called with the ctx of a task of this pool it panics: it would wait for itself.
func (p *Pool[T, R]) Shutdown(ctx context.Context) error {
	checkNotNil("Shutdown", "ctx", ctx == nil)
	if fr, _ := frame.From(ctx); fr != nil && fr.On(p.engine.sched) {
		panic("pool: Shutdown: ctx is that of a task of this pool, which would wait for itself")
	}
	p.shut()
	select {
	case <-p.engine.sched.Down():
		return p.Close()
	case <-ctx.Done():
	}
	if s := p.Stats(); s.Running == 0 && s.Queued == 0 {
		return p.Close() // there was nothing left for ctx to end
	}
	p.engine.cancel(context.Cause(ctx))
	if err := p.Close(); err != nil {
		return err
	}
	return ctx.Err()
}

// Stop is Close in a hurry: tasks in the queue are settled as canceled, with cause
// ([ErrClosed] if nil), and the contexts of running tasks end with it. It returns when
// these have returned and the workers are gone. A task must not call it, see Close.
func (p *Pool[T, R]) Stop(cause error) {
	if cause == nil {
		cause = ErrClosed
	}
	p.engine.cancel(cause)
	p.shut()
	p.engine.sched.Join()
}

// shut ends intake. The order matters: the queue first, so that the scheduler can find it
// drained.
func (p *Pool[T, R]) shut() {
	p.queue.Close()
	p.engine.room.Open()
	p.engine.sched.Close()
}

// Resize changes how many tasks run at once at most, 1 to 1048575. More take effect at
// once. For fewer no task is stopped: as tasks end, none is started until there are fewer
// than the new limit.
func (p *Pool[T, R]) Resize(workers int) {
	checkWorkers("Resize", "workers", workers)
	p.engine.sched.Resize(workers)
}

func (e *engine) firstFailure() error {
	if err := e.failure.Load(); err != nil {
		return *err
	}
	return nil
}

// Block runs fn, which is going to wait for something, and lends the slot of the task that
// ctx belongs to meanwhile, so that the pool can run another task. When fn has returned, it
// waits for a slot, ahead of all queued tasks. If ctx belongs to no task, Block just calls
// fn. Futures need no Block: Await does this by itself.
func Block(ctx context.Context, fn func()) {
	checkNotNil("Block", "ctx", ctx == nil)
	checkNotNil("Block", "fn", fn == nil)
	if fr, _ := frame.From(ctx); fr != nil {
		_ = fr.Block(func() error { fn(); return nil })
		return
	}
	fn()
}
