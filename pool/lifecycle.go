package pool

import (
	"context"
	"slices"

	"github.com/forebay-go/forebay/internal/frame"
)

// Close ends intake, waits until every accepted task has ended, and until the workers are
// gone. Submits that wait for room are refused with [ErrClosed], like all later ones. With
// [WithFailFast] it returns the first error; otherwise nil. To call it again, or beside
// Stop, is fine: every call returns when the pool is down.
//
// A task must not call it: it would wait for itself, and Close, having no ctx, cannot tell.
func (p *Pool[T, R]) Close() error {
	p.engine.shut()
	p.engine.join()
	return p.engine.firstFailure()
}

// Shutdown is Close with a limit: when ctx ends, what has not ended is cancelled with ctx's
// cause, as by Stop. It still waits for the tasks that run, and then returns ctx's error.
// Called with the ctx of a task of this pool it panics: it would wait for itself.
func (p *Pool[T, R]) Shutdown(ctx context.Context) error {
	checkNotNil("Shutdown", "ctx", ctx == nil)
	fr, _ := frame.From(ctx)
	if fr != nil {
		if of, _ := fr.Pool().(*engine); of != nil && of.within(&p.engine) {
			panic("pool: Shutdown: ctx is that of a task of this pool, which would wait for itself")
		}
	}
	p.engine.shut()
	if fr == nil {
		return p.shutdown(ctx)
	}
	return fr.Block(func() error { return p.shutdown(ctx) }) // p may need the slot
}

func (p *Pool[T, R]) shutdown(ctx context.Context) error {
	for _, e := range p.engine.family() {
		select {
		case <-e.down():
			continue
		case <-ctx.Done():
		}
		busy := p.engine.busy()
		p.engine.cancel(context.Cause(ctx)) // and so the contexts of the shared pools
		if err := p.Close(); err != nil || !busy {
			return err
		}
		return ctx.Err()
	}
	return p.Close()
}

// busy reports whether tasks have not ended, here or in what shares the workers from here.
func (e *engine) busy() bool {
	return slices.ContainsFunc(e.family(), func(e *engine) bool {
		s := e.stats()
		return s.Accepted != s.ended()
	})
}

// Stop is Close in a hurry: tasks in the queue are settled as canceled, with cause
// ([ErrClosed] if nil), and the contexts of running tasks end with it. It returns when
// these have returned and the workers are gone. A task must not call it, see Close.
func (p *Pool[T, R]) Stop(cause error) {
	if cause == nil {
		cause = ErrClosed
	}
	p.engine.shut() // first: who is refused because of either is told ErrClosed
	p.engine.cancel(cause)
	p.engine.join()
}

// closed reports whether intake has ended.
func (e *engine) closed() bool {
	return e.line.closed() || e.view != nil && e.view.closed()
}

// shut ends intake, here and in what shares the workers from here.
func (e *engine) shut() {
	e.mu.Lock() // as Share does: a new view is among these, or finds its pool closed
	views := e.viewsOf()
	if e.view != nil {
		views = append(views, e)
	} else {
		e.line.close()
	}
	for _, v := range views {
		v.view.close(true)
	}
	e.mu.Unlock()
	for _, v := range views {
		v.shutView()
	}
	if e.view == nil {
		e.shutIn()
		e.room.Open()
		e.sched.Close() // after the queue, so that it can find that drained
	}
}

// shutView ends the waits of those who wait for intake.
func (e *engine) shutView() {
	e.shutIn()
	e.view.room.Open()
	e.room.Open() // some of its submitters may be there; the others will wait on
}

// down is closed when every accepted task has ended and, unless they are another pool's, the
// workers have.
func (e *engine) down() <-chan struct{} {
	if e.view != nil {
		return e.view.close(true)
	}
	return e.sched.Down()
}

// join waits until intake, tasks and workers are gone, and lets go of what the pool was
// registered at. The views come last: what they wait for is what the workers do.
func (e *engine) join() {
	<-e.down()
	<-e.pending.close(true)
	if e.view == nil {
		e.sched.Join()
	}
	for _, v := range e.family()[1:] {
		v.join()
	}
	if e.view != nil {
		e.view.stop()
		e.mu.Lock()
		delete(e.views, e)
		e.mu.Unlock()
	}
	e.cancel(ErrClosed)
}

// Resize changes how many tasks run at once at most, 1 to 1048575. More take effect at
// once. For fewer no task is stopped: as tasks end, none is started until there are fewer
// than the new limit. Pools that share this one's workers, and were given no limit of their own,
// get the new one too.
func (p *Pool[T, R]) Resize(workers int) {
	checkWorkers("Resize", "workers", workers)
	e := &p.engine
	e.mu.Lock() // so that of two calls one is the later for all
	defer e.mu.Unlock()
	if e.view != nil {
		e.view.follows = false
		e.view.seats.Resize(workers)
	} else {
		e.sched.Resize(workers)
	}
	e.resized(workers)
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
