package pool_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// In a bubble time passes only while every goroutine of it is parked durably. So a park of
// ours that is not durable stops the clock, and the test hangs.

// useAll makes and closes a pool and parks in every way there is on the way.
func useAll(t *testing.T) {
	start := time.Now()
	p := pool.New[int, int](
		pool.WithWorkers(2), pool.WithQueue(2),
		pool.WithIdleTimeout(time.Minute), pool.WithTaskTimeout(time.Hour),
	)
	sleep := func(ctx context.Context, n int) (int, error) {
		time.Sleep(time.Second)
		return n, ctx.Err()
	}
	// More than fit: submitters park, the awaiter parks. Two at once, a second each.
	var fs []*intFuture
	for i := range 10 {
		fs = append(fs, p.Submit(t.Context(), sleep, i))
	}
	for i, f := range fs {
		wantValue(t, "a task that sleeps", f, i)
	}
	wantElapsed(t, "ten tasks of a second on two workers", &start, 5*time.Second)

	// A task that parks in Await and one that parks in Block, each lending its slot, and both
	// parking again for it while two others sleep.
	nested := func(wait func(ctx context.Context)) *intFuture {
		return p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			wait(ctx)
			return n, nil
		}, 7)
	}
	promise := future.NewPromise[int]()
	fs = []*intFuture{
		nested(func(ctx context.Context) { _, _ = promise.Future().Await(ctx) }),
		nested(func(ctx context.Context) { pool.Block(ctx, func() { time.Sleep(time.Second / 2) }) }),
	}
	synctest.Wait()
	for range 2 {
		fs = append(fs, p.Submit(t.Context(), sleep, 7))
	}
	synctest.Wait()
	promise.Resolve(7)
	for _, f := range fs {
		wantValue(t, "a task", f, 7)
	}
	wantElapsed(t, "two lent slots, and two tasks of a second", &start, time.Second)

	// Timeouts of waits, of tasks and of workers.
	forever := p.Submit(t.Context(), untilDone, 1)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := forever.Await(ctx); err == nil {
		t.Errorf("Await of a task that runs until its timeout: got nil, want a WaitError; it is %v", forever.State())
	}
	wantElapsed(t, "a wait of a second", &start, time.Second)
	wantFailure(t, "a task with a timeout", forever, future.Failed, context.DeadlineExceeded)
	wantElapsed(t, "the rest of the task's hour", &start, time.Hour-time.Second)
	time.Sleep(2 * time.Minute)
	synctest.Wait()
	if s := p.Stats(); s.Idle != 0 {
		t.Errorf("got %d idle workers after two idle timeouts, want 0", s.Idle)
	}
	wantValue(t, "a task after the workers have retired", p.Submit(t.Context(), inc, 1), 2)

	// The ways down.
	slow := p.Submit(t.Context(), untilDone, 1)
	start = time.Now()
	ctx, cancel = context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	wantErr(t, "Shutdown", p.Shutdown(ctx), context.DeadlineExceeded)
	wantElapsed(t, "a Shutdown of a second", &start, time.Second)
	wantFailure(t, "the task that was running", slow, future.Failed, context.DeadlineExceeded)
}

func wantElapsed(t *testing.T, what string, start *time.Time, want time.Duration) {
	t.Helper()
	now := time.Now()
	if got := now.Sub(*start); got != want {
		t.Errorf("%s took %v, want %v", what, got, want)
	}
	*start = now
}

func TestL16_EveryParkIsDurable(t *testing.T) {
	for _, name := range []string{"bubble one", "bubble two"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // two bubbles at once, with a pool each
			for range 2 {
				synctest.Test(t, useAll) // and one after the other
			}
		})
	}
}

// A submitter that is blocked is parked durably, and so is one in another pool's task.
func TestL16_BlockedSubmit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, q := pool.New[int, int](pool.WithWorkers(1), pool.WithQueue(1)), pool.New[int, int](pool.WithWorkers(1))
		sleep := func(context.Context, int) (int, error) {
			time.Sleep(time.Minute)
			return 0, nil
		}
		p.Submit(t.Context(), sleep, 0)
		synctest.Wait()
		p.Submit(t.Context(), sleep, 0)
		begin := time.Now()
		if _, err := q.Do(t.Context(), func(ctx context.Context, n int) (int, error) {
			return 0, p.Go(ctx, inc, n)
		}, 0); err != nil {
			t.Errorf("Go to a full pool, from another's task: got %v, want nil", err)
		}
		wantElapsed(t, "the submit that blocked", &begin, time.Minute)
		_ = p.Close()
		_ = q.Close()
		wantElapsed(t, "the close", &begin, time.Minute)
	})
}
