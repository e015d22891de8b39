package pool

import (
	"context"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/internal/promise"
)

// SubmitAfter submits fn, to be called with arg's value, once arg has settled. No worker and no
// goroutine waits for that. If arg fails, fn is not called, and arg's error and state are the
// result's, unchanged. If arg has settled already, SubmitAfter is Submit.
//
// ctx is the task's, as in Submit. If it ends while arg is pending, the future is settled at
// once with a [*future.CancelError], and if the pool is closed meanwhile, with [ErrClosed]. The
// future's Cancel works too. None of this cancels arg, or leaves anything behind at it.
//
// The task is accepted when arg succeeds, and then goes beyond the capacity of a full queue,
// since whoever settles arg must not be made to wait. Until then Stats does not count it, and
// if it comes to nothing, it counts as Rejected.
func (p *Pool[T, R]) SubmitAfter(ctx context.Context, arg *future.Future[T], fn func(context.Context, T) (R, error)) *future.Future[R] {
	checkNotNil("SubmitAfter", "arg", arg == nil)
	check("SubmitAfter", ctx, fn)
	var none T // fn's argument is looked up when it is called: the task may be cleared until then
	x := p.newTracked(ctx, &p.engine.home, func(ctx context.Context, _ T) (R, error) {
		r, _ := arg.Try()
		return fn(ctx, r.Value)
	}, none)
	a := &after[T, R]{pool: p, task: x, arg: (*promise.Cell[T])(arg)}
	if a.arg.Settled() {
		if _, err := a.arg.Result(); err != nil {
			_ = p.refuse(err)
			x.cell.Claim(promise.Claimed)
			x.fail(a.arg.State(), err)
			p.engine.hookRejected(err, false)
			return x.future()
		}
		_ = p.submitted(&x.task, p.admit(ctx, &entry[T, R]{ctx: x}, &x.Frame))
		return x.future()
	}
	err := p.dead(ctx, &x.Frame)
	if err != nil {
		err = p.deadError(err)
	} else if p.hold(x) == nil {
		err = ErrClosed
	}
	if err != nil {
		_ = p.submitted(&x.task, p.refuse(err))
		return x.future()
	}
	a.listener.Target = a
	if a.arg.Listen(&a.listener) {
		x.holding.add(a.listener.Unlisten)
	} else {
		a.Fire(0) // nobody listens to x yet: what it returns is empty
	}
	return x.future()
}

// after is a task that waits for its argument.
type after[T, R any] struct {
	pool     *Pool[T, R]
	task     *tracked[T, R]
	arg      *promise.Cell[T]
	listener promise.Listener
}

// Fire implements promise.Target: the argument is settled.
func (a *after[T, R]) Fire(int) promise.Chain {
	x := a.task
	_, err := a.arg.Result()
	if err == nil {
		a.pool.admitHeld(x)
		return promise.Chain{}
	}
	if !x.holding.refuse() || !x.cell.Claim(promise.Claimed) {
		return promise.Chain{}
	}
	x.holding.undo()
	x.ending(promise.Canceled, err)
	return x.fail(a.arg.State(), err)
}

// fail settles a task, which the caller has claimed, as its argument has failed.
func (x *tracked[T, R]) fail(state promise.State, err error) promise.Chain {
	var zero R
	x.forget()
	x.End()
	next := x.cell.SettleChained(state, zero, err)
	x.settled(state, err, x.cell.Waited())
	return next
}
