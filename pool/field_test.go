package pool_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// Bugs that other pools have shipped, each in the shape in which it spoiled somebody's day.

// pond #135, varmq, reugn, gammazero, gopool, ultrapool: a task that calls Goexit (t.FailNow,
// a gomock controller) skips the completion. Its waiter hangs, and the worker is gone.
func TestField01_GoexitLosesWaiterAndWorker(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
		for range 10 { // more than there are workers
			over := start(func() { _, _ = p.Do(t.Context(), endings.exits, 0) })
			wantOver(t, "wait for a task that called Goexit", over, true)
		}
		h := hold(p, 2)
		h.let(t, "both workers are there", 2, 0, 1)
	})
}

// errgroup, varmq, milvus: Goexit, or a cancellation, is reported as success with a zero value.
func TestField02_NoResultReportedAsSuccess(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		exited := p.Submit(t.Context(), endings.exits, 1)
		if v, err := exited.Await(t.Context()); err == nil {
			t.Errorf("task that called Goexit: got %d, <nil> in state %v, want an error", v, exited.State())
		}
		worker := full(p, 0)
		canceled := p.Submit(t.Context(), inc, 1)
		canceled.Cancel(nil)
		worker.open()
		if v, err := canceled.Await(t.Context()); err == nil {
			t.Errorf("cancelled task: got %d, <nil> in state %v, want an error", v, canceled.State())
		}
		synctest.Wait()
		if s := p.Stats(); s.Failed != 1 || s.Succeeded != 1 { // the worker's task
			t.Errorf("got %d failed, %d succeeded, want 1, 1", s.Failed, s.Succeeded)
		}
	})
}

// ants #113, conc #103, pond PR #105, cadence PR #7996: a task enqueued after the shutdown has
// drained the queue, by a late submitter or by a task that submits, is never run nor refused.
func TestField03_EnqueuedAfterTheDrain(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		g := make(gate)
		f := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			<-g
			nested := p.Submit(ctx, inc, n)
			wantFailure(t, "submit by a task, to a closing pool", nested, future.Canceled, pool.ErrClosed)
			return nested.Await(ctx)
		}, 0)
		over := start(func() { _ = p.Close() })
		wantOver(t, "Close while a task runs", over, false)
		g.open()
		wantOver(t, "Close", over, true)
		wantFailure(t, "task that submitted", f, future.Failed, pool.ErrClosed)
		late := p.Submit(t.Context(), inc, 0)
		wantFailure(t, "late submit", late, future.Canceled, pool.ErrClosed)
		if s := p.Stats(); s.Accepted != 1 || s.Queued != 0 {
			t.Errorf("got %d accepted, %d queued, want 1, 0", s.Accepted, s.Queued)
		}
	})
}

// pond #108 and PR #115, ants #202 and #146: a wake-up is lost, because a signal came before
// the wait, or because close woke one of many waiters.
func TestField04_LostWakeUp(t *testing.T) {
	t.Run("submit while the worker goes to sleep", func(t *testing.T) {
		p := pool.New[int, int](pool.WithWorkers(2))
		defer p.Close()
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				for i := range scaled(1500) {
					// The worker has nothing else to do, and is about to park. A lost wake-up hangs.
					if v, err := p.Do(context.Background(), inc, i); v != i+1 || err != nil {
						t.Errorf("task %d: got %d, %v", i, v, err)
						return
					}
				}
			})
		}
		wg.Wait()
	})
	t.Run("close with many waiters", func(t *testing.T) {
		bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
			worker := full(p, 1)
			var submits, closes sync.WaitGroup
			for range 20 {
				submits.Go(func() { p.Submit(t.Context(), inc, 0) })
			}
			synctest.Wait()
			for range 3 {
				closes.Go(func() { _ = p.Close() })
			}
			wantOver(t, "20 blocked submitters", start(submits.Wait), true)
			worker.open()
			wantOver(t, "three calls of Close", start(closes.Wait), true)
		})
	})
}

// pond #33: an idle worker retires just when a task is enqueued for it.
func TestField05_WorkerRetiresWhileATaskIsEnqueued(t *testing.T) {
	for _, idle := range []time.Duration{0, time.Millisecond} {
		bubble(t, options(pool.WithWorkers(2), pool.WithIdleTimeout(idle)), func(t *testing.T, p *intPool) {
			for i := range scaled(300) {
				f := p.Submit(t.Context(), inc, i)
				over := start(func() { _, _ = f.Await(t.Context()) })
				wantOver(t, "task that met a retiring worker", over, true)
				time.Sleep(idle) // the reaper's time comes now
			}
		})
	}
}

// ants #374: the number of workers is checked before it is raised, so a burst of submitters
// starts more than the limit.
func TestField06_BurstStartsMoreWorkersThanTheLimit(t *testing.T) {
	for range scaled(30) {
		bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
			var g gauge
			worker := make(gate)
			for range 32 {
				go p.Submit(t.Context(), g.task(worker.hold), 0)
			}
			synctest.Wait()
			g.wantPeak(t, 2)
			if s := p.Stats(); s.Running != 2 || s.Queued != 30 {
				t.Errorf("after a burst of 32: got %d running, %d queued, want 2, 30", s.Running, s.Queued)
			}
			worker.open()
		})
	}
}

