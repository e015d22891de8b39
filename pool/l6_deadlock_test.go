package pool_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// A chain of ten thousand tasks, each of which waits for the next, on one worker. With two,
// there is a race for each link.
func TestL6_DeepChain(t *testing.T) {
	depths := map[int]int{1: 10_000, 2: 1000} // by workers
	if !inFull(t) {
		depths[1] = 1000
	}
	for workers, depth := range depths {
		bubble(t, options(pool.WithWorkers(workers), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
			var run intFunc
			run = func(ctx context.Context, n int) (int, error) {
				if n == depth {
					return n, nil
				}
				f := p.Submit(ctx, run, n+1)
				if n%10 == 0 && workers > 1 {
					runtime.Gosched()
				}
				return f.Await(ctx)
			}
			wantValue(t, "the chain", p.Submit(t.Context(), run, 0), depth)
		})
	}
}

// The chain is made first and waited for from its end: no task is running that could help.
func TestL6_DeepChainOfQueuedTasks(t *testing.T) {
	const depth = 1000
	bubble(t, options(pool.WithWorkers(1), pool.WithUnboundedQueue()), func(t *testing.T, p *intPool) {
		worker := full(p, 0)
		f := p.Submit(t.Context(), inc, 0)
		for range depth {
			before := f
			f = p.Submit(t.Context(), func(ctx context.Context, _ int) (int, error) {
				n, err := before.Await(ctx)
				return n + 1, err
			}, 0)
		}
		last := f
		first, err := p.TrySubmit(t.Context(), func(ctx context.Context, _ int) (int, error) { return last.Await(ctx) }, 0)
		if err != nil {
			t.Fatal(err)
		}
		worker.open()
		wantValue(t, "the chain", first, depth+1)
	})
}

// An asked context counts how often it is asked whether it has ended.
type asked struct {
	context.Context
	times atomic.Int64
}

func (c *asked) Err() error {
	c.times.Add(1)
	return c.Context.Err()
}

// Each task of a chain asks the contexts that it is nested in whether they have ended. That
// must not double with each level.
func TestL6_NestingIsNotExponential(t *testing.T) {
	for _, dress := range dressings {
		for _, d := range derivations {
			t.Run(dress.name+", "+d.name, func(t *testing.T) {
				bubble(t, append(options(pool.WithWorkers(1)), dress.opts...), func(t *testing.T, p *intPool) {
					times := func(depth int) int64 {
						var run intFunc
						run = func(ctx context.Context, n int) (int, error) {
							if n == depth {
								return n, nil
							}
							ctx, cancel := d.derive(ctx)
							defer cancel()
							return p.Submit(ctx, run, n+1).Await(context.WithoutCancel(ctx)) // inline, always
						}
						ctx := &asked{Context: t.Context()}
						wantValue(t, "the chain", p.Submit(ctx, run, 0), depth)
						return ctx.times.Load()
					}
					// Linear: about twice as often. Quadratic: four times. Exponential: 64 times.
					if short, long := times(6), times(12); long > 8*short {
						t.Errorf("the outermost ctx was asked %d times in a chain of 6, %d times in one of 12", short, long)
					}
				})
			})
		}
	}
}

// Two pools of one worker whose tasks wait for each other's.
func TestL6_TwoPoolsAwaitEachOther(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
		q := pool.New[int, int](pool.WithWorkers(1), pool.WithQueue(1))
		defer q.Close()
		var ping, pong intFunc
		ping = func(ctx context.Context, n int) (int, error) {
			if n == 0 {
				return 0, nil
			}
			v, err := q.Submit(ctx, pong, n-1).Await(ctx)
			return v + 1, err
		}
		pong = func(ctx context.Context, n int) (int, error) {
			if n == 0 {
				return 0, nil
			}
			v, err := p.Submit(ctx, ping, n-1).Await(ctx)
			return v + 1, err
		}
		there, back := p.Submit(t.Context(), ping, 50), q.Submit(t.Context(), pong, 50)
		wantValue(t, "there and back", there, 50)
		wantValue(t, "back and there", back, 50)
	})
}

