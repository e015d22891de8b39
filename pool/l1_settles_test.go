package pool_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

var (
	errTask = errors.New("the task's own error")
	errStop = errors.New("the reason for stopping")
)

// An ending is how a task ends by itself.
var endings = struct{ fails, panics, exits intFunc }{
	fails:  func(_ context.Context, n int) (int, error) { return n, errTask },
	panics: func(context.Context, int) (int, error) { panic(errTask) },
	exits: func(context.Context, int) (int, error) {
		runtime.Goexit()
		return 0, nil
	},
}

// An outcome is what the future of a task is settled with.
type outcome struct {
	state future.State
	value int
	errs  []error
}

func value(v int) outcome { return outcome{state: future.Succeeded, value: v} }

func failure(v int, errs ...error) outcome { return outcome{future.Failed, v, errs} }

func canceled(errs ...error) outcome {
	return outcome{future.Canceled, 0, append(errs, future.ErrCanceled)}
}

func refused(err error) outcome { return outcome{future.Canceled, 0, []error{err}} }

// outcomes lists every way for a future to settle, and what Stats must say then. act
// submits, brings the ending about and returns the futures. The pool has one worker.
var outcomes = []struct {
	name  string
	opts  []pool.Option
	act   func(t *testing.T, p *intPool) []*intFuture
	want  []outcome
	stats pool.Stats
}{
	{
		name: "value",
		act: func(t *testing.T, p *intPool) []*intFuture {
			return []*intFuture{p.Submit(t.Context(), inc, 1)}
		},
		want:  []outcome{value(2)},
		stats: pool.Stats{Accepted: 1, Succeeded: 1},
	},
	{
		name: "error, with the value beside it",
		act: func(t *testing.T, p *intPool) []*intFuture {
			return []*intFuture{p.Submit(t.Context(), endings.fails, 5)}
		},
		want:  []outcome{failure(5, errTask)},
		stats: pool.Stats{Accepted: 1, Failed: 1},
	},
	{
		name: "panic",
		act: func(t *testing.T, p *intPool) []*intFuture {
			return []*intFuture{p.Submit(t.Context(), endings.panics, 5)}
		},
		want:  []outcome{failure(0, errTask)},
		stats: pool.Stats{Accepted: 1, Panicked: 1},
	},
	{
		name: "Goexit, and the next task runs",
		act: func(t *testing.T, p *intPool) []*intFuture {
			return []*intFuture{p.Submit(t.Context(), endings.exits, 5), p.Submit(t.Context(), inc, 1)}
		},
		want:  []outcome{failure(0, future.ErrGoexit), value(2)},
		stats: pool.Stats{Accepted: 2, Failed: 1, Succeeded: 1},
	},
	{
		name: "cancelled before it starts, and while it runs",
		act: func(t *testing.T, p *intPool) []*intFuture {
			running := p.Submit(t.Context(), untilDone, 1)
			queued := p.Submit(t.Context(), inc, 2)
			synctest.Wait()
			if !queued.Cancel(errStop) {
				t.Error("Cancel of a queued task: got false, want true")
			}
			if running.Cancel(errStop) {
				t.Error("Cancel of a running task: got true, want false")
			}
			return []*intFuture{running, queued}
		},
		want:  []outcome{failure(1, errStop), canceled(errStop, context.Canceled)},
		stats: pool.Stats{Accepted: 2, Failed: 1, Canceled: 1},
	},
	{
		name: "cancelled by the submit ctx in the queue",
		act: func(t *testing.T, p *intPool) []*intFuture {
			g := make(gate)
			ctx, cancel := context.WithCancelCause(t.Context())
			fs := []*intFuture{p.Submit(t.Context(), g.hold, 1), p.Submit(ctx, inc, 2)}
			cancel(errStop)
			g.open()
			return fs
		},
		want:  []outcome{value(1), canceled(errStop)},
		stats: pool.Stats{Accepted: 2, Succeeded: 1, Canceled: 1},
	},
	{
		name: "submitted with a dead ctx",
		act: func(t *testing.T, p *intPool) []*intFuture {
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(errStop)
			return []*intFuture{p.Submit(ctx, inc, 2)}
		},
		want:  []outcome{canceled(errStop)},
		stats: pool.Stats{Rejected: 1},
	},
	{
		name: "refused by a closed pool",
		act: func(t *testing.T, p *intPool) []*intFuture {
			_ = p.Close()
			return []*intFuture{p.Submit(t.Context(), inc, 2)}
		},
		want:  []outcome{refused(pool.ErrClosed)},
		stats: pool.Stats{Rejected: 1},
	},
	{
		name: "refused by a full queue",
		opts: options(pool.WithQueue(1), pool.WithOnFull(pool.RejectWhenFull)),
		act:  overfull,
		want: []outcome{value(1), value(2), refused(pool.ErrFull)},
		stats: pool.Stats{
			Accepted: 2, Succeeded: 2, Rejected: 1,
		},
	},
	{
		name:  "dropped from a full queue",
		opts:  options(pool.WithQueue(1), pool.WithOnFull(pool.DropOldestWhenFull)),
		act:   overfull,
		want:  []outcome{value(1), refused(pool.ErrDropped), value(3)},
		stats: pool.Stats{Accepted: 3, Succeeded: 2, Dropped: 1},
	},
	{
		name:  "run by its submitter",
		opts:  options(pool.WithQueue(1), pool.WithOnFull(pool.CallerRunsWhenFull)),
		act:   overfull,
		want:  []outcome{value(1), value(2), value(3)},
		stats: pool.Stats{Accepted: 3, Succeeded: 3},
	},
	{
		name: "Close with a queue",
		act: func(t *testing.T, p *intPool) []*intFuture {
			g := make(gate)
			fs := queueBehind(t, p, g.hold)
			over := start(func() { _ = p.Close() })
			wantOver(t, "Close while a task runs", over, false)
			g.open()
			<-over
			return fs
		},
		want:  []outcome{value(1), value(3), value(4)},
		stats: pool.Stats{Accepted: 3, Succeeded: 3},
	},
	{
		name: "Stop with a queue",
		act: func(t *testing.T, p *intPool) []*intFuture {
			fs := queueBehind(t, p, untilDone)
			p.Stop(errStop)
			return fs
		},
		want:  []outcome{failure(1, errStop), canceled(errStop), canceled(errStop)},
		stats: pool.Stats{Accepted: 3, Failed: 1, Canceled: 2},
	},
	{
		name: "Shutdown that times out",
		act: func(t *testing.T, p *intPool) []*intFuture {
			fs := queueBehind(t, p, untilDone)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			wantErr(t, "Shutdown", p.Shutdown(ctx), context.DeadlineExceeded)
			return fs
		},
		want: []outcome{
			failure(1, context.DeadlineExceeded),
			canceled(context.DeadlineExceeded), canceled(context.DeadlineExceeded),
		},
		stats: pool.Stats{Accepted: 3, Failed: 1, Canceled: 2},
	},
	{
		name: "a failure in a fail-fast pool",
		opts: options(pool.WithFailFast()),
		act: func(t *testing.T, p *intPool) []*intFuture {
			fs := queueBehind(t, p, endings.fails)
			wantErr(t, "Close", p.Close(), errTask)
			return fs
		},
		want:  []outcome{failure(1, errTask), canceled(errTask), canceled(errTask)},
		stats: pool.Stats{Accepted: 3, Failed: 1, Canceled: 2},
	},
}

