package pool_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// A shared pool has the hooks of the one that it was made from, with its own name and numbers,
// or hooks of its own, which hear of its tasks alone.
func TestHooks_Share(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told record[string]
		tell := func(by string) *pool.Hooks {
			return &pool.Hooks{
				Finished:      func(i pool.TaskInfo, _ future.State, _ error) { told.add(fmt.Sprint(by, " of ", i.Pool, i.ID)) },
				WorkerStarted: func() { told.add(by + ": worker") },
			}
		}
		p := pool.New[int, int](pool.WithName("mill"), pool.WithHooks(tell("mill's")), pool.WithWorkers(1))
		same := pool.Share[int, int](p, pool.WithName("same"))
		own := pool.Share[int, int](p, pool.WithName("own"), pool.WithHooks(tell("own")))
		for _, q := range []*intPool{p, same, own, same} {
			wantValue(t, "a task", q.Submit(t.Context(), inc, 1), 2)
		}
		_ = p.Close()
		want := []string{"mill's: worker", "mill's of mill1", "mill's of same1", "own of own1", "mill's of same2"}
		if got := told.all(); !slices.Equal(got, want) {
			t.Errorf("hooks were told %q, want %q", got, want)
		}
	})
}

// Hooks with nothing in them, and with one member each, are fine.
func TestHooks_NilMembers(t *testing.T) {
	all := allHooks(func() {})
	for _, h := range []*pool.Hooks{
		{},
		{Queued: all.Queued},
		{Started: all.Started},
		{Finished: all.Finished},
		{Rejected: all.Rejected},
		{WorkerStarted: all.WorkerStarted},
		{WorkerStopped: all.WorkerStopped},
	} {
		bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1), pool.WithHooks(h), pool.WithBudget(1)), func(t *testing.T, p *intPool) {
			wantValue(t, "a task", p.Submit(t.Context(), inc, 1), 2)
			wantFailure(t, "refused", p.Submit(deadCtx(errBoom), inc, 1), future.Canceled, errBoom)
			_ = p.Go(t.Context(), inc, 1)
			arg := future.NewPromise[int]()
			after, left := p.SubmitAfter(t.Context(), arg.Future(), inc), p.SubmitAfter(t.Context(), arg.Future(), inc)
			left.Cancel(nil)
			arg.Resolve(1)
			wantValue(t, "after", after, 2)
			wantValue(t, "weighted", p.SubmitWeighted(t.Context(), 1, inc, 1), 2)
		})
	}
}

// The two about workers enclose each worker's life: those that retire, those that Resize makes
// too many, those whose task ends the goroutine.
func TestHooks_Workers(t *testing.T) {
	w := newWitness()
	bubble(t, options(pool.WithWorkers(4), pool.WithIdleTimeout(time.Second), pool.WithHooks(&w.Hooks)), func(t *testing.T, p *intPool) {
		want := func(what string, n int64) {
			t.Helper()
			synctest.Wait()
			if got := w.workers.Load(); got != n {
				t.Errorf("%s: got %d workers by the hooks, want %d", what, got, n)
			}
		}
		want("before the first task", 0)
		g := make(gate)
		for range 4 {
			p.Submit(t.Context(), g.hold, 0)
		}
		want("four tasks", 4)
		g.open()
		time.Sleep(3 * time.Second)
		want("idle for long", 0)
		g = make(gate)
		p.Resize(2)
		for range 4 {
			p.Submit(t.Context(), g.hold, 0)
		}
		want("four tasks after Resize", 2)
		g.open()
	})
	if n := w.workers.Load(); n != 0 {
		t.Errorf("after Close: got %d workers by the hooks, want 0", n)
	}
}

// Of each submit either Rejected is told, or Queued and Finished, also when its task was held.
func TestHooks_HeldTasks(t *testing.T) {
	for _, shared := range []bool{false, true} {
		w := newWitness()
		w.Started = nil
		synctest.Test(t, func(t *testing.T) {
			p := pool.New[int, int](pool.WithWorkers(1), pool.WithHooks(&w.Hooks))
			defer p.Close()
			if shared {
				p = pool.Share[int, int](p)
			}
			arg, never := future.NewPromise[int](), future.NewPromise[int]()
			wait := func(arg *future.Promise[int]) *intFuture {
				return p.SubmitAfter(t.Context(), arg.Future(), inc)
			}
			wait(arg)
			begin := time.Now()
			time.Sleep(time.Second)
			arg.Resolve(1)
			w.want(t, "admitted", "queued 1", "finished 1 Succeeded <nil>")
			if got := w.last.Load().Queued.Sub(begin); got != time.Second {
				t.Errorf("Queued is %v after the submit, want 1s, when the argument was there", got)
			}
			failing := future.NewPromise[int]()
			wait(failing)
			failing.Reject(errBoom)
			wait(failing)
			wait(never).Cancel(errBoom)
			ctx, cancel := context.WithCancelCause(t.Context())
			p.SubmitAfter(ctx, never.Future(), inc)
			cancel(errBoom)
			synctest.Wait()
			wait(never)
			_ = p.Close()
			canceled := "rejected " + (&future.CancelError{Cause: errBoom}).Error()
			w.want(t, "the rest", "queued 1", "finished 1 Succeeded <nil>", "rejected boom", "rejected boom",
				canceled, canceled, "rejected "+pool.ErrClosed.Error())
			wantBalance(t, p)
			if s := p.Stats(); s.Accepted != 1 || s.Rejected != 5 {
				t.Errorf("got %d accepted and %d rejected, want 1 and 5", s.Accepted, s.Rejected)
			}
		})
	}
}
