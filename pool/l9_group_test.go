package pool_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

type intGroup = pool.Group[int, int]

// failings are the ways in which a task that runs can fail its group.
var failings = []struct {
	name string
	fn   intFunc
	err  error
}{
	{"error", endings.fails, errTask},
	{"panic", endings.panics, errTask},
	{"Goexit", endings.exits, future.ErrGoexit},
}

// after is fn, when the gate is open.
func (g gate) after(fn intFunc) intFunc {
	return func(ctx context.Context, n int) (int, error) {
		<-g
		return fn(ctx, n)
	}
}

// counted is inc, counting its calls.
func counted(n *atomic.Int64) intFunc {
	return func(ctx context.Context, v int) (int, error) {
		n.Add(1)
		return inc(ctx, v)
	}
}

// wantGroupErr checks what a group's Wait returned against the error of the task's future: the
// same one, unwrapped.
func wantGroupErr(t *testing.T, g *intGroup, f *intFuture, target error) {
	t.Helper()
	_, err := g.Wait()
	_, want := f.Await(context.Background())
	if err != want || !errors.Is(err, target) {
		t.Errorf("Wait: got error %v, want that of the task, %v, which is %v", err, want, target)
	}
}

// The hook looks between the end of the function and the settling of its future; the task behind,
// which is not of the group, gets the slot.
func TestL9_CancelThenSettleThenFreeTheSlot(t *testing.T) {
	for _, tt := range failings {
		t.Run(tt.name, func(t *testing.T) {
			var f *intFuture
			var gctx context.Context
			looks := 0
			hooks := &pool.Hooks{Finished: func(_ pool.TaskInfo, state future.State, err error) {
				if state != future.Failed {
					return
				}
				looks++
				wantState(t, "future when the function has ended", f, future.Running)
				if cause := context.Cause(gctx); cause == nil || cause != err {
					t.Errorf("cause of the group's ctx before the future settles: got %v, want %v itself", cause, err)
				}
			}}
			bubble(t, options(pool.WithWorkers(1), pool.WithHooks(hooks)), func(t *testing.T, p *intPool) {
				var g *intGroup
				g, gctx = p.Group(t.Context())
				begin := make(gate)
				f = g.Submit(begin.after(tt.fn), 1)
				behind := p.Submit(t.Context(), func(context.Context, int) (int, error) { return int(f.State()), nil }, 0)
				begin.open()
				wantGroupErr(t, g, f, tt.err)
				wantValue(t, "state of the failed task's future, seen in its slot", behind, int(future.Failed))
				if looks != 1 {
					t.Errorf("the hook saw %d failures, want 1", looks)
				}
			})
		})
	}
}

// One task fails, another goes on and ignores its ctx; so there is a slot for those in the queue.
func TestL9_NoQueuedSiblingRunsAfterAFailure(t *testing.T) {
	for _, tt := range failings {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
				g, gctx := p.Group(t.Context())
				begin, goesOn := make(gate), make(gate)
				f, other := g.Submit(begin.after(tt.fn), 1), g.Submit(goesOn.hold, 2)
				var ran atomic.Int64
				var queued []*intFuture
				for range 5 {
					queued = append(queued, g.Submit(counted(&ran), 0))
					g.Go(counted(&ran), 0)
				}
				synctest.Wait()
				begin.open()
				synctest.Wait()
				g.Go(counted(&ran), 0)
				wantState(t, "the task that goes on", other, future.Running)
				goesOn.open()
				wantGroupErr(t, g, f, tt.err)
				for _, f := range queued {
					wantFailure(t, "task behind the one that failed", f, future.Canceled, tt.err, future.ErrCanceled)
				}
				if n := ran.Load(); n != 0 {
					t.Errorf("tasks that ran after the failure: got %d, want 0", n)
				}
				wantErr(t, "cause of the group's ctx", context.Cause(gctx), tt.err)
			})
		})
	}
}

// A task that does not get to run fails its group too.
func TestL9_TaskThatNeverRunsFailsTheGroup(t *testing.T) {
	for _, tt := range []struct {
		name   string
		policy pool.FullPolicy
		queue  int
		act    func(p *intPool, g *intGroup, queued *intFuture) *intFuture
		err    error
	}{
		{"cancelled by its own future", pool.BlockWhenFull, 9, func(_ *intPool, _ *intGroup, queued *intFuture) *intFuture {
			queued.Cancel(errStop)
			return queued
		}, errStop},
		{"refused for want of room", pool.RejectWhenFull, 1, func(_ *intPool, g *intGroup, _ *intFuture) *intFuture {
			return g.Submit(inc, 0)
		}, pool.ErrFull},
		{"dropped", pool.DropOldestWhenFull, 1, func(p *intPool, _ *intGroup, queued *intFuture) *intFuture {
			p.Submit(context.Background(), inc, 0)
			return queued
		}, pool.ErrDropped},
		{"refused by a closing pool", pool.BlockWhenFull, 9, func(p *intPool, g *intGroup, _ *intFuture) *intFuture {
			go func() { _ = p.Close() }()
			synctest.Wait()
			return g.Submit(inc, 0)
		}, pool.ErrClosed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(1), pool.WithQueue(tt.queue), pool.WithOnFull(tt.policy)), func(t *testing.T, p *intPool) {
				g, gctx := p.Group(t.Context())
				running := g.Submit(untilDone, 0)
				synctest.Wait()
				queued := g.Submit(inc, 0)
				f := tt.act(p, g, queued)
				wantState(t, "the task", f, future.Canceled)
				wantGroupErr(t, g, f, tt.err)
				wantFailure(t, "task that was running", running, future.Failed, tt.err)
				wantState(t, "task that was queued", queued, future.Canceled)
				if _, err := f.Await(t.Context()); context.Cause(gctx) != err {
					t.Errorf("cause of the group's ctx: got %v, want %v itself", context.Cause(gctx), err)
				}
			})
		})
	}
}

