package frame_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/internal/frame"
	"github.com/forebay-go/forebay/internal/queue"
	"github.com/forebay-go/forebay/internal/sched"
)

// A pool runs functions with a frame as their context, on a real scheduler.
type pool struct {
	home  frame.Home
	queue *queue.Queue[*task]

	limit    int64
	slotted  atomic.Int64 // tasks that surely have a slot, see certain
	most     atomic.Int64 // slotted at its highest where it was more than limit
	accepted atomic.Int64
	ran      atomic.Int64
}

type task struct {
	frame frame.Frame
	fn    func(context.Context)
}

func newPool(limit int) *pool {
	p := &pool{limit: int64(limit), queue: queue.NewUnbounded(64, func(*task) bool { return false })}
	p.home = frame.Home{
		Sched: sched.New(work{p}, limit, time.Minute, false),
		Ctx:   context.Background(),
		Base:  context.Background(),

		Counters: new(frame.Counters),
	}
	return p
}

// submit queues a task, and says that it is there.
func (p *pool) submit(ctx context.Context, fn func(context.Context)) {
	t := &task{fn: fn}
	t.frame.Init(ctx, &p.home)
	if p.queue.Push(&t) == queue.OK {
		p.accepted.Add(1)
		p.home.Sched.Notify()
	}
}

// certain calls fn, which is part of a task that no goroutine waits for meanwhile, so that
// the task has its slot in hand. It checks the limit.
func (p *pool) certain(fn func()) {
	if n := p.slotted.Add(1); n > p.limit {
		p.most.Store(n)
	}
	defer p.slotted.Add(-1)
	fn()
}

// slots waits until everybody in the bubble sleeps, and checks how many slots are in use.
func (p *pool) slots(t *testing.T, when string, want int) {
	t.Helper()
	synctest.Wait()
	if got := p.home.Sched.Counts().Active; got != want {
		t.Errorf("%s: %d slots in use, want %d", when, got, want)
	}
}

func (p *pool) close() {
	p.queue.Close()
	p.home.Sched.Close()
	p.home.Sched.Join()
}

// done closes the pool, and checks what must hold of every pool then.
func (p *pool) done(t *testing.T) {
	t.Helper()
	p.close()
	if n := p.most.Load(); n > 0 {
		t.Errorf("%d tasks had a slot at once, the limit is %d", n, p.limit)
	}
	if ran, accepted := p.ran.Load(), p.accepted.Load(); ran != accepted {
		t.Errorf("closed: %d tasks ran, %d were accepted", ran, accepted)
	}
	if got := p.home.Sched.Counts(); got.Active != 0 || got.Parked != 0 {
		t.Errorf("closed: %+v, want nobody active or parked", got)
	}
	if n := p.home.Lent.Load(); n != 0 {
		t.Errorf("closed: Lent is %d, want 0", n)
	}
}

// work is a pool as its workers see it.
type work struct{ *pool }

func (k work) Ready() bool         { return k.queue.Ready() }
func (k work) Drained() bool       { return k.queue.Drained() }
func (work) Idle(*sched.Worker)    {}
func (work) Started(*sched.Worker) {}
func (work) Stopped(*sched.Worker) {}

func (k work) Run(w *sched.Worker) bool {
	var t *task
	if k.queue.Pop(&t) != queue.OK {
		return false
	}
	w.Took()
	defer func() {
		k.ran.Add(1)
		w.Return(t.frame.End())
	}()
	t.fn(&t.frame)
	return true
}

// Tasks whose goroutines wait with the task's ctx, beside the task and beyond its end, in all
// ways at once. In the parts of a task that are certain to have a slot, the limit holds; in the
// end every slot is back, once.
func TestL3_SlotsUnderStress(t *testing.T) {
	rng := seeded(t)
	for round := range scaled(40) {
		p := newPool(1 + rng.IntN(3))
		var strays sync.WaitGroup
		pause := func() error { runtime.Gosched(); return nil }
		actions := []func(f *frame.Frame){
			func(f *frame.Frame) { _ = f.Block(pause) },
			func(f *frame.Frame) { // lends and has it back at once
				if slot, ok := f.Lend(); ok {
					f.Return(slot)
				}
			},
			func(f *frame.Frame) { // keeps the slot in hand for a while, as for an inline run
				if slot, ok := f.Lend(); ok {
					runtime.Gosched()
					f.Return(slot)
				}
			},
			func(f *frame.Frame) { _ = f.Block(func() error { return f.Block(pause) }) },
			func(f *frame.Frame) { // passes the slot to another worker
				slot, ok := f.Lend()
				if !ok {
					return
				}
				if slot {
					p.home.Sched.Run(func(*sched.Worker) { runtime.Gosched() })
				}
				_ = f.Park(false, func() (bool, error) { return false, pause() })
			},
			func(f *frame.Frame) { // lends the slot to another worker, and may give up the wait
				slot, ok := f.Lend()
				if !ok {
					return
				}
				back := func() bool { return false }
				if slot {
					loan := frame.NewLoan()
					p.home.Sched.Run(func(w *sched.Worker) {
						runtime.Gosched()
						w.Return(loan.Return(true))
					})
					back = func() bool { return loan.GiveUp(false) }
				}
				_ = f.Park(false, func() (bool, error) { return back(), pause() })
			},
		}
		for range 60 {
			plan := make([]func(f *frame.Frame), rng.IntN(4))
			for i := range plan {
				plan[i] = actions[rng.IntN(len(actions))]
			}
			joins, own := rng.IntN(2) == 0, actions[rng.IntN(len(actions))]
			p.submit(t.Context(), func(ctx context.Context) {
				f, _ := frame.From(ctx)
				p.certain(runtime.Gosched)
				own(f)
				p.certain(func() {})
				var mine sync.WaitGroup
				for _, do := range plan {
					mine.Add(1)
					strays.Go(func() {
						defer mine.Done()
						do(f)
					})
				}
				if joins {
					_ = f.Block(func() error { mine.Wait(); return nil })
					p.certain(runtime.Gosched)
				}
			})
		}
		p.close()
		strays.Wait()
		if p.done(t); t.Failed() {
			t.Fatalf("round %d", round)
		}
	}
}
