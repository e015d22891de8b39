package pool_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// heldUp calls test with a view of one seat, whose task runs until the gate is open, and which
// holds as many as the queue of two takes.
func heldUp(t *testing.T, policy pool.FullPolicy, test func(t *testing.T, p, v *intPool, held []*intFuture, g gate)) {
	bubble(t, options(pool.WithWorkers(2), pool.WithQueue(2)), func(t *testing.T, p *intPool) {
		v := pool.Share[int, int](p, pool.WithWorkers(1), pool.WithOnFull(policy))
		g := make(gate)
		v.Submit(t.Context(), g.hold, 0)
		synctest.Wait()
		held := []*intFuture{v.Submit(t.Context(), inc, 1), v.Submit(t.Context(), inc, 2)}
		synctest.Wait()
		if s := v.Stats(); s.Running != 1 || s.Queued != 2 {
			t.Errorf("view: got %+v, want 1 running, 2 queued", s)
		}
		if s := p.Stats(); s.Queued != 0 || s.Running != 0 || s.Accepted != 0 {
			t.Errorf("parent: got %+v, want nothing of the view's", s)
		}
		test(t, p, v, held, g)
		if !isOver(g) {
			g.open()
		}
		_ = v.Close()
		wantBalance(t, v)
	})
}

func TestPolicies_Share_Block(t *testing.T) {
	heldUp(t, pool.BlockWhenFull, func(t *testing.T, p, v *intPool, held []*intFuture, g gate) {
		var fs []*intFuture
		submitted := start(func() {
			for i := range 5 {
				fs = append(fs, v.Submit(t.Context(), inc, i))
			}
		})
		wantOver(t, "Submit beyond what is held", submitted, false)
		wantValue(t, "the parent's task, while its view is full", p.Submit(t.Context(), inc, 1), 2)
		g.open()
		wantOver(t, "Submit when there is room", submitted, true)
		for i, f := range append(held, fs...) {
			if _, err := f.Await(t.Context()); err != nil {
				t.Errorf("task %d: got %v", i, err)
			}
		}
	})
}

// Several submitters wait for one place: each is woken, also if the one before it did not need
// the place because a seat was free (a lost wake-up: field bug 4).
func TestField4_Share_EverySubmitterWakes(t *testing.T) {
	for range scaled(200) {
		bubble(t, options(pool.WithWorkers(2), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
			v := pool.Share[int, int](p, pool.WithWorkers(1))
			inner := pool.Share[int, int](v, pool.WithWorkers(1))
			g := make(gate)
			v.Submit(t.Context(), g.hold, 0)
			synctest.Wait()
			var over []<-chan struct{}
			for range 6 {
				over = append(over, start(func() { v.Submit(t.Context(), inc, 1) }))
				over = append(over, start(func() { inner.Submit(t.Context(), inc, 1) }))
			}
			short, cancel := context.WithCancel(t.Context())
			over = append(over, start(func() { v.Submit(short, inc, 1) }))
			synctest.Wait()
			go cancel()
			g.open()
			for _, o := range over {
				<-o // a lost wake-up is a deadlock to the bubble
			}
		})
	}
}

func TestPolicies_Share_BlockEnds(t *testing.T) {
	for name, end := range map[string]func(v *intPool, cancel context.CancelFunc){
		"ctx":    func(_ *intPool, cancel context.CancelFunc) { cancel() },
		"Close":  func(v *intPool, _ context.CancelFunc) { go v.Close() },
		"cancel": func(v *intPool, _ context.CancelFunc) { go v.Stop(errStop) },
	} {
		t.Run(name, func(t *testing.T) {
			heldUp(t, pool.BlockWhenFull, func(t *testing.T, _, v *intPool, held []*intFuture, g gate) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var f *intFuture
				submitted := start(func() { f = v.Submit(ctx, inc, 1) })
				wantOver(t, "Submit", submitted, false)
				end(v, cancel)
				wantOver(t, "Submit, whose wait has been ended,", submitted, true)
				wantState(t, "its future", f, future.Canceled)
				wantState(t, "one that is held", held[0], future.Pending)
				if s := v.Stats(); s.Rejected != 1 || s.Accepted != 3 {
					t.Errorf("view: got %+v, want 3 accepted, 1 rejected", s)
				}
			})
		})
	}
}

func TestPolicies_Share_Reject(t *testing.T) {
	heldUp(t, pool.RejectWhenFull, func(t *testing.T, _, v *intPool, held []*intFuture, g gate) {
		wantFailure(t, "Submit", v.Submit(t.Context(), inc, 1), future.Canceled, pool.ErrFull)
		wantErr(t, "Go", v.Go(t.Context(), inc, 1), pool.ErrFull)
		g.open()
		wantValue(t, "held", held[1], 3)
		wantValue(t, "when there is room", v.Submit(t.Context(), inc, 1), 2)
	})
}

func TestPolicies_Share_CallerRuns(t *testing.T) {
	heldUp(t, pool.CallerRunsWhenFull, func(t *testing.T, p, v *intPool, _ []*intFuture, g gate) {
		me := goroutineID()
		runsHere := func(_ context.Context, n int) (int, error) {
			if goroutineID() != me {
				return 0, errors.New("not on the submitter's goroutine")
			}
			return n, nil
		}
		wantValue(t, "run by its submitter", v.Submit(t.Context(), runsHere, 9), 9)
		// A task of the parent does not: it would not count for the view's limit.
		inTask := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			f := v.Submit(context.WithoutCancel(ctx), inc, n)
			if f.State() != future.Pending {
				t.Errorf("submitted by a task of the parent: got state %v, want it held", f.State())
			}
			return n, nil
		}, 1)
		wantValue(t, "the parent's task", inTask, 1)
	})
}

