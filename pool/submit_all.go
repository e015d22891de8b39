package pool

import (
	"context"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/internal/queue"
)

// SubmitAll submits fn with each of args, in order, and returns their futures in the same order.
// It is like Submit for each, but takes places in the queue many at a time, and wakes the
// workers once for them. Every task is an allocation of its own, so that a future which is kept
// keeps no other's result.
func (p *Pool[T, R]) SubmitAll(ctx context.Context, fn func(context.Context, T) (R, error), args []T) []*future.Future[R] {
	check("SubmitAll", ctx, fn)
	fs := make([]*future.Future[R], len(args))
	if p.engine.tracks {
		for i, arg := range args {
			fs[i] = p.Submit(ctx, fn, arg)
		}
		return fs
	}
	var batch [64]entry[T, R]
	for at := 0; at < len(args); {
		n := min(len(batch), len(args)-at)
		for i := range n {
			var t *task[T, R]
			t, batch[i] = p.newTask(ctx, fn, args[at+i])
			fs[at+i] = t.future()
		}
		p.submitBatch(ctx, batch[:n])
		at += n
	}
	return fs
}

// submitBatch queues entries of plain tasks with the same ctx.
func (p *Pool[T, R]) submitBatch(ctx context.Context, es []entry[T, R]) {
	for len(es) > 0 {
		t := es[0].ctx.(*task[T, R])
		if t.Dead() == nil {
			if n, st := p.queue.PushBatch(es); st == queue.OK {
				p.engine.sched.Notify()
				es = es[n:]
				continue
			}
		}
		_ = p.submitted(t, p.admit(ctx, &es[0], &t.Frame))
		es = es[1:]
	}
}
