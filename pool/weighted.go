package pool

import (
	"context"
	"fmt"

	"golang.org/x/sync/semaphore"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/internal/frame"
	"github.com/forebay-go/forebay/internal/promise"
)

// A budget is what the tasks of SubmitWeighted share.
type budget struct {
	size int64
	left *semaphore.Weighted
}

// WithBudget gives the pool a budget of n, at least 1, for the tasks of SubmitWeighted: bytes of
// memory, say, or connections. Shared pools take from the same one, unless Share is given
// another.
func WithBudget(n int64) Option {
	if n < 1 {
		panic(fmt.Sprintf("pool: WithBudget: n is %d, want 1 or more", n))
	}
	return option(func(c *config) { c.budget = &budget{n, semaphore.NewWeighted(n)} })
}

// SubmitWeighted is Submit for a task that takes weight of the pool's budget, from its submit
// until its future is settled: tasks whose weights exceed the budget together never run at
// once. It waits, first come first served, until the weight is there, as Submit waits for room
// in the queue: until ctx ends or the pool closes. Inside a task of the pool it does not wait,
// but the new task does, for which there is a goroutine meanwhile. Even then a task that has a
// weight, and awaits one that needs more than is left, waits for ever: the budget does not know
// who waits for whom.
//
// It panics if the pool has no [WithBudget], or weight is below 1 or above the budget.
func (p *Pool[T, R]) SubmitWeighted(ctx context.Context, weight int64, fn func(context.Context, T) (R, error), arg T) *future.Future[R] {
	check("SubmitWeighted", ctx, fn)
	b := p.engine.budget
	if b == nil {
		panic("pool: SubmitWeighted: the pool has no WithBudget")
	}
	if weight < 1 || weight > b.size {
		panic(fmt.Sprintf("pool: SubmitWeighted: weight is %d, want 1 to %d, the budget", weight, b.size))
	}
	x := p.newTracked(ctx, &p.engine.home, fn, arg)
	var err error
	if !b.left.TryAcquire(weight) {
		fr, _ := frame.From(ctx)
		switch acquire := func() error { return p.acquire(x, weight) }; {
		case fr == nil:
			err = acquire()
		case fr.On(p.engine.sched):
			p.submitHeld(x, weight)
			return x.future()
		default:
			err = fr.Block(acquire)
		}
	}
	if err != nil {
		_ = p.submitted(&x.task, p.refuse(err))
		return x.future()
	}
	b.releaseAfter(&x.cell, weight)
	_ = p.submitted(&x.task, p.admit(ctx, &entry[T, R]{ctx: x}, &x.Frame))
	return x.future()
}

// acquire waits for the weight of x.
func (p *Pool[T, R]) acquire(x *tracked[T, R], weight int64) error {
	ctx, cancel := context.WithCancel(&x.Frame)
	defer cancel()
	defer context.AfterFunc(p.engine.intake, cancel)()
	if p.engine.budget.left.Acquire(ctx, weight) == nil {
		return nil
	}
	if cause := x.Dead(); cause != nil {
		return p.deadError(cause)
	}
	return ErrClosed
}

// submitHeld holds x back until its weight is there.
func (p *Pool[T, R]) submitHeld(x *tracked[T, R], weight int64) {
	h := p.hold(x)
	if h == nil {
		_ = p.submitted(&x.task, p.refuse(ErrClosed))
		return
	}
	b := p.engine.budget
	p.engine.pending.enter() // so that Close waits for the goroutine
	go func() {
		defer p.engine.pending.leave()
		// x's context ends when x is settled, by whatever it may be.
		if b.left.Acquire(&x.Frame, weight) == nil {
			b.releaseAfter(&x.cell, weight)
			p.admitHeld(x, h)
		}
	}()
}

// releaseAfter gives weight back when the cell is settled.
func (b *budget) releaseAfter(c interface {
	Listen(*promise.Listener) bool
}, weight int64,
) {
	r := release{b, weight}
	if !c.Listen(&promise.Listener{Target: r}) {
		r.Fire(0)
	}
}

// release is the end of a task that has a weight.
type release struct {
	*budget
	weight int64
}

// Fire implements promise.Target.
func (r release) Fire(int) promise.Chain {
	r.left.Release(r.weight)
	return promise.Chain{}
}
