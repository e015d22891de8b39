package pool

import (
	"context"

	"github.com/forebay-go/forebay/future"
)

// Map, First and the streams submit tasks and join them before they return.

// submitOver submits a task that never waits for room and that no policy refuses.
func (p *Pool[T, R]) submitOver(ctx context.Context, fn func(context.Context, T) (R, error)) *future.Future[R] {
	var none T
	t, e := p.newTask(ctx, fn, none)
	t.joined()
	_ = p.submitted(t, p.refuse(p.pushOver(&e)))
	return t.future()
}

// submitJoined is Submit for a caller that will join the task.
func (p *Pool[T, R]) submitJoined(ctx context.Context, fn func(context.Context, T) (R, error), arg T) *future.Future[R] {
	t, e := p.newTask(ctx, fn, arg)
	t.joined()
	_ = p.submitted(t, p.admit(ctx, &e, &t.Frame))
	return t.future()
}

// joined says, before a task is submitted, that the caller will join it: so a hook must not end the
// goroutine of the submit.
func (t *task[T, R]) joined() {
	if x := t.tracked(); x != nil {
		x.apart = true
	}
}

// join waits for a task that was submitted with ctx, and returns its result. When ctx ends,
// the task will not start any more, and if it has, it is waited for.
func join[R any](ctx context.Context, f *future.Future[R]) (R, error) {
	_, _ = f.Await(ctx)
	if _, settled := f.Try(); !settled {
		f.Cancel(context.Cause(ctx))
		_, _ = f.Await(context.WithoutCancel(ctx))
	}
	return f.Await(ctx)
}