// conc #88, errgroup: the cancellation of a group does not free a producer that is blocked in
// Submit. Here it is blocked on a full queue, or at the group's limit, by a task that goes on.
func TestField18_CancelledGroupFreesBlockedSubmitters(t *testing.T) {
	for _, place := range []struct {
		name string
		opts []pool.GroupOption
	}{{"on a full queue", nil}, {"at the limit", []pool.GroupOption{pool.Limit(2)}}} {
		for _, tt := range []struct {
			name string
			end  func(p *intPool, g *intGroup, queued *intFuture, cancel context.CancelCauseFunc)
			errs []error
		}{
			{"a task fails", func(_ *intPool, _ *intGroup, queued *intFuture, _ context.CancelCauseFunc) { queued.Cancel(errTask) }, []error{errTask}},
			{"Stop", func(_ *intPool, g *intGroup, _ *intFuture, _ context.CancelCauseFunc) { go g.Stop() }, []error{context.Canceled}},
			{"the outer ctx ends", func(_ *intPool, _ *intGroup, _ *intFuture, cancel context.CancelCauseFunc) { cancel(errStop) }, []error{errStop}},
			{"the pool closes", func(p *intPool, _ *intGroup, _ *intFuture, _ context.CancelCauseFunc) { go p.Close() }, []error{pool.ErrClosed}},
			{"the pool stops", func(p *intPool, _ *intGroup, _ *intFuture, _ context.CancelCauseFunc) { go p.Stop(errStop) }, []error{pool.ErrClosed}},
		} {
			t.Run(tt.name+", "+place.name, func(t *testing.T) {
				bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
					ctx, cancel := context.WithCancelCause(t.Context())
					defer cancel(nil)
					g, _ := p.Group(ctx, place.opts...)
					goesOn := make(gate)
					running := g.Submit(goesOn.hold, 1)
					synctest.Wait()
					queued := g.Submit(inc, 1)
					var ran atomic.Int64
					var f *intFuture
					submit := start(func() { f = g.Submit(counted(&ran), 0) })
					goes := start(func() { g.Go(counted(&ran), 0) })
					wantOver(t, "Submit", submit, false)
					wantOver(t, "Go", goes, false)
					tt.end(p, g, queued, cancel)
					wantOver(t, "Submit", submit, true)
					wantOver(t, "Go", goes, true)
					if t.Failed() {
						goesOn.open()
						return
					}
					wantState(t, "the task that goes on", running, future.Running)
					wantFailure(t, "the submit", f, future.Canceled, tt.errs...)
					goesOn.open()
					_, err := g.Wait()
					wantErr(t, "Wait", err, tt.errs...)
					if n := ran.Load(); n != 0 {
						t.Errorf("tasks that ran: got %d, want 0", n)
					}
				})
			})
		}
	}
}

func TestL9_ResultsInTheOrderOfSubmission(t *testing.T) {
	const n = 10
	for _, failing := range []int{-1, 0, 4, 9} {
		for _, workers := range []int{1, 3} {
			bubble(t, options(pool.WithWorkers(workers)), func(t *testing.T, p *intPool) {
				g, _ := p.Group(t.Context())
				gates := make([]gate, n)
				for i := range n {
					gates[i] = make(gate)
					fn := gates[i].hold
					if i == failing {
						fn = gates[i].after(endings.fails)
					}
					g.Submit(fn, 10+i)
					g.Go(inc, 50) // has no place in the results
				}
				if workers == 3 {
					gates[2].open() // before those that were submitted before it
					synctest.Wait()
					close(gates[1])
				}
				for i, g := range gates {
					if workers == 1 || i != 1 && i != 2 {
						g.open()
					}
					synctest.Wait()
				}
				rs, err := g.Wait()
				want := make([]int, n)
				for i := range want {
					if failing < 0 || i <= failing || workers == 3 && i < 3 {
						want[i] = 10 + i
					}
				}
				if workers == 3 && failing >= 0 {
					rs, want = rs[:failing+1], want[:failing+1] // those behind it may have been running
				}
				if !slices.Equal(rs, want) || (err != nil) != (failing >= 0) {
					t.Errorf("%d workers, task %d fails: got %v, %v, want %v", workers, failing, rs, err, want)
				}
			})
		}
	}
}
