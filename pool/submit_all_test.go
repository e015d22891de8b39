package pool_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"weak"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// Every argument once, in order, however much of it fits into the queue.
func TestL4_SubmitAll(t *testing.T) {
	for _, opts := range [][]pool.Option{
		options(pool.WithWorkers(1), pool.WithQueue(1)),
		options(pool.WithWorkers(1), pool.WithQueue(100)),
		options(pool.WithWorkers(1), pool.WithUnboundedQueue()),
		options(pool.WithWorkers(1), pool.WithQueue(10), pool.WithHooks(&pool.Hooks{Started: func(pool.TaskInfo) {}})),
	} {
		bubble(t, opts, func(t *testing.T, p *intPool) {
			var order record[int]
			fn := func(_ context.Context, n int) (int, error) { order.add(n); return n + 1, nil }
			const n = 3000
			args := make([]int, n)
			for i := range args {
				args[i] = i
			}
			first := p.Submit(t.Context(), fn, -1)
			fs := p.SubmitAll(t.Context(), fn, args)
			last := p.Submit(t.Context(), fn, n)
			wantValue(t, "the one before", first, 0)
			wantValue(t, "the one after", last, n+1)
			for i, f := range fs {
				if v, err := f.Await(t.Context()); v != i+1 || err != nil {
					t.Fatalf("future %d: got %d, %v, want %d", i, v, err, i+1)
				}
			}
			for i, v := range order.all() {
				if v != i-1 {
					t.Fatalf("place %d in the order of starts: got %d, want %d", i, v, i-1)
				}
			}
		})
	}
}

// L6: inside a task it never waits for room.
func TestL6_SubmitAllInsideATask(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
		outer := func(ctx context.Context, n int) (int, error) {
			vs, err := future.All(ctx, p.SubmitAll(ctx, inc, make([]int, 500))...)
			return len(vs), err
		}
		wantValue(t, "500 inside a task", p.Submit(t.Context(), outer, 0), 500)
	})
}

// Futures of what is refused, dropped, or run by the submitter settle like those of Submit.
func TestSubmitAll_WhenNotAllIsTaken(t *testing.T) {
	count := func(fs []*intFuture, s future.State) (n int) {
		for _, f := range fs {
			_, _ = f.Await(context.Background())
			if f.State() == s {
				n++
			}
		}
		return n
	}
	for _, tt := range []struct {
		name     string
		opts     []pool.Option
		ctx      context.Context
		canceled int
		rejected uint64
	}{
		{"reject", options(pool.WithOnFull(pool.RejectWhenFull)), context.Background(), 7, 7},
		{"drop oldest", options(pool.WithOnFull(pool.DropOldestWhenFull)), context.Background(), 7, 0},
		{"caller runs", options(pool.WithOnFull(pool.CallerRunsWhenFull)), context.Background(), 0, 0},
		{"dead ctx", nil, deadCtx(errBoom), 10, 10},
	} {
		bubble(t, append(tt.opts, pool.WithWorkers(1), pool.WithQueue(3)), func(t *testing.T, p *intPool) {
			g := make(gate)
			p.Submit(t.Context(), g.hold, 0)
			synctest.Wait()
			fs := p.SubmitAll(tt.ctx, inc, make([]int, 10))
			g.open()
			if n := count(fs, future.Canceled); n != tt.canceled {
				t.Errorf("%s: %d of 10 canceled, want %d", tt.name, n, tt.canceled)
			}
			if s := p.Stats(); s.Rejected != tt.rejected {
				t.Errorf("%s: %d of 10 rejected, want %d", tt.name, s.Rejected, tt.rejected)
			}
			_ = p.Close()
			if n := count(p.SubmitAll(tt.ctx, inc, make([]int, 10)), future.Canceled); n != 10 {
				t.Errorf("%s: %d of 10 canceled by a closed pool, want all", tt.name, n)
			}
			if fs := p.SubmitAll(tt.ctx, inc, nil); len(fs) != 0 {
				t.Errorf("SubmitAll of nothing: got %d futures", len(fs))
			}
		})
	}
}

// L14: a future that is kept keeps no other's result.
func TestL14_SubmitAllKeepsNoNeighbour(t *testing.T) {
	type thing struct{ _ [64]byte }
	p := pool.New[int, *thing]()
	defer p.Close()
	kept, gone := func() (*future.Future[*thing], []weak.Pointer[thing]) {
		fs := p.SubmitAll(context.Background(), func(context.Context, int) (*thing, error) { return new(thing), nil }, make([]int, 100))
		var gone []weak.Pointer[thing]
		for _, f := range fs {
			v, _ := f.Await(context.Background())
			gone = append(gone, weak.Make(v))
		}
		return fs[50], append(gone[:50:50], gone[51:]...)
	}()
	for range 3 {
		runtime.GC()
	}
	for i, w := range gone {
		if w.Value() != nil {
			t.Errorf("neighbour %d's result is still there", i)
		}
	}
	runtime.KeepAlive(kept)
}

// L20: an allocation for each task, and the slice.
func TestL20_SubmitAll(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	p := pool.New[int, int](pool.WithWorkers(1), pool.WithQueue(1024))
	defer p.Close()
	args, ctx := make([]int, 100), context.Background()
	got := testing.AllocsPerRun(50, func() {
		fs := p.SubmitAll(ctx, inc, args)
		for _, ok := fs[99].Try(); !ok; _, ok = fs[99].Try() {
			runtime.Gosched()
		}
	})
	if got > 102 {
		t.Errorf("SubmitAll of 100: %v allocations, want 101", got)
	}
}
