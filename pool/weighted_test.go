package pool_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// scales weigh what runs.
type scales struct{ now, most atomic.Int64 }

// task returns a task that lies on the scales for a while.
func (s *scales) task(weight int64, fn intFunc) intFunc {
	return func(ctx context.Context, n int) (int, error) {
		now := s.now.Add(weight)
		defer s.now.Add(-weight)
		for most := s.most.Load(); now > most && !s.most.CompareAndSwap(most, now); most = s.most.Load() {
		}
		return fn(ctx, n)
	}
}

func (s *scales) want(t *testing.T, most int64) {
	t.Helper()
	if got := s.most.Load(); got != most {
		t.Errorf("the most weight that ran at once: got %d, want %d", got, most)
	}
}

func sleepy(context.Context, int) (int, error) { time.Sleep(time.Second); return 1, nil }

// The budget is used, and never exceeded; the worker that it leaves free runs other tasks.
func TestSubmitWeighted_KeepsTheBudget(t *testing.T) {
	bubble(t, options(pool.WithWorkers(8), pool.WithBudget(10)), func(t *testing.T, p *intPool) {
		var s scales
		begin := time.Now()
		var fs []*intFuture
		for i := range 20 {
			w := int64(1 + i%5)
			fs = append(fs, p.SubmitWeighted(t.Context(), w, s.task(w, sleepy), 0))
		}
		for _, f := range fs {
			wantValue(t, "a weighted task", f, 1)
		}
		s.want(t, 10)
		// First come first served: 1234 512 34 512 34 512 34 5.
		if d := time.Since(begin); d != 8*time.Second {
			t.Errorf("weights 1 to 5, four times, on a budget of 10: took %v, want 8s", d)
		}
	})
}

// The submitter waits, first come first served, until the weight is there or its ctx ends.
func TestSubmitWeighted_Waits(t *testing.T) {
	bubble(t, options(pool.WithWorkers(4), pool.WithBudget(3)), func(t *testing.T, p *intPool) {
		g := make(gate)
		p.SubmitWeighted(t.Context(), 2, g.hold, 0)
		var big, small *intFuture
		bigIn := start(func() { big = p.SubmitWeighted(t.Context(), 3, inc, 1) })
		wantOver(t, "a submit of more than is left", bigIn, false)
		smallIn := start(func() { small = p.SubmitWeighted(t.Context(), 1, inc, 1) })
		wantOver(t, "a later one that would fit", smallIn, false)
		ctx, cancel := context.WithCancelCause(t.Context())
		var dead *intFuture
		deadIn := start(func() { dead = p.SubmitWeighted(ctx, 1, inc, 1) })
		wantOver(t, "one more", deadIn, false)
		cancel(errBoom)
		wantOver(t, "one whose ctx has ended", deadIn, true)
		wantFailure(t, "its future", dead, future.Canceled, future.ErrCanceled, errBoom)
		g.open()
		wantOver(t, "the first in line", bigIn, true)
		wantOver(t, "the second", smallIn, true)
		wantValue(t, "the first in line", big, 2)
		wantValue(t, "the second", small, 2)
	})
}

// The pool's end ends the wait.
func TestSubmitWeighted_PoolEndsTheWait(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(p *intPool)
	}{
		{"Close", func(p *intPool) { _ = p.Close() }},
		{"Stop", func(p *intPool) { p.Stop(errBoom) }},
	} {
		bubble(t, options(pool.WithBudget(1)), func(t *testing.T, p *intPool) {
			g := make(gate)
			p.SubmitWeighted(t.Context(), 1, g.hold, 0)
			var f *intFuture
			in := start(func() { f = p.SubmitWeighted(t.Context(), 1, inc, 0) })
			wantOver(t, "the submit", in, false)
			ended := start(func() { tt.end(p) })
			wantOver(t, "the submit, after "+tt.name, in, true)
			if _, err := f.Await(t.Context()); !errors.Is(err, pool.ErrClosed) && !errors.Is(err, errBoom) {
				t.Errorf("%s: got error %v, want ErrClosed or the cause", tt.name, err)
			}
			wantState(t, tt.name, f, future.Canceled)
			g.open()
			<-ended
		})
	}
}

