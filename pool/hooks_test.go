package pool_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// witness is hooks that write down what they are told.
type witness struct {
	pool.Hooks
	said    record[string]
	last    atomic.Pointer[pool.TaskInfo] // of Finished
	workers atomic.Int64
}

func newWitness() *witness {
	w := new(witness)
	w.Queued = func(i pool.TaskInfo) { w.said.add(fmt.Sprint("queued ", i.ID)) }
	w.Started = func(i pool.TaskInfo) { w.said.add(fmt.Sprint("started ", i.ID)) }
	w.Finished = func(i pool.TaskInfo, s future.State, err error) {
		w.last.Store(&i)
		w.said.add(fmt.Sprint("finished ", i.ID, " ", s, " ", err))
	}
	w.Rejected = func(err error) { w.said.add(fmt.Sprint("rejected ", err)) }
	w.WorkerStarted = func() { w.workers.Add(1) }
	w.WorkerStopped = func() { w.workers.Add(-1) }
	return w
}

// want checks what the hooks were told, in any order: the submitter tells of queued, and a worker
// may be faster.
func (w *witness) want(t *testing.T, what string, said ...string) {
	t.Helper()
	synctest.Wait()
	got := slices.Sorted(slices.Values(w.said.all()))
	if slices.Sort(said); !slices.Equal(got, said) {
		t.Errorf("%s: hooks were told %q, want %q", what, got, said)
	}
}

// One worker, one task after the other: what each end is told as, by whatever it was submitted.
func TestHooks_TellEachTasksLife(t *testing.T) {
	ctx := context.Background()
	quit := func(context.Context, int) (int, error) { runtime.Goexit(); return 0, nil }
	fail := func(context.Context, int) (int, error) { return 0, errBoom }
	for _, tt := range []struct {
		name string
		act  func(p *intPool)
		want string
	}{
		{"Submit", func(p *intPool) { p.Submit(ctx, inc, 1) }, "Succeeded <nil>"},
		{"Go", func(p *intPool) { _ = p.Go(ctx, inc, 1) }, "Succeeded <nil>"},
		{"Do", func(p *intPool) { _, _ = p.Do(ctx, inc, 1) }, "Succeeded <nil>"},
		{"SubmitAll", func(p *intPool) { p.SubmitAll(ctx, inc, []int{1}) }, "Succeeded <nil>"},
		{"an error", func(p *intPool) { p.Submit(ctx, fail, 1) }, "Failed boom"},
		{"Goexit", func(p *intPool) { p.Submit(ctx, quit, 1) }, "Failed " + future.ErrGoexit.Error()},
		{"a group's", func(p *intPool) {
			g, _ := p.Group(ctx)
			g.Go(fail, 1)
			_, _ = g.Wait()
		}, "Failed boom"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWitness()
			var p *intPool
			synctest.Test(t, func(t *testing.T) {
				p = pool.New[int, int](pool.WithWorkers(1), pool.WithName("mill"), pool.WithHooks(&w.Hooks))
				tt.act(p)
				synctest.Wait()
				// The submitter tells of queued, and a worker may be faster.
				got := w.said.all()
				if len(got) != 3 || got[2] != "finished 1 "+tt.want && got[1] != "finished 1 "+tt.want {
					t.Errorf("hooks were told %q, want queued 1, started 1, finished 1 %s", got, tt.want)
				}
				if i := w.last.Load(); i == nil || i.Pool != "mill" || i.ID != 1 || i.Queued.IsZero() || i.Started.IsZero() || i.Ended.IsZero() {
					t.Errorf("Finished got %+v, want pool mill, ID 1 and all times", i)
				}
				_ = p.Close()
				synctest.Wait()
				if n := w.workers.Load(); n != 0 {
					t.Errorf("workers started and not stopped after Close: %d, want 0", n)
				}
			})
		})
	}
}

// Times are those of the clock, and a task that never ran has not started.
func TestHooks_Times(t *testing.T) {
	w := newWitness()
	bubble(t, options(pool.WithWorkers(1), pool.WithHooks(&w.Hooks)), func(t *testing.T, p *intPool) {
		begin := time.Now()
		sleep := func(context.Context, int) (int, error) { time.Sleep(3 * time.Second); return 0, nil }
		p.Submit(t.Context(), sleep, 0)
		f := p.Submit(t.Context(), sleep, 0)
		wantValue(t, "the second", f, 0)
		i := w.last.Load()
		if q, s, e := i.Queued.Sub(begin), i.Started.Sub(begin), i.Ended.Sub(begin); q != 0 || s != 3*time.Second || e != 6*time.Second {
			t.Errorf("the second was queued at %v, started at %v, ended at %v, want 0s, 3s, 6s", q, s, e)
		}
		g := make(gate)
		p.Submit(t.Context(), g.hold, 0)
		c := p.Submit(t.Context(), inc, 0)
		time.Sleep(time.Second)
		c.Cancel(nil)
		if i := w.last.Load(); !i.Started.IsZero() || i.Ended.Sub(i.Queued) != time.Second {
			t.Errorf("cancelled in the queue: got %+v, want no start, and an end after 1s", i)
		}
		g.open()
	})
}

