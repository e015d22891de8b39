package pool_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// allHooks returns hooks that all do the same.
func allHooks(do func()) *pool.Hooks {
	return &pool.Hooks{
		Queued:        func(pool.TaskInfo) { do() },
		Started:       func(pool.TaskInfo) { do() },
		Finished:      func(pool.TaskInfo, future.State, error) { do() },
		Rejected:      func(error) { do() },
		WorkerStarted: do,
		WorkerStopped: do,
	}
}

// Ways that a task comes to its end in, each of which calls some hooks on some goroutine. They
// return the futures that must settle.
var lives = []struct {
	name string
	live func(ctx context.Context, p *intPool, g gate) []*intFuture
}{
	{"runs", func(ctx context.Context, p *intPool, _ gate) []*intFuture {
		return []*intFuture{submitApart(func() *intFuture { return p.Submit(ctx, inc, 1) })}
	}},
	{"refused", func(_ context.Context, p *intPool, _ gate) []*intFuture {
		return []*intFuture{submitApart(func() *intFuture { return p.Submit(deadCtx(errBoom), inc, 1) })}
	}},
	{"cancelled in the queue", func(ctx context.Context, p *intPool, g gate) []*intFuture {
		var fs []*intFuture
		for range 3 { // or more than a shared pool has seats
			if f := submitApart(func() *intFuture { return p.Submit(ctx, g.hold, 1) }); f != nil {
				fs = append(fs, f)
			}
		}
		synctest.Wait()
		for _, f := range fs {
			<-start(func() { f.Cancel(nil) })
		}
		return fs
	}},
	{"in a group that waits", func(ctx context.Context, p *intPool, _ gate) []*intFuture {
		var f *intFuture
		<-start(func() {
			g, _ := p.Group(ctx)
			defer g.Stop()
			f = g.Submit(inc, 1)
		})
		return []*intFuture{f}
	}},
	{"refused in a group that waits", func(_ context.Context, p *intPool, _ gate) []*intFuture {
		<-start(func() {
			g, _ := p.Group(deadCtx(errBoom))
			defer g.Stop()
			g.Go(inc, 1)
		})
		return nil
	}},
	{"after an argument", func(ctx context.Context, p *intPool, _ gate) []*intFuture {
		return afterAll(ctx, p, func(arg *future.Promise[int]) { arg.Resolve(1) })
	}},
	{"after a failure", func(ctx context.Context, p *intPool, _ gate) []*intFuture {
		return afterAll(ctx, p, func(arg *future.Promise[int]) { arg.Reject(errBoom) })
	}},
	{"after nothing", func(ctx context.Context, p *intPool, _ gate) []*intFuture {
		return afterAll(ctx, p, func(*future.Promise[int]) {}) // Close ends it
	}},
	{"weighted, inside a task", func(ctx context.Context, p *intPool, _ gate) []*intFuture {
		var inner record[*intFuture]
		f := submitApart(func() *intFuture {
			return p.Submit(ctx, func(ctx context.Context, n int) (int, error) {
				for range 3 {
					inner.add(p.SubmitWeighted(context.WithoutCancel(ctx), 2, inc, n))
				}
				return n, nil
			}, 1)
		})
		synctest.Wait()
		return append(inner.all(), f)
	}},
}

// submitApart submits on a goroutine that a hook may end; then there is no future.
func submitApart(submit func() *intFuture) (f *intFuture) {
	<-start(func() { f = submit() })
	return f
}

// afterAll makes tasks that wait for one argument, and does end with it on a goroutine of its
// own. A future that a hook has kept from being returned is nil.
func afterAll(ctx context.Context, p *intPool, end func(*future.Promise[int])) []*intFuture {
	arg := future.NewPromise[int]()
	var fs []*intFuture
	for range 3 {
		fs = append(fs, submitApart(func() *intFuture { return p.SubmitAfter(ctx, arg.Future(), inc) }))
	}
	var returned atomic.Bool
	<-start(func() {
		end(arg)
		returned.Store(true)
	})
	if !returned.Load() {
		panic("a hook has ended the goroutine that settles the argument")
	}
	return fs
}