// queueBehind submits first and waits until it runs, and then two tasks behind it.
func queueBehind(t *testing.T, p *intPool, first intFunc) []*intFuture {
	g := make(gate)
	defer g.open()
	running := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
		<-g
		return first(ctx, n)
	}, 1)
	synctest.Wait()
	return []*intFuture{running, p.Submit(t.Context(), inc, 2), p.Submit(t.Context(), inc, 3)}
}

// overfull submits one task too many to a pool of one worker and a queue of one.
func overfull(t *testing.T, p *intPool) []*intFuture {
	g := make(gate)
	defer g.open()
	running := p.Submit(t.Context(), g.hold, 1)
	synctest.Wait()
	return []*intFuture{running, p.Submit(t.Context(), inc, 1), p.Submit(t.Context(), inc, 2)}
}

func TestL1_EveryOutcomeSettles(t *testing.T) {
	for _, tt := range outcomes {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, append(options(pool.WithWorkers(1)), tt.opts...), func(t *testing.T, p *intPool) {
				fs := tt.act(t, p)
				_ = p.Close()
				for i, f := range fs {
					r, ok := f.Try()
					if !ok {
						t.Errorf("future %d after Close: got state %v, want it settled", i, f.State())
						continue
					}
					wantState(t, "future", f, tt.want[i].state)
					wantErr(t, "future", r.Err, tt.want[i].errs...)
					if r.Value != tt.want[i].value {
						t.Errorf("future %d: got value %d, want %d", i, r.Value, tt.want[i].value)
					}
				}
				wantCounts(t, p, tt.stats)
			})
		})
	}
}

