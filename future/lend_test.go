package future_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/internal/frame"
	"github.com/forebay-go/forebay/internal/sched"
)

// A bench is a pool with one worker for tasks that are there from the start.
type bench struct {
	home  frame.Home
	tasks chan func(context.Context)
}

func newBench(tasks ...func(context.Context)) *bench {
	b := &bench{tasks: make(chan func(context.Context), len(tasks))}
	for _, task := range tasks {
		b.tasks <- task
	}
	b.home = frame.Home{
		Sched: sched.New(b, 1, time.Minute, false), Ctx: context.Background(), Base: context.Background(),
		Counters: new(frame.Counters),
	}
	return b
}

func (b *bench) Ready() bool         { return len(b.tasks) > 0 }
func (b *bench) Drained() bool       { return len(b.tasks) == 0 }
func (*bench) Idle(*sched.Worker)    {}
func (*bench) Started(*sched.Worker) {}
func (*bench) Stopped(*sched.Worker) {}

func (b *bench) Run(w *sched.Worker) bool {
	select {
	case task := <-b.tasks:
		w.Took()
		f := new(frame.Frame)
		f.Init(context.Background(), &b.home)
		defer func() { w.Return(f.End()) }()
		task(f)
		return true
	default:
		return false
	}
}

// L6: a combinator that parks with a task's ctx lends the task's slot: the futures here are
// settled by a task that comes after it, on the only worker.
func TestL6_CombinatorsLendTheSlot(t *testing.T) {
	for _, c := range combinators {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ps, fs := promises(3)
				got := make(chan outcome, 1)
				release := make(chan struct{})
				b := newBench(
					func(ctx context.Context) { got <- c.call(context.WithValue(ctx, ctxKey{}, 1), fs...) },
					func(context.Context) {
						<-release
						for _, p := range ps {
							p.Resolve(7)
						}
					},
				)
				b.home.Sched.Notify()
				synctest.Wait()
				if lent, active := b.home.Lent.Load(), b.home.Sched.Counts().Active; lent != 1 || active != 1 {
					t.Errorf("while it waits: %d lent, %d slots in use, want 1, 1", lent, active)
				}
				close(release)
				if o := <-got; o.err != nil || o.vs[0] != 7 {
					t.Errorf("got %v, want 7", o)
				}
				b.home.Sched.Close()
				b.home.Sched.Join()
				if lent := b.home.Lent.Load(); lent != 0 {
					t.Errorf("in the end: %d lent, want 0", lent)
				}
			})
		})
	}
}
