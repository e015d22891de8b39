package pool

import (
	"context"
	"runtime/debug"

	"golang.org/x/sync/errgroup"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/internal/frame"
	"github.com/forebay-go/forebay/internal/promise"
	"github.com/forebay-go/forebay/internal/unwind"
)

// call calls fn and tells end how it ended: Succeeded, Failed or Panicked. end is called
// once, also when fn ends the goroutine with runtime.Goexit, which then goes on; it is not
// called when fn panics and crash says to let the process go down.
func call[T, R any](fn func(context.Context, T) (R, error), ctx context.Context, arg T, crash bool, end func(R, promise.State, error)) {
	var (
		v        R
		err      = future.ErrGoexit
		state    = promise.Failed
		returned = false
	)
	defer func() {
		if !returned {
			if crash && unwind.ByPanic() {
				return
			}
			if r := recover(); r != nil {
				state, err = promise.Panicked, &future.PanicError{Value: r, Stack: debug.Stack()}
			}
		}
		end(v, state, err)
	}()
	v, err = fn(ctx, arg)
	returned = true
	if err == nil {
		state = promise.Succeeded
	}
}

// bare calls run on a goroutine of its own and waits for it. A panic that is to crash the
// process does so there, with no function above it that could recover it.
func bare(run func()) {
	var g errgroup.Group // and not sync.WaitGroup, whose Go recovers and panics again
	g.Go(func() error { run(); return nil })
	_ = g.Wait()
}

// dresses reports whether a task's function gets more than the task's context.
func (e *engine) dresses(values context.Context) bool { return e.taskTimeout > 0 || values != nil }

// dress puts around a task's context what the options ask for, until stop.
func (e *engine) dress(f *frame.Frame, values context.Context) (ctx context.Context, stop func()) {
	if !e.dresses(values) {
		return f, func() {}
	}
	own := &frame.Own{Context: f, Frame: f, Values: values}
	if e.taskTimeout == 0 {
		return own, func() {}
	}
	own.Context, stop = context.WithTimeout(f, e.taskTimeout)
	return own, stop
}

// valuesOf returns the worker's values for a task that runs inside the one that ctx belongs
// to, on the same worker.
func (e *engine) valuesOf(ctx context.Context) context.Context {
	if e.workerInit == nil {
		return nil
	}
	return frame.Values(ctx)
}