// The weight comes back whatever becomes of the task.
func TestSubmitWeighted_ComesBack(t *testing.T) {
	for _, tt := range []struct {
		name string
		act  func(t *testing.T, p *intPool)
	}{
		{"error", func(t *testing.T, p *intPool) {
			p.SubmitWeighted(t.Context(), 5, func(context.Context, int) (int, error) { return 0, errBoom }, 0)
		}},
		{"panic", func(t *testing.T, p *intPool) { p.SubmitWeighted(t.Context(), 5, explode, 0) }},
		{"Goexit", func(t *testing.T, p *intPool) {
			p.SubmitWeighted(t.Context(), 5, func(context.Context, int) (int, error) { runtime.Goexit(); return 0, nil }, 0)
		}},
		{"dead ctx", func(t *testing.T, p *intPool) { p.SubmitWeighted(deadCtx(errBoom), 5, inc, 0) }},
		{"cancelled in the queue", func(t *testing.T, p *intPool) {
			g := make(gate)
			p.Submit(t.Context(), g.hold, 0)
			synctest.Wait()
			p.SubmitWeighted(t.Context(), 5, inc, 0).Cancel(nil)
			g.open()
		}},
		{"dropped", func(t *testing.T, p *intPool) {
			g := make(gate)
			p.Submit(t.Context(), g.hold, 0)
			synctest.Wait()
			f := p.SubmitWeighted(t.Context(), 5, inc, 0)
			p.Submit(t.Context(), inc, 0)
			wantFailure(t, "dropped", f, future.Canceled, pool.ErrDropped)
			g.open()
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			opts := options(pool.WithWorkers(1), pool.WithQueue(1), pool.WithBudget(5), pool.WithOnFull(pool.DropOldestWhenFull))
			bubble(t, opts, func(t *testing.T, p *intPool) {
				tt.act(t, p)
				synctest.Wait()
				wantValue(t, "the whole budget again", p.SubmitWeighted(t.Context(), 5, inc, 1), 2)
			})
		})
	}
}

// L6: inside a task the submit does not wait, and on one worker the held task can be awaited.
func TestL6_SubmitWeightedInsideATask(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1), pool.WithBudget(2)), func(t *testing.T, p *intPool) {
		var s scales
		outer := func(ctx context.Context, n int) (int, error) {
			var fs []*intFuture
			for range 5 {
				fs = append(fs, p.SubmitWeighted(ctx, 2, s.task(2, sleepy), 0))
			}
			vs, err := future.All(ctx, fs...)
			return len(vs), err
		}
		wantValue(t, "five inside a task", p.Submit(t.Context(), outer, 0), 5)
		s.want(t, 2)
	})
}

// A held task that is cancelled, or left behind by its pool, settles, and takes no weight.
func TestSubmitWeighted_HeldInsideATask(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2), pool.WithBudget(1)), func(t *testing.T, p *intPool) {
		g, submitted := make(gate), make(gate)
		var cancelled, left *intFuture
		outer := func(ctx context.Context, n int) (int, error) {
			ctx = context.WithoutCancel(ctx)
			p.SubmitWeighted(ctx, 1, g.hold, 0)
			cancelled = p.SubmitWeighted(ctx, 1, inc, 0)
			left = p.SubmitWeighted(ctx, 1, inc, 0)
			submitted.open()
			return 0, nil
		}
		p.Submit(t.Context(), outer, 0)
		<-submitted
		synctest.Wait()
		if !cancelled.Cancel(errBoom) {
			t.Error("Cancel of a held task: got false, want true")
		}
		wantFailure(t, "cancelled", cancelled, future.Canceled, errBoom)
		closed := start(func() { _ = p.Close() })
		synctest.Wait()
		wantFailure(t, "held at Close", left, future.Canceled, pool.ErrClosed)
		g.open()
		<-closed
	})
}

// A pool that shares the workers shares the budget, unless it is given one.
func TestSubmitWeighted_Shared(t *testing.T) {
	bubble(t, options(pool.WithWorkers(4), pool.WithBudget(2)), func(t *testing.T, p *intPool) {
		same := pool.Share[int, int](p)
		own := pool.Share[int, int](p, pool.WithBudget(1))
		g := make(gate)
		p.SubmitWeighted(t.Context(), 2, g.hold, 0)
		wantValue(t, "a budget of its own", own.SubmitWeighted(t.Context(), 1, inc, 1), 2)
		var f *intFuture
		in := start(func() { f = same.SubmitWeighted(t.Context(), 1, inc, 1) })
		wantOver(t, "the shared budget", in, false)
		g.open()
		<-in
		wantValue(t, "the shared budget", f, 2)
	})
}

func TestSubmitWeighted_Stress(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	p := pool.New[int, int](pool.WithWorkers(4), pool.WithQueue(3), pool.WithBudget(7))
	var s scales
	yield := func(_ context.Context, n int) (int, error) { runtime.Gosched(); return n, nil }
	n := scaled(5000)
	fs := make([]*intFuture, n)
	for i := range fs {
		w := 1 + rnd.Int64N(7)
		fs[i] = p.SubmitWeighted(t.Context(), w, s.task(w, yield), i)
		if rnd.IntN(4) == 0 {
			fs[rnd.IntN(i+1)].Cancel(nil)
		}
	}
	for i, f := range fs {
		if v, err := f.Await(t.Context()); err == nil && v != i || err != nil && !errors.Is(err, future.ErrCanceled) {
			t.Errorf("task %d: got %d, %v", i, v, err)
		}
	}
	if most := s.most.Load(); most > 7 {
		t.Errorf("the most weight that ran at once: got %d, want at most 7", most)
	}
	_ = p.Close()
	wantBalance(t, p)
}