func TestHooks_Rejected(t *testing.T) {
	w := newWitness()
	w.Queued, w.Started, w.Finished = nil, nil, nil
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1), pool.WithOnFull(pool.RejectWhenFull), pool.WithHooks(&w.Hooks)),
		func(t *testing.T, p *intPool) {
			g := make(gate)
			p.Submit(t.Context(), g.hold, 0)
			synctest.Wait()
			p.Submit(t.Context(), inc, 0)
			p.Submit(t.Context(), inc, 0)
			_, _ = p.TrySubmit(t.Context(), inc, 0)
			_ = p.Go(t.Context(), inc, 0)
			full := "rejected " + pool.ErrFull.Error()
			w.want(t, "a full queue", full, full, full)
			g.open()
		})
}

// Dropped tasks and those run by their submitter have a life too.
func TestHooks_WhenFull(t *testing.T) {
	for _, tt := range []struct {
		policy pool.FullPolicy
		want   string
	}{
		{pool.DropOldestWhenFull, "finished 2 Canceled " + pool.ErrDropped.Error()},
		{pool.CallerRunsWhenFull, "finished 3 Succeeded <nil>"},
	} {
		w := newWitness()
		w.Queued, w.Started = nil, nil
		bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1), pool.WithOnFull(tt.policy), pool.WithHooks(&w.Hooks)),
			func(t *testing.T, p *intPool) {
				g := make(gate)
				p.Submit(t.Context(), g.hold, 0)
				synctest.Wait()
				p.Submit(t.Context(), inc, 0)
				p.Submit(t.Context(), inc, 0)
				w.want(t, tt.policy.String(), tt.want)
				g.open()
			})
	}
}

// A hook that panics, or ends its goroutine, kills no worker and loses no future; the panic
// handler hears of the panic.
func TestHooks_ThatFail(t *testing.T) {
	for _, how := range []struct {
		name string
		do   func()
	}{
		{"panic", func() { panic("from a hook") }},
		{"Goexit", runtime.Goexit},
	} {
		for _, where := range []string{"Started", "Finished"} {
			t.Run(how.name+" in "+where, func(t *testing.T) {
				var h pool.Hooks
				if where == "Started" {
					h.Started = func(pool.TaskInfo) { how.do() }
				} else {
					h.Finished = func(pool.TaskInfo, future.State, error) { how.do() }
				}
				var heard atomic.Int64
				handler := func(e *future.PanicError) {
					if e.Value == "from a hook" {
						heard.Add(1)
					}
				}
				bubble(t, options(pool.WithWorkers(1), pool.WithHooks(&h), pool.WithPanicHandler(handler)), func(t *testing.T, p *intPool) {
					for i := range 3 {
						f := p.Submit(t.Context(), inc, i)
						if how.name == "Goexit" && where == "Started" {
							wantFailure(t, "its task", f, future.Failed, future.ErrGoexit)
						} else {
							wantValue(t, "its task", f, i+1)
						}
					}
					want := int64(3)
					if how.name == "Goexit" {
						want = 0
					}
					if n := heard.Load(); n != want {
						t.Errorf("the panic handler heard of %d panics, want %d", n, want)
					}
				})
			})
		}
	}
}

// L20: a clock is read only for a hook that needs it. Under the fake clock of a bubble that
// cannot be seen, but its cost can: a pool with no hook about tasks makes no record of them.
func TestL20_HooksAboutWorkersCostTasksNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, tt := range []struct {
		name  string
		hooks *pool.Hooks
		want  float64
	}{
		{"about workers", &pool.Hooks{WorkerStarted: func() {}, Rejected: func(error) {}}, 1},
		{"about tasks", &pool.Hooks{Finished: func(pool.TaskInfo, future.State, error) {}}, 2},
	} {
		p := pool.New[int, int](pool.WithWorkers(1), pool.WithHooks(tt.hooks))
		ctx, got := context.Background(), 0.0
		got = testing.AllocsPerRun(1000, func() {
			f := p.Submit(ctx, inc, 1)
			for {
				if _, ok := f.Try(); ok {
					return
				}
				runtime.Gosched()
			}
		})
		if got < tt.want || got > tt.want+1 {
			t.Errorf("hooks %s: %v allocations a Submit, want about %v", tt.name, got, tt.want)
		}
		_ = p.Close()
	}
}
