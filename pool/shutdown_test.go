package pool_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/pool"
)

// A ctx that has ended is the error of Shutdown only where it ended something.
func TestShutdown_DeadCtx(t *testing.T) {
	dead, cancel := context.WithCancel(t.Context())
	cancel()
	bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
		_, _ = p.Do(t.Context(), inc, 1)
		synctest.Wait()
		if err := p.Shutdown(dead); err != nil {
			t.Errorf("an idle pool: got %v, want nil", err)
		}
	})
	bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
		f := p.Submit(t.Context(), untilDone, 1)
		synctest.Wait()
		if err := p.Shutdown(dead); !errors.Is(err, context.Canceled) {
			t.Errorf("a task runs: got %v, want context canceled", err)
		}
		if _, err := f.Await(t.Context()); !errors.Is(err, context.Canceled) {
			t.Errorf("the task: got %v, want context canceled", err)
		}
	})
}

// When a deadline stops a pool that fails fast, the tasks that obey are not its failure.
func TestShutdown_ObedientTasksAreNoFailure(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2), pool.WithFailFast()), func(t *testing.T, p *intPool) {
		ctx, cancel := context.WithCancelCause(t.Context())
		p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			<-ctx.Done()
			return n, errors.New("obeyed")
		}, 1)
		synctest.Wait()
		cancel(errors.New("the deadline"))
		if err := p.Shutdown(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want that of the ctx", err)
		}
	})
}