// Hooks that panic or end their goroutine, all of them, kill no worker and lose no future, and
// the pool can be closed.
func TestHooks_ThatAllFail(t *testing.T) {
	for _, how := range []struct {
		name string
		do   func()
	}{
		{"panic", func() { panic("from a hook") }},
		{"Goexit", runtime.Goexit},
	} {
		for _, tt := range lives {
			for _, shared := range []bool{false, true} {
				name := how.name + ", " + tt.name
				if shared {
					name += ", shared"
				}
				t.Run(name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						hooks := pool.WithHooks(allHooks(how.do))
						p := pool.New[int, int](hooks, pool.WithWorkers(1), pool.WithBudget(2), pool.WithIdleTimeout(0))
						parent := p
						if shared {
							p = pool.Share[int, int](p, pool.WithWorkers(1))
						}
						g := make(gate)
						fs := tt.live(t.Context(), p, g)
						g.open()
						synctest.Wait()
						wantOver(t, "Close", start(func() { _ = p.Close() }), true)
						for i, f := range fs {
							if f == nil {
								continue // its submit was ended by a hook
							}
							if _, ok := f.Try(); !ok {
								t.Errorf("future %d is %v after Close", i, f.State())
							}
						}
						_ = parent.Close()
						wantBalance(t, p)
					})
				})
			}
		}
	}
}

// The handler hears of a panic in each hook, once.
func TestHooks_PanicsGoToTheHandler(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  func(h *pool.Hooks)
	}{
		{"Queued", func(h *pool.Hooks) { h.Queued = func(pool.TaskInfo) { panic("Queued") } }},
		{"Started", func(h *pool.Hooks) { h.Started = func(pool.TaskInfo) { panic("Started") } }},
		{"Finished", func(h *pool.Hooks) { h.Finished = func(pool.TaskInfo, future.State, error) { panic("Finished") } }},
		{"Rejected", func(h *pool.Hooks) { h.Rejected = func(error) { panic("Rejected") } }},
		{"WorkerStarted", func(h *pool.Hooks) { h.WorkerStarted = func() { panic("WorkerStarted") } }},
		{"WorkerStopped", func(h *pool.Hooks) { h.WorkerStopped = func() { panic("WorkerStopped") } }},
	} {
		synctest.Test(t, func(t *testing.T) {
			var heard record[any]
			h := new(pool.Hooks)
			tt.set(h)
			p := pool.New[int, int](pool.WithWorkers(1), pool.WithHooks(h),
				pool.WithPanicHandler(func(e *future.PanicError) { heard.add(e.Value) }))
			f := p.Submit(t.Context(), inc, 1)
			wantFailure(t, "refused", p.Submit(deadCtx(errBoom), inc, 1), future.Canceled, errBoom)
			wantValue(t, tt.name, f, 2)
			_ = p.Close()
			if got := heard.all(); len(got) != 1 || got[0] != tt.name {
				t.Errorf("a panic in %s: the handler heard of %v, want that once", tt.name, got)
			}
		})
	}
}

// A Map inside a task has a runner of its own there, which hooks and Stats are told of like of any.
func TestHooks_MapInsideATask(t *testing.T) {
	for _, shared := range []bool{false, true} {
		var queued, started, finished atomic.Int64
		h := &pool.Hooks{
			Queued:   func(pool.TaskInfo) { queued.Add(1) },
			Started:  func(pool.TaskInfo) { started.Add(1) },
			Finished: func(pool.TaskInfo, future.State, error) { finished.Add(1) },
		}
		bubble(t, options(pool.WithWorkers(1), pool.WithHooks(h)), func(t *testing.T, p *intPool) {
			if shared {
				p = pool.Share[int, int](p)
			}
			outer := func(ctx context.Context, n int) (int, error) {
				out, err := p.Map(ctx, inc, []int{n})
				return out[0], err
			}
			wantValue(t, "a Map inside a task", p.Submit(t.Context(), outer, 1), 2)
			_ = p.Close()
			if q, s, f := queued.Load(), started.Load(), finished.Load(); q != 2 || s != 2 || f != 2 {
				t.Errorf("shared %t: hooks were told of %d queued, %d started, %d finished, want 2 of each", shared, q, s, f)
			}
			if s := p.Stats(); s.Accepted != 2 || s.Succeeded != 2 {
				t.Errorf("shared %t: got %+v, want 2 accepted, 2 succeeded", shared, s)
			}
			wantBalance(t, p)
		})
	}
}