// wantCounts compares the counters of tasks, and nothing else in Stats.
func wantCounts(t *testing.T, p *intPool, want pool.Stats) {
	t.Helper()
	s := p.Stats()
	got := pool.Stats{
		Accepted: s.Accepted, Succeeded: s.Succeeded, Failed: s.Failed, Panicked: s.Panicked,
		Canceled: s.Canceled, Dropped: s.Dropped, Rejected: s.Rejected,
	}
	if got != want {
		t.Errorf("Stats of a quiet pool:\ngot  %+v\nwant %+v", got, want)
	}
}

// The pool's context ends while it has tasks that run, that wait in the queue, that wait for
// room, and that come too late.
func TestL1_EndOfThePoolsContextSettles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		p := pool.New[int, int](pool.WithWorkers(1), pool.WithQueue(1), pool.WithContext(ctx))
		running := p.Submit(t.Context(), untilDone, 1)
		synctest.Wait()
		queued := p.Submit(t.Context(), inc, 2)
		var blocked *intFuture
		over := start(func() { blocked = p.Submit(t.Context(), inc, 3) })
		wantOver(t, "Submit to a full queue", over, false)
		cancel(errStop)
		wantOver(t, "Submit to a full queue, after the pool's ctx has ended", over, true)
		late := p.Submit(t.Context(), inc, 4)
		wantFailure(t, "running task", running, future.Failed, errStop)
		for _, f := range []*intFuture{queued, blocked, late} {
			wantFailure(t, "task that had not started", f, future.Canceled, future.ErrCanceled, errStop)
		}
		_ = p.Close()
		wantBalance(t, p)
		wantCounts(t, p, pool.Stats{Accepted: 2, Failed: 1, Canceled: 1, Rejected: 2})
	})
}

// A task that its submitter runs has been accepted: the end of the pool waits for it.
func TestL1_CloseWaitsForCallerRuns(t *testing.T) {
	opts := options(pool.WithWorkers(1), pool.WithQueue(1), pool.WithOnFull(pool.CallerRunsWhenFull))
	bubble(t, opts, func(t *testing.T, p *intPool) {
		worker, caller := full(p, 1), make(gate)
		submit := start(func() { p.Submit(t.Context(), caller.hold, 0) })
		wantOver(t, "submitter that runs its task", submit, false)
		worker.open()
		over := start(func() { _ = p.Close() })
		wantOver(t, "Close, while the submitter runs its task,", over, false)
		caller.open()
		wantOver(t, "Close", over, true)
		wantCounts(t, p, pool.Stats{Accepted: 3, Succeeded: 3})
	})
}
