package pool

import (
	"context"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/internal/promise"
)

// SubmitAfter submits fn, to be called with arg's value, once arg has settled. No worker and no
// goroutine waits for that. If arg fails, fn is not called, and arg's error is the result's.
//
// ctx is the task's, as in Submit. If it ends while arg is pending, the future is settled at
// once with a [*future.CancelError], and if the pool is closed meanwhile, with [ErrClosed].
// Whoever settles arg must not be made to wait, so the task then goes beyond the capacity of
// a full queue. If arg is settled already, SubmitAfter is Submit.
func (p *Pool[T, R]) SubmitAfter(ctx context.Context, arg *future.Future[T], fn func(context.Context, T) (R, error)) *future.Future[R] {
	checkNotNil("SubmitAfter", "arg", arg == nil)
	check("SubmitAfter", ctx, fn)
	var none T // fn's argument is looked up when it is called: the task may be cleared until then
	x := p.newTracked(ctx, &p.engine.home, func(ctx context.Context, _ T) (R, error) {
		r, _ := arg.Try()
		return fn(ctx, r.Value)
	}, none)
	if r, ok := arg.Try(); ok {
		if r.Err == nil {
			_ = p.submitted(&x.task, p.admit(ctx, &entry[T, R]{ctx: x}, &x.Frame))
			return x.future()
		}
		if p.engine.view != nil {
			p.engine.accepted.Add(1) // its end counts
		}
		x.fail(r.Err)
		return x.future()
	}
	err := p.dead(ctx, &x.Frame)
	if err != nil {
		err = p.deadError(err)
	}
	a := &after[T, R]{pool: p, task: x, arg: (*promise.Cell[T])(arg)}
	if err == nil {
		if a.holding = p.hold(x); a.holding == nil {
			err = ErrClosed
		}
	}
	if err != nil {
		_ = p.submitted(&x.task, p.refuse(err))
		return x.future()
	}
	a.listener.Target = a
	if a.arg.Listen(&a.listener) {
		a.holding.add(a.listener.Unlisten)
	} else {
		a.Fire(0)
	}
	return x.future()
}

// after is a task that waits for its argument.
type after[T, R any] struct {
	pool     *Pool[T, R]
	task     *tracked[T, R]
	arg      *promise.Cell[T]
	holding  *holding
	listener promise.Listener
}

// Fire implements promise.Target: the argument is settled.
func (a *after[T, R]) Fire(int) promise.Chain {
	x := a.task
	_, err := a.arg.Result()
	if err == nil {
		a.pool.admitHeld(x, a.holding)
		return promise.Chain{}
	}
	return x.fail(err)
}

// fail settles a task whose argument has failed.
func (x *tracked[T, R]) fail(err error) promise.Chain {
	if !x.cell.Claim(promise.Claimed) {
		return promise.Chain{}
	}
	if x.holding != nil {
		x.holding.undo()
	}
	var zero R
	x.forget()
	x.End()
	x.ending(promise.Failed, err)
	next := x.cell.SettleChained(promise.Failed, zero, err)
	x.settled(promise.Failed, err, x.cell.Waited())
	return next
}