// Tasks wait for each other's children across two pools: each await lends a slot, or nobody
// would run what the other waits for.
func TestL6_AwaitLendsToAnotherPoolsWaiters(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		q := pool.New[int, int](pool.WithWorkers(1))
		defer q.Close()
		inP, inQ := future.NewPromise[int](), future.NewPromise[int]()
		a := p.Submit(t.Context(), func(ctx context.Context, _ int) (int, error) { return inQ.Future().Await(ctx) }, 0)
		b := q.Submit(t.Context(), func(ctx context.Context, _ int) (int, error) { return inP.Future().Await(ctx) }, 0)
		synctest.Wait()
		p.Submit(t.Context(), func(_ context.Context, n int) (int, error) { inP.Resolve(n); return n, nil }, 1)
		q.Submit(t.Context(), func(_ context.Context, n int) (int, error) { inQ.Resolve(n); return n, nil }, 2)
		wantValue(t, "the task of the one pool", a, 2)
		wantValue(t, "the task of the other pool", b, 1)
	})
}

// A task of another pool is left to that pool, whose limit it counts for.
func TestL6_AwaitLeavesAnotherPoolsTaskToIt(t *testing.T) {
	for _, d := range derivations {
		t.Run(d.name, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
				q := pool.New[int, int](pool.WithWorkers(1))
				defer q.Close()
				worker := full(q, 0)
				queued := q.Submit(t.Context(), inc, 1)
				awaiter := p.Submit(t.Context(), func(ctx context.Context, _ int) (int, error) {
					ctx, cancel := d.derive(ctx)
					defer cancel()
					return queued.Await(ctx)
				}, 0)
				next := p.Submit(t.Context(), inc, 2)
				synctest.Wait()
				wantState(t, "task in the queue of a busy pool, awaited in another,", queued, future.Pending)
				wantState(t, "the awaiter's successor, in the slot that was lent,", next, future.Succeeded)
				worker.open()
				wantValue(t, "the awaiter", awaiter, 2)
			})
		})
	}
}

// A task that holds a lock awaits another one. A task in the queue wants the lock: if the
// await ran it, to make itself useful, it would wait for itself.
func TestL6_AwaitNeverRunsAnotherTask(t *testing.T) {
	for _, d := range derivations {
		t.Run(d.name, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
				var mu sync.Mutex
				locks := func(_ context.Context, n int) (int, error) {
					if !mu.TryLock() {
						t.Error("a task that wants the lock runs while its holder awaits another")
						return n, nil
					}
					defer mu.Unlock()
					return n, nil
				}
				g := make(gate)
				holder := p.Submit(t.Context(), func(ctx context.Context, _ int) (int, error) {
					<-g
					ctx, cancel := d.derive(ctx)
					defer cancel()
					mu.Lock()
					defer mu.Unlock()
					return p.Submit(ctx, inc, 1).Await(ctx)
				}, 0)
				synctest.Wait()
				for i := range 3 {
					p.Submit(t.Context(), locks, i)
				}
				g.open()
				wantValue(t, "the holder of the lock", holder, 2)
			})
		})
	}
}

// Two tasks await the same unstarted one: one of them runs it, the other lends its slot.
func TestL6_TwoAwaitersOfOneUnstartedTask(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
		begin, inner := make(gate), make(gate)
		var f *intFuture
		awaiter := func(ctx context.Context, _ int) (int, error) {
			<-begin
			return f.Await(ctx)
		}
		a, b := p.Submit(t.Context(), awaiter, 0), p.Submit(t.Context(), awaiter, 0)
		synctest.Wait()
		f = p.Submit(t.Context(), inner.hold, 7)
		next := p.Submit(t.Context(), inc, 1)
		begin.open()
		synctest.Wait()
		wantState(t, "the task awaited", f, future.Running)
		wantState(t, "the next in the queue", next, future.Succeeded)
		inner.open()
		wantValue(t, "one awaiter", a, 7)
		wantValue(t, "the other awaiter", b, 7)
	})
}

// What a task awaits can be cancelled, refused, or die with its ctx: the await ends.
func TestL6_AwaitOfATaskThatNeverRuns(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(4)), func(t *testing.T, p *intPool) {
		f := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			cancelled := p.Submit(ctx, inc, n)
			cancelled.Cancel(errStop)
			wantFailure(t, "cancelled task", cancelled, future.Canceled, errStop)

			dying, die := context.WithCancelCause(t.Context())
			dead := p.Submit(dying, inc, n)
			die(errStop)
			_, err := dead.Await(ctx)
			wantErr(t, "task whose ctx has died", err, future.ErrCanceled, errStop)
			wantState(t, "task whose ctx has died", dead, future.Canceled)
			return n, nil
		}, 3)
		wantValue(t, "the awaiter", f, 3)
	})
}