// pond #61 and #138: the ctx is cancelled while tasks are queued. Their workers are gone, and
// the wait for them never returns.
func TestField07_CtxCancelledWithQueuedTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p := pool.New[int, int](pool.WithWorkers(2), pool.WithContext(ctx))
		fs := make([]*intFuture, 100)
		for i := range fs {
			fs[i] = p.Submit(t.Context(), untilDone, i)
		}
		synctest.Wait()
		cancel()
		over := start(func() {
			for _, f := range fs {
				_, _ = f.Await(t.Context())
			}
			_ = p.Close()
		})
		wantOver(t, "the wait for 100 tasks, and Close,", over, true)
		wantBalance(t, p)
		wantCounts(t, p, pool.Stats{Accepted: 100, Failed: 2, Canceled: 98})
	})
}

// pond's subpools: the parent refuses a task that the child has accepted. The error is ignored,
// the task is lost, and closing the child hangs. Here: a task that hands on to another pool.
func TestField08_RefusalByAnotherPoolIsLost(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		parent := pool.New[int, int](pool.WithWorkers(1), pool.WithQueue(1))
		_ = parent.Close()
		f := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			return parent.Submit(ctx, inc, n).Await(ctx)
		}, 1)
		wantFailure(t, "task handed on to a closed pool", f, future.Failed, pool.ErrClosed)
		over := start(func() { _ = p.Close() })
		wantOver(t, "Close", over, true)
	})
}

// pond: the future hangs on a ctx. Cancelling settles it while the task runs on, and what the
// task returns is lost.
func TestField09_CancelSettlesARunningTasksFuture(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		ctx, cancel := context.WithCancel(t.Context())
		g := make(gate)
		f := p.Submit(ctx, g.hold, 7)
		synctest.Wait()
		cancel()
		f.Cancel(errStop)
		synctest.Wait()
		wantState(t, "cancelled future of a running task", f, future.Running)
		g.open()
		wantValue(t, "what the task returned", f, 7)
	})
}

// reugn: one cancelled wait poisons the future for everybody.
func TestField10_CancelledWaitPoisonsTheFuture(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		g := make(gate)
		f := p.Submit(t.Context(), g.hold, 7)
		other := start(func() { wantValue(t, "another waiter", f, 7) })
		dead, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := f.Await(dead); !errors.Is(err, future.ErrNotReady) {
			t.Errorf("cancelled wait: got %v in state %v, want %v", err, f.State(), future.ErrNotReady)
		}
		g.open()
		<-other
		wantValue(t, "a later waiter", f, 7)
	})
}

// wpool, gammazero #7: the shutdown drops accepted tasks that are still queued.
func TestField17_AcceptedTasksDroppedAtShutdown(t *testing.T) {
	for _, end := range []func(p *intPool) error{
		(*intPool).Close,
		func(p *intPool) error { return p.Shutdown(context.Background()) },
	} {
		bubble(t, options(pool.WithWorkers(2), pool.WithUnboundedQueue()), func(t *testing.T, p *intPool) {
			const n = 3000 // in the ring and in the overflow
			worker := make(gate)
			var ran atomic.Int64
			for range n {
				_ = p.Go(t.Context(), func(ctx context.Context, n int) (int, error) {
					ran.Add(1)
					return worker.hold(ctx, n)
				}, 0)
			}
			over := start(func() {
				if err := end(p); err != nil {
					t.Errorf("end: %v", err)
				}
			})
			wantOver(t, "end with a queue", over, false)
			worker.open()
			<-over
			if got := ran.Load(); got != n {
				t.Errorf("tasks that ran: got %d, want the %d accepted", got, n)
			}
		})
	}
}

// poolme: a submit is accepted after the pool's ctx has died and taken the workers with it.
func TestField19_SubmitAfterThePoolsCtxDied(t *testing.T) {
	for _, used := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			p := pool.New[int, int](pool.WithWorkers(1), pool.WithContext(ctx))
			if used {
				_, _ = p.Do(t.Context(), inc, 0)
			}
			cancel(errStop)
			for _, tt := range admissions {
				var err error
				over := start(func() { err = tt.admit(p, t.Context(), 0) })
				wantOver(t, tt.name+" to a pool whose ctx has died", over, true)
				wantErr(t, tt.name, err, future.ErrCanceled, errStop)
			}
			_, err := p.TrySubmit(t.Context(), inc, 0)
			wantErr(t, "TrySubmit", err, future.ErrCanceled, errStop)
			_ = p.Close()
			wantBalance(t, p)
		})
	}
}

// pond PR #105: a count of tasks that goes up from zero while somebody waits for it to be zero
// (WaitGroup's Add beside Wait): the wait returns early, or panics, and snapshots are off.
func TestField24_CountRacesAtZero(t *testing.T) {
	for round := range scaled(100) {
		p := pool.New[int, int](pool.WithWorkers(2))
		var running atomic.Int64
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				for { // zero, one, zero, ...
					_, err := p.Do(context.Background(), func(_ context.Context, n int) (int, error) {
						running.Add(1)
						defer running.Add(-1)
						return n, nil
					}, 0)
					if err != nil {
						wantErr(t, "Do", err, pool.ErrClosed)
						return
					}
				}
			})
		}
		for range round % 10 {
			if s := p.Stats(); s.Running < 0 || s.Running > 2 || s.Queued < 0 || s.Lent != 0 {
				t.Errorf("snapshot: %+v", s)
			}
		}
		_ = p.Close()
		if n := running.Load(); n != 0 {
			t.Errorf("round %d: %d tasks run after Close", round, n)
		}
		wg.Wait()
		wantBalance(t, p)
	}
}
