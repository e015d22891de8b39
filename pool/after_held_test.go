package pool_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// The result of a task whose argument fails has the argument's error, as it is, and its state,
// whether it fails before or after the submit.
func TestSubmitAfter_FailsAsItsArgument(t *testing.T) {
	for _, tt := range []struct {
		name  string
		state future.State
		end   func(*future.Promise[int])
	}{
		{"Reject", future.Failed, func(p *future.Promise[int]) { p.Reject(errBoom) }},
		{"Cancel", future.Canceled, func(p *future.Promise[int]) { p.Future().Cancel(errBoom) }},
	} {
		for _, shared := range []bool{false, true} {
			bubble(t, nil, func(t *testing.T, p *intPool) {
				if shared {
					p = pool.Share[int, int](p)
					defer p.Close()
				}
				arg := future.NewPromise[int]()
				early := p.SubmitAfter(t.Context(), arg.Future(), inc)
				chained := p.SubmitAfter(t.Context(), early, inc)
				tt.end(arg)
				late := p.SubmitAfter(t.Context(), arg.Future(), inc)
				dead := p.SubmitAfter(deadCtx(nil), arg.Future(), inc)
				want, _ := arg.Future().Try()
				for what, f := range map[string]*intFuture{"early": early, "chained": chained, "late": late, "with a dead ctx": dead} {
					r, ok := f.Try()
					if !ok || r.Err != want.Err || f.State() != tt.state {
						t.Errorf("%s, %s: got %v in state %v, want %v in state %v", tt.name, what, r.Err, f.State(), want.Err, tt.state)
					}
				}
				if s := p.Stats(); s.Accepted != 0 || s.Rejected != 4 {
					t.Errorf("%s: got %d accepted and %d rejected, want 0 and 4", tt.name, s.Accepted, s.Rejected)
				}
			})
		}
	}
}

// The argument comes as the pool closes: the task either runs, and counts, or is refused. An
// accepted task is never refused by Close.
func TestL5_SubmitAfterAsThePoolCloses(t *testing.T) {
	for i := range scaled(2000) {
		p := pool.New[int, int](pool.WithWorkers(1))
		q := p
		if i%2 == 1 {
			q = pool.Share[int, int](p)
		}
		arg := future.NewPromise[int]()
		f := q.SubmitAfter(context.Background(), arg.Future(), inc)
		closed := start(func() { _ = q.Close() })
		for range i % 7 {
			runtime.Gosched()
		}
		arg.Resolve(1)
		<-closed
		s := q.Stats()
		switch r, ok := f.Try(); {
		case !ok:
			t.Fatalf("round %d: the future is %v after Close", i, f.State())
		case r.Err == nil && s.Accepted == 1 && s.Succeeded == 1 && s.Rejected == 0:
		case r.Err == pool.ErrClosed && s.Accepted == 0 && s.Rejected == 1:
		default:
			t.Fatalf("round %d: got %v, %+v, want it run, or refused", i, r, s)
		}
		_ = p.Close()
	}
}

// A Cancel and the argument come at once: one of them wins, and the counters agree.
func TestL1_SubmitAfterRacesCancel(t *testing.T) {
	p := pool.New[int, int](pool.WithWorkers(1))
	q := pool.Share[int, int](p)
	for i := range scaled(2000) {
		arg := future.NewPromise[int]()
		ctx, cancel := context.WithCancel(context.Background())
		fs := []*intFuture{p.SubmitAfter(ctx, arg.Future(), inc), q.SubmitAfter(ctx, arg.Future(), inc)}
		cancelled := start(func() {
			for _, f := range fs {
				f.Cancel(nil)
			}
		})
		ended := start(func() {
			if i%3 == 0 {
				cancel()
			}
		})
		if i%5 == 0 {
			arg.Reject(errBoom)
		} else {
			arg.Resolve(1)
		}
		<-cancelled
		<-ended
		for _, f := range fs {
			_, _ = f.Await(context.Background())
		}
		cancel()
	}
	for _, p := range []*intPool{q, p} {
		_ = p.Close()
		wantBalance(t, p)
		if s := p.Stats(); s.Accepted+s.Rejected != uint64(scaled(2000)) {
			t.Errorf("got %d accepted and %d rejected, want %d submits", s.Accepted, s.Rejected, scaled(2000))
		}
	}
}

// L13: when Close has returned, all are settled, and nothing runs any more for them.
func TestL13_ManySubmitAfters(t *testing.T) {
	for _, way := range waysDown {
		synctest.Test(t, func(t *testing.T) {
			p := pool.New[int, int](pool.WithWorkers(1))
			v := pool.Share[int, int](p)
			arg := future.NewPromise[int]()
			before := goroutines()
			var fs []*intFuture
			for range 500 {
				fs = append(fs, p.SubmitAfter(t.Context(), arg.Future(), inc), v.SubmitAfter(t.Context(), arg.Future(), inc))
			}
			if n := goroutines() - before; n > 0 {
				t.Errorf("1000 tasks wait with %d goroutines, want 0", n)
			}
			way.down(p)
			for i, f := range fs {
				if _, ok := f.Try(); !ok {
					t.Fatalf("future %d is %v after %s", i, f.State(), way.name)
				}
			}
			wantBalance(t, p)
			wantBalance(t, v)
		})
	}
}

// FIELD 27: a ctx that ends leaves nothing at an argument that never settles; nor does the task
// leave anything at a ctx that never ends.
func TestField27_SubmitAfterLeavesNothingAtTheCtx(t *testing.T) {
	p := pool.New[int, int](pool.WithWorkers(1))
	arg := future.NewPromise[int]()
	long, end := context.WithCancel(context.Background())
	defer end()
	round := func(n int) {
		for range n {
			ctx, cancel := context.WithCancel(long)
			f := p.SubmitAfter(ctx, arg.Future(), inc)
			cancel()
			_, _ = f.Await(context.Background())
			own := future.NewPromise[int]()
			g := p.SubmitAfter(long, own.Future(), inc)
			own.Resolve(1)
			_, _ = g.Await(context.Background())
		}
	}
	round(500)
	before := heapInUse()
	n := scaled(50_000)
	round(n)
	if grown := heapInUse() - before; grown > int64(8*n+256<<10) {
		t.Errorf("the heap grew by %d bytes in %d rounds, want it flat", grown, n)
	}
	runtime.KeepAlive(arg) // with all that it keeps
	_ = p.Close()
	wantBalance(t, p)
}

// The ctx of a task that has ended has ended too: what it left behind waiting is cancelled.
func TestL8_SubmitAfterOfATaskThatHasEnded(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		var left record[*intFuture]
		arg := future.NewPromise[int]()
		outer := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			left.add(p.SubmitAfter(ctx, arg.Future(), inc))
			time.Sleep(time.Second)
			return n, nil
		}, 1)
		wantValue(t, "the task", outer, 1)
		synctest.Wait()
		wantState(t, "what it left", left.all()[0], future.Canceled)
	})
}
