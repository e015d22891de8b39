package pool_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// A scene is a running task and everything that can end its ctx.
type scene struct {
	pool             *intPool
	base, submit     context.Context
	endBase, endTask context.CancelCauseFunc
	outer            *intFuture // what was submitted: the task, or the one that it is nested in
}

// enders end a task's ctx. Its Err is then want.err, and its Cause is want.cause.
var enders = []struct {
	name  string
	opts  []pool.Option
	end   func(s *scene)
	err   error // nil: either
	cause error
}{
	{"submit ctx is cancelled", nil, func(s *scene) { s.endTask(errStop) }, context.Canceled, errStop},
	{"submit ctx times out", nil, func(*scene) { time.Sleep(2 * time.Hour) }, context.DeadlineExceeded, context.DeadlineExceeded},
	{"future.Cancel", nil, func(s *scene) { s.outer.Cancel(errStop) }, context.Canceled, errStop},
	{"future.Cancel without a cause", nil, func(s *scene) { s.outer.Cancel(nil) }, context.Canceled, context.Canceled},
	{"Stop", nil, func(s *scene) { go s.pool.Stop(errStop) }, context.Canceled, errStop},
	{"Stop without a cause", nil, func(s *scene) { go s.pool.Stop(nil) }, context.Canceled, pool.ErrClosed},
	{"Shutdown is cancelled", nil, func(s *scene) {
		ctx, cancel := context.WithCancelCause(context.Background())
		cancel(errStop)
		go func() { _ = s.pool.Shutdown(ctx) }()
	}, context.Canceled, errStop},
	{"Shutdown times out", nil, func(s *scene) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		go func() { defer cancel(); _ = s.pool.Shutdown(ctx) }()
		time.Sleep(time.Minute)
	}, context.Canceled, context.DeadlineExceeded},
	{"pool's ctx is cancelled", nil, func(s *scene) { s.endBase(errStop) }, context.Canceled, errStop},
	{"pool's ctx times out", nil, func(s *scene) { time.Sleep(20 * time.Minute) }, nil, context.DeadlineExceeded},
	{"task timeout", options(pool.WithTaskTimeout(time.Minute)), func(*scene) {
		time.Sleep(2 * time.Minute)
	}, context.DeadlineExceeded, context.DeadlineExceeded},
	{"first failure of a fail-fast pool", options(pool.WithFailFast()), func(s *scene) {
		s.pool.Submit(context.Background(), endings.fails, 0)
	}, context.Canceled, errTask},
	{"first panic of a fail-fast pool", options(pool.WithFailFast()), func(s *scene) {
		s.pool.Submit(context.Background(), endings.panics, 0)
	}, context.Canceled, errTask},
	{"first Goexit of a fail-fast pool", options(pool.WithFailFast()), func(s *scene) {
		s.pool.Submit(context.Background(), endings.exits, 0)
	}, context.Canceled, future.ErrGoexit},
}

// places are where a task may run, in a pool that has one worker until it does.
var places = []struct {
	name string
	put  func(p *intPool, ctx context.Context, task intFunc) *intFuture
}{
	{"on the worker", func(p *intPool, ctx context.Context, task intFunc) *intFuture { return p.Submit(ctx, task, 0) }},
	{"inline, three deep", func(p *intPool, ctx context.Context, task intFunc) *intFuture {
		within := func(task intFunc) intFunc {
			return func(ctx context.Context, n int) (int, error) { return p.Submit(ctx, task, n).Await(ctx) }
		}
		return p.Submit(ctx, within(within(within(task))), 0)
	}},
	{"on borrowed goroutines, three deep", func(p *intPool, ctx context.Context, task intFunc) *intFuture {
		within := func(task intFunc) intFunc {
			return func(ctx context.Context, n int) (int, error) {
				ctx, cancel := context.WithTimeout(ctx, 24*time.Hour)
				defer cancel()
				return p.Submit(ctx, task, n).Await(ctx)
			}
		}
		return p.Submit(ctx, within(within(within(task))), 0)
	}},
	{"on another worker, awaited", func(p *intPool, ctx context.Context, task intFunc) *intFuture {
		return p.Submit(ctx, func(ctx context.Context, n int) (int, error) {
			return elsewhere(p, ctx, task).Await(ctx)
		}, 0)
	}},
	{"on another worker, while its parent does something else", func(p *intPool, ctx context.Context, task intFunc) *intFuture {
		return p.Submit(ctx, func(ctx context.Context, n int) (int, error) {
			f := elsewhere(p, ctx, task)
			pool.Block(ctx, func() { <-f.Done() })
			return n, nil
		}, 0)
	}},
}

// elsewhere submits a task and sees to it that another worker runs it.
func elsewhere(p *intPool, ctx context.Context, task intFunc) *intFuture {
	began := make(gate)
	f := p.Submit(ctx, func(ctx context.Context, n int) (int, error) {
		began.open()
		return task(ctx, n)
	}, 0)
	p.Resize(2)
	<-began
	return f
}

