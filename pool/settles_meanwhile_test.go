package pool_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// askedCtx is a context that calls asked when somebody asks whether it has ended.
type askedCtx struct {
	context.Context
	asked func()
}

func (c askedCtx) Err() error {
	c.asked()
	return c.Context.Err()
}

// The argument settles in the middle of the call of SubmitAfter, when that has found it pending
// and does not listen to it yet: the task runs, or fails with it, all the same.
func TestL1_SubmitAfterAsItsArgumentSettles(t *testing.T) {
	for _, tt := range []struct {
		name  string
		end   func(*future.Promise[int])
		value int
		err   error
		state future.State
	}{
		{"Resolve", func(p *future.Promise[int]) { p.Resolve(1) }, 2, nil, future.Succeeded},
		{"Reject", func(p *future.Promise[int]) { p.Reject(errBoom) }, 0, errBoom, future.Failed},
	} {
		for _, shared := range []bool{false, true} {
			bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
				if shared {
					p = pool.Share[int, int](p)
					defer p.Close()
				}
				arg := future.NewPromise[int]()
				settled := 0
				ctx := askedCtx{t.Context(), sync.OnceFunc(func() { settled++; tt.end(arg) })}
				f := p.SubmitAfter(ctx, arg.Future(), inc)
				if settled != 1 {
					t.Errorf("%s: the argument was settled %d times during the call, want once", tt.name, settled)
				}
				if v, err := f.Await(t.Context()); v != tt.value || err != tt.err {
					t.Errorf("%s: got %d, %v, want %d, %v", tt.name, v, err, tt.value, tt.err)
				}
				wantState(t, tt.name, f, tt.state)
			})
		}
	}
}

// The hook that hears of a task which fails with its argument cancels the next one that waits for
// that: each is settled once, with the reason of its own, and told of once.
func TestL1_SubmitAfterCancelledWhileItsArgumentSettles(t *testing.T) {
	var told []error
	var next *intFuture
	hooks := &pool.Hooks{Rejected: func(err error) {
		told = append(told, err)
		if len(told) == 1 {
			next.Cancel(errStop)
		}
	}}
	bubble(t, options(pool.WithWorkers(1), pool.WithHooks(hooks)), func(t *testing.T, p *intPool) {
		arg := future.NewPromise[int]()
		first := p.SubmitAfter(t.Context(), arg.Future(), inc)
		next = p.SubmitAfter(t.Context(), arg.Future(), inc)
		arg.Reject(errBoom)
		wantFailure(t, "the first", first, future.Failed, errBoom)
		wantFailure(t, "the one that was cancelled", next, future.Canceled, future.ErrCanceled, errStop)
		if len(told) != 2 {
			t.Errorf("the hook was told of %v, want two", told)
		}
		if s := p.Stats(); s.Accepted != 0 || s.Rejected != 2 {
			t.Errorf("got %d accepted, %d rejected, want 0 and 2", s.Accepted, s.Rejected)
		}
	})
}

// A shared pool that was made of one that is closing takes nothing, and also
// what it would hold back.
func TestL5_SharedOfAClosingPool(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2), pool.WithBudget(1)), func(t *testing.T, p *intPool) {
		g, closing := make(gate), make(gate)
		pending := future.NewPromise[int]()
		var v *intPool
		var inside *intFuture
		p.SubmitWeighted(t.Context(), 1, g.hold, 1)
		p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			<-closing
			inside = v.SubmitWeighted(ctx, 1, inc, 1)
			return n, nil
		}, 1)
		synctest.Wait()
		closed := start(func() { _ = p.Close() })
		synctest.Wait()
		v = pool.Share[int, int](p)
		for what, submit := range map[string]func() *intFuture{
			"Submit":         func() *intFuture { return v.Submit(t.Context(), inc, 1) },
			"SubmitAfter":    func() *intFuture { return v.SubmitAfter(t.Context(), pending.Future(), inc) },
			"SubmitWeighted": func() *intFuture { return v.SubmitWeighted(t.Context(), 1, inc, 1) },
		} {
			wantFailure(t, what, submit(), future.Canceled, pool.ErrClosed)
		}
		closing.open()
		synctest.Wait()
		wantFailure(t, "SubmitWeighted inside a task", inside, future.Canceled, pool.ErrClosed)
		wantOver(t, "Close, while a task runs,", closed, false)
		g.open()
		wantOver(t, "Close", closed, true)
		if s := v.Stats(); s.Accepted != 0 || s.Rejected != 4 {
			t.Errorf("shared pool: got %d accepted, %d rejected, want 0 and 4", s.Accepted, s.Rejected)
		}
		_ = v.Close()
	})
}

// A task's ctx that outlived its task is no reason for Shutdown to panic: the task is over, and
// Shutdown does not wait for itself.
func TestShutdown_WithTheCtxOfATaskThatHasEnded(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		var kept context.Context
		f := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			kept = context.WithoutCancel(ctx)
			return n, nil
		}, 1)
		wantValue(t, "the task", f, 1)
		if err := p.Shutdown(kept); err != nil {
			t.Errorf("got %v, want nil", err)
		}
		wantFailure(t, "a submit after it", p.Submit(t.Context(), inc, 1), future.Canceled, pool.ErrClosed)
	})
}
