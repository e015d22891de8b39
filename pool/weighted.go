package pool

import (
	"container/list"
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/internal/frame"
)

// A budget is what the tasks of SubmitWeighted share. Whoever does not find the weight there
// stands in one line, submitters that wait and tasks that are held alike: so they are served in
// order. A goroutine, which lives as long as there is a line, asks the semaphore for one after
// the other.
type budget struct {
	size int64
	left *semaphore.Weighted

	mu      sync.Mutex
	line    list.List // of *inLine, but for the first, which is being served
	serving bool      // there is a goroutine
}

// An inLine stands in the line, of whatever types its task is.
type inLine struct {
	ctx     context.Context // ends when the weight is not wanted any more
	weight  int64
	pending *latch        // it is inside of it
	served  func(in bool) // called once, unless it has quit: in, the weight is there
}

// WithBudget gives the pool a budget of n, at least 1, for the tasks of SubmitWeighted: bytes of
// memory, say, or connections. Shared pools take from the same one, unless Share is given
// another.
func WithBudget(n int64) Option {
	if n < 1 {
		panic(fmt.Sprintf("pool: WithBudget: n is %d, want 1 or more", n))
	}
	return option(func(c *config) { c.budget = &budget{size: n, left: semaphore.NewWeighted(n)} })
}

// SubmitWeighted is Submit for a task that takes weight of the pool's budget, from its submit
// until its future is settled: tasks whose weights exceed the budget together never run at
// once. It waits, first come first served, until the weight is there, as Submit waits for room
// in the queue: until ctx ends or the pool closes.
//
// Inside a task of the pool it does not wait, but the new task does: it is accepted, beyond the
// capacity of a full queue, when its turn has come, and if ctx ends or the pool closes before, it is
// refused through its future. One goroutine waits for all of them. Still, a task that has a weight,
// and awaits one that needs more than is left, waits for ever: the budget does not know who waits
// for whom.
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
	if b.tryAcquire(weight) {
		_ = p.submitted(&x.task, p.admitWeighted(ctx, x, weight))
		return x.future()
	}
	waitAndAdmit := func() error {
		if err := p.acquire(x, weight); err != nil {
			return p.refuse(err)
		}
		return p.admitWeighted(ctx, x, weight)
	}
	fr, _ := frame.From(ctx)
	switch {
	case fr == nil:
		_ = p.submitted(&x.task, waitAndAdmit())
	case fr.On(p.engine.sched):
		p.submitHeld(x, weight)
	default: // a task of another pool, whose slot somebody may have who wants the weight
		_ = p.submitted(&x.task, fr.Block(waitAndAdmit))
	}
	return x.future()
}

// admitWeighted queues x, which has its weight, or gives the weight back.
func (p *Pool[T, R]) admitWeighted(ctx context.Context, x *tracked[T, R], weight int64) error {
	x.after = func() { p.engine.budget.left.Release(weight) }
	err := p.admit(ctx, &entry[T, R]{ctx: x}, &x.Frame)
	if err != nil {
		x.after()
		x.after = nil
	}
	return err
}

// acquire waits for the weight of x.
func (p *Pool[T, R]) acquire(x *tracked[T, R], weight int64) error {
	pending := &p.engine.pending
	defer pending.leave()
	if !pending.enter() {
		return ErrClosed
	}
	ctx, cancel := context.WithCancel(&x.Frame)
	defer cancel()
	defer context.AfterFunc(p.engine.intake, cancel)()
	served := make(chan bool, 1)
	quit := p.engine.budget.queueUp(&inLine{ctx, weight, pending, func(in bool) { served <- in }})
	select {
	case in := <-served:
		if in {
			return nil
		}
	case <-ctx.Done():
		if !quit() && <-served { // it was its turn, and both came at once
			return nil
		}
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
	h.add(b.queueUp(&inLine{&x.Frame, weight, h.pending, func(in bool) {
		if !in {
			return // x is settled, or is being settled
		}
		release := func() { b.left.Release(weight) }
		x.after = release // who refuses x does not read that
		if !p.admitHeld(x) {
			release()
		}
	}}))
}

// tryAcquire takes weight if it is there, and nobody waits.
func (b *budget) tryAcquire(weight int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.serving && b.left.TryAcquire(weight)
}

// queueUp puts w at the end of the line. What it returns takes it out, or returns false if its turn
// has come.
func (b *budget) queueUp(w *inLine) (quit func() bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	at := b.line.PushBack(w)
	if !b.serving {
		b.serving = true
		go b.serve()
	}
	return func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		n := b.line.Len()
		b.line.Remove(at)
		return b.line.Len() < n
	}
}

// serve waits for the weight of one after the other in the line. The latch that it is inside of
// for one it leaves when it has got the next, or has nothing left to do.
func (b *budget) serve() {
	for w := b.next(); w != nil; {
		w.served(b.left.Acquire(w.ctx, w.weight) == nil)
		done := w
		w = b.next()
		done.pending.leave()
	}
}

// next takes the first out of the line, and enters its pool's latch, so that Close waits for the
// goroutine. Whoever is in the line is in there already, so it is not empty. Without a next it
// ends the line.
func (b *budget) next() *inLine {
	b.mu.Lock()
	defer b.mu.Unlock()
	first := b.line.Front()
	if first == nil {
		b.serving = false
		return nil
	}
	w := b.line.Remove(first).(*inLine)
	w.pending.enter()
	return w
}