// looks are how a task finds out that its ctx has ended. They return the contexts to look at.
var looks = []struct {
	name string
	look func(ctx context.Context, ended gate) []context.Context
}{
	{"asked after the end", func(ctx context.Context, ended gate) []context.Context {
		<-ended
		_ = ctx.Err() // before Cause
		return []context.Context{ctx}
	}},
	{"asked for the cause after the end", func(ctx context.Context, ended gate) []context.Context {
		<-ended
		return []context.Context{ctx}
	}},
	{"waited for", func(ctx context.Context, _ gate) []context.Context {
		<-ctx.Done()
		return []context.Context{ctx}
	}},
	{"through a derived ctx", func(ctx context.Context, _ gate) []context.Context {
		derived, cancel := context.WithTimeout(ctx, 48*time.Hour)
		<-derived.Done()
		defer cancel()
		return []context.Context{derived, ctx}
	}},
	{"through AfterFunc", func(ctx context.Context, _ gate) []context.Context {
		called := make(gate)
		context.AfterFunc(context.WithValue(ctx, anyKey{}, 1), called.open)
		<-called
		return []context.Context{ctx}
	}},
}

func TestL8_CancellationReachesTheTask(t *testing.T) {
	for _, e := range enders {
		for _, place := range places {
			for _, look := range looks {
				t.Run(e.name+", "+place.name+", "+look.name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						s := new(scene)
						s.base, s.endBase = context.WithCancelCause(t.Context())
						opts := append(options(pool.WithWorkers(1)), e.opts...)
						if e.name == "pool's ctx times out" {
							var cancel context.CancelFunc
							s.base, cancel = context.WithTimeout(s.base, 10*time.Minute)
							defer cancel()
						}
						s.submit, s.endTask = context.WithCancelCause(t.Context())
						ctx, cancel := context.WithTimeout(s.submit, time.Hour)
						defer cancel()
						defer s.endTask(nil)
						defer s.endBase(nil)
						s.pool = pool.New[int, int](append(opts, pool.WithContext(s.base))...)
						began, ended := make(gate), make(gate)
						over := make(chan struct{})
						s.outer = place.put(s.pool, ctx, func(ctx context.Context, n int) (int, error) {
							defer close(over)
							if ctx.Err() != nil || context.Cause(ctx) != nil {
								t.Errorf("task's ctx at the start: got %v, %v, want it alive", ctx.Err(), context.Cause(ctx))
							}
							s.pool.Resize(5)
							began.open()
							for _, ctx := range look.look(ctx, ended) {
								cause := context.Cause(ctx)
								if err := ctx.Err(); err != e.err && e.err != nil {
									t.Errorf("%v: got Err %v, want %v", ctx, err, e.err)
								}
								if cause != e.cause {
									if pe, ok := cause.(*future.PanicError); !ok || pe.Value != e.cause {
										t.Errorf("%v: got Cause %v, want %v", ctx, cause, e.cause)
									}
								}
							}
							return n, nil
						})
						<-began
						e.end(s)
						synctest.Wait()
						ended.open()
						wantOver(t, "task whose ctx has ended", over, true)
						s.pool.Stop(nil)
						wantBalance(t, s.pool)
					})
				})
			}
		}
	}
}

// Cancelling reaches what is nested in a task, and not what the task is nested in, nor what
// stands beside it.
func TestL8_CancellationGoesInwardsOnly(t *testing.T) {
	bubble(t, options(pool.WithWorkers(4)), func(t *testing.T, p *intPool) {
		var middle, inner, sibling *intFuture
		outer := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			middle = p.Submit(ctx, func(ctx context.Context, n int) (int, error) {
				inner = p.Submit(ctx, untilDone, n)
				return inner.Await(ctx)
			}, n)
			sibling = p.Submit(ctx, untilDone, n)
			pool.Block(ctx, func() { <-middle.Done() })
			return n, ctx.Err()
		}, 1)
		synctest.Wait()
		middle.Cancel(errStop)
		wantFailure(t, "task in the cancelled one", inner, future.Failed, errStop)
		wantFailure(t, "cancelled task", middle, future.Failed, errStop)
		wantValue(t, "task around it", outer, 1)
		_ = sibling.Cancel(nil)
	})
}

// A task timeout counts from the start of the task, and ends nothing that is around it.
func TestL8_TaskTimeout(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithTaskTimeout(time.Minute)), func(t *testing.T, p *intPool) {
		begin := time.Now()
		first := p.Submit(t.Context(), untilDone, 0)
		second := p.Submit(t.Context(), untilDone, 0)
		wantFailure(t, "first", first, future.Failed, context.DeadlineExceeded)
		wantFailure(t, "second", second, future.Failed, context.DeadlineExceeded)
		if d := time.Since(begin); d != 2*time.Minute {
			t.Errorf("two tasks one after the other: got %v, want 2m", d)
		}
	})
}

// The task's ctx has the submit ctx's deadline, or that of the pool's ctx if it is sooner.
func TestL8_Deadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		p := pool.New[int, int](pool.WithWorkers(1), pool.WithContext(base))
		defer p.Close()
		for timeout, want := range map[time.Duration]time.Duration{time.Minute: time.Minute, 2 * time.Hour: time.Hour} {
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			_, _ = p.Do(ctx, func(ctx context.Context, n int) (int, error) {
				if d, ok := ctx.Deadline(); !ok || time.Until(d) != want {
					t.Errorf("submit ctx of %v, pool's of 1h: got deadline in %v, %t, want in %v", timeout, time.Until(d), ok, want)
				}
				return n, nil
			}, 0)
			cancel()
		}
	})
}