func TestPolicies_Share_CallerRunsInItsOwnTask(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
		v := pool.Share[int, int](p, pool.WithWorkers(1), pool.WithOnFull(pool.CallerRunsWhenFull))
		var g gauge
		f := v.Submit(t.Context(), g.task(func(ctx context.Context, n int) (int, error) {
			v.Submit(ctx, g.task(inc), 1) // held
			me := goroutineID()
			var other *intFuture
			g.outside(func() {
				other = v.Submit(ctx, g.task(func(context.Context, int) (int, error) { return goroutineID() - me, nil }), 1)
			})
			return other.Await(ctx)
		}), 1)
		wantValue(t, "difference of the goroutines", f, 0)
		g.wantPeak(t, 1)
		_ = v.Close()
		wantBalance(t, v)
	})
}

func TestPolicies_Share_DropOldest(t *testing.T) {
	heldUp(t, pool.DropOldestWhenFull, func(t *testing.T, _, v *intPool, held []*intFuture, g gate) {
		third := v.Submit(t.Context(), inc, 3)
		wantFailure(t, "held longest", held[0], future.Canceled, pool.ErrDropped)
		wantState(t, "held second", held[1], future.Pending)
		fourth, err := v.TrySubmit(t.Context(), inc, 4)
		wantErr(t, "TrySubmit", err)
		wantFailure(t, "held second", held[1], future.Canceled, pool.ErrDropped)
		g.open()
		wantValue(t, "third", third, 4)
		wantValue(t, "fourth", fourth, 5)
		if s := v.Stats(); s.Dropped != 2 {
			t.Errorf("dropped: got %+v, want 2", s)
		}
	})
}

// A hook that submits when a held task ends meets a full line whose oldest is that very task.
func TestPolicies_Share_DropOldestInAHook(t *testing.T) {
	for _, how := range []string{"dropped", "cancelled"} {
		t.Run(how, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
				var v *intPool
				again := 0
				v = pool.Share[int, int](p, pool.WithOnFull(pool.DropOldestWhenFull), pool.WithHooks(&pool.Hooks{
					Finished: func(_ pool.TaskInfo, s future.State, _ error) {
						if s == future.Canceled && again < 3 {
							again++
							v.Submit(context.Background(), inc, 1)
						}
					},
				}))
				g := make(gate)
				v.Submit(t.Context(), g.hold, 0)
				synctest.Wait()
				f := v.Submit(t.Context(), inc, 0)
				if how == "cancelled" {
					f.Cancel(errStop)
				} else {
					v.Submit(t.Context(), inc, 0)
				}
				g.open()
				_ = v.Close()
				wantBalance(t, v)
				if again == 0 {
					t.Error("the hook was not called")
				}
			})
		})
	}
}

// The parent's policy may drop a view's task: the oldest in the queue.
func TestPolicies_Share_ParentDrops(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1), pool.WithOnFull(pool.DropOldestWhenFull)), func(t *testing.T, p *intPool) {
		v := pool.Share[int, int](p, pool.WithOnFull(pool.BlockWhenFull))
		worker := full(p, 0)
		views := v.Submit(t.Context(), inc, 1)
		held := v.Submit(t.Context(), inc, 2)
		parents := p.Submit(t.Context(), inc, 3)
		wantFailure(t, "the view's task in the queue", views, future.Canceled, pool.ErrDropped)
		worker.open()
		wantValue(t, "the one held, which has the seat now", held, 3)
		wantValue(t, "the parent's", parents, 4)
		if s := v.Stats(); s.Dropped != 1 || s.Accepted != 2 {
			t.Errorf("view: got %+v, want 1 of 2 dropped", s)
		}
		if s := p.Stats(); s.Dropped != 0 || s.Accepted != 2 {
			t.Errorf("parent: got %+v, want none of its 2 dropped", s)
		}
	})
}

func TestPolicies_Share_TrySubmit(t *testing.T) {
	for _, policy := range []pool.FullPolicy{pool.BlockWhenFull, pool.RejectWhenFull, pool.CallerRunsWhenFull} {
		t.Run(policy.String(), func(t *testing.T) {
			heldUp(t, policy, func(t *testing.T, _, v *intPool, _ []*intFuture, g gate) {
				f, err := v.TrySubmit(t.Context(), inc, 1)
				if f != nil || !errors.Is(err, pool.ErrFull) {
					t.Errorf("TrySubmit on a full view: got %v, %v, want nil, ErrFull", f, err)
				}
				g.open()
				synctest.Wait()
				f, err = v.TrySubmit(t.Context(), inc, 1)
				wantErr(t, "TrySubmit", err)
				wantValue(t, "TrySubmit", f, 2)
				dead, cancel := context.WithCancelCause(t.Context())
				cancel(errStop)
				_, err = v.TrySubmit(dead, inc, 1)
				wantErr(t, "TrySubmit with a dead ctx", err, future.ErrCanceled, errStop)
			})
		})
	}
}
