package pool_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// stoppedCtx is a context that never ends, and calls stopped when one who has registered at it
// takes that back.
type stoppedCtx struct {
	context.Context
	done    chan struct{}
	stopped func()
}

func (c stoppedCtx) Done() <-chan struct{} { return c.done }

func (c stoppedCtx) AfterFunc(func()) (stop func() bool) {
	return func() bool { c.stopped(); return true }
}

// A task that waits for its argument is cancelled, and before that is through, the argument is there
// and finds the pool closed. Two have the task in hand, and it counts once, in Stats as for the hooks.
func TestL1_SubmitAfterCancelledAndRefused(t *testing.T) {
	for _, shared := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var queued, finished, rejected int
			p := pool.New[int, int](pool.WithWorkers(1), pool.WithHooks(&pool.Hooks{
				Queued:   func(pool.TaskInfo) { queued++ },
				Finished: func(pool.TaskInfo, future.State, error) { finished++ },
				Rejected: func(error) { rejected++ },
			}))
			if shared {
				p = pool.Share[int, int](p)
			}
			arg := future.NewPromise[int]()
			// The argument's first listener holds up whoever settles it.
			settling, cancelling := make(gate), make(gate)
			other := pool.New[int, int](pool.WithWorkers(1), pool.WithHooks(&pool.Hooks{Queued: func(pool.TaskInfo) { <-settling }}))
			first := other.SubmitAfter(t.Context(), arg.Future(), inc)

			ctx := stoppedCtx{context.Background(), make(chan struct{}), sync.OnceFunc(func() { <-cancelling })}
			f := p.SubmitAfter(ctx, arg.Future(), inc)
			resolved := start(func() { arg.Resolve(1) })
			synctest.Wait()
			cancelled := start(func() { f.Cancel(errStop) })
			wantOver(t, "Cancel, held up by its ctx,", cancelled, false)
			closed := start(func() { _ = p.Close() })
			wantOver(t, "Close, while a task is being cancelled,", closed, false)
			settling.open()
			wantOver(t, "Resolve", resolved, true)
			wantState(t, "the task", f, future.Pending)
			wantOver(t, "Close, before the task is settled,", closed, false)
			cancelling.open()
			wantOver(t, "Cancel", cancelled, true)
			wantOver(t, "Close", closed, true)
			wantFailure(t, "the task", f, future.Canceled, future.ErrCanceled, errStop)
			wantBalance(t, p)
			if s := p.Stats(); s.Accepted != 1 || s.Canceled != 1 || s.Rejected != 0 {
				t.Errorf("shared %t: got %d accepted, %d canceled, %d rejected, want 1, 1 and 0", shared, s.Accepted, s.Canceled, s.Rejected)
			}
			if queued != 1 || finished != 1 || rejected != 0 {
				t.Errorf("shared %t, hooks: %d queued, %d finished, %d rejected, want 1, 1 and 0", shared, queued, finished, rejected)
			}
			wantValue(t, "the other pool's", first, 2)
			_ = other.Close()
		})
	}
}
