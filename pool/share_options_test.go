package pool_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// The end of a view's own context is seen by the next submit, and is nothing to the parent.
func TestShare_WithContext(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
		ctx, cancel := context.WithCancelCause(t.Context())
		v := pool.Share[int, int](p, pool.WithContext(ctx))
		inner := pool.Share[int, int](v)
		running := []*intFuture{v.Submit(t.Context(), untilDone, 1), inner.Submit(t.Context(), untilDone, 1)}
		synctest.Wait()
		cancel(errStop)
		// At once: before a goroutine could have passed it on.
		wantErr(t, "Go to the view", v.Go(t.Context(), inc, 1), future.ErrCanceled, errStop)
		wantErr(t, "Go to a view of the view", inner.Go(t.Context(), inc, 1), future.ErrCanceled, errStop)
		for _, f := range running {
			wantFailure(t, "running task", f, future.Failed, errStop)
		}
		wantValue(t, "the parent's task", p.Submit(t.Context(), inc, 1), 2)
		dead := pool.Share[int, int](p, pool.WithContext(ctx))
		wantErr(t, "Go to a view of a dead ctx", dead.Go(t.Context(), inc, 1), future.ErrCanceled, errStop)
	})
}

func TestShare_WithContextDeadline(t *testing.T) {
	bubble(t, nil, func(t *testing.T, p *intPool) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		want, _ := ctx.Deadline()
		v := pool.Share[int, int](p, pool.WithContext(ctx))
		for name, q := range map[string]*intPool{"view": v, "view of it": pool.Share[int, int](v)} {
			_, err := q.Do(t.Context(), func(ctx context.Context, n int) (int, error) {
				if got, ok := ctx.Deadline(); !ok || !got.Equal(want) {
					t.Errorf("deadline in a task of the %s: got %v, %t, want %v", name, got, ok, want)
				}
				return n, nil
			}, 1)
			wantErr(t, "Do", err)
		}
	})
}

// An incomparable context is one that cannot be compared with ==.
type incomparable struct {
	context.Context
	_ []int
}

func TestShare_IncomparableContext(t *testing.T) {
	p := pool.New[int, int](pool.WithContext(incomparable{Context: t.Context()}))
	defer p.Close()
	for _, v := range []*intPool{pool.Share[int, int](p), pool.Share[int, int](p, pool.WithContext(incomparable{Context: t.Context()}))} {
		wantValue(t, "task of a view", v.Submit(t.Context(), inc, 1), 2)
		_ = v.Close()
	}
}

func TestShare_WithFailFast(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
		v := pool.Share[int, int](p, pool.WithFailFast())
		inner := pool.Share[int, int](v)
		other := pool.Share[int, int](p)
		runs := inner.Submit(t.Context(), untilDone, 1)
		synctest.Wait()
		wantFailure(t, "the first failure", v.Submit(t.Context(), endings.fails, 1), future.Failed, errTask)
		wantFailure(t, "task of a view of it", runs, future.Failed, errTask)
		wantErr(t, "Go to the view", v.Go(t.Context(), inc, 1), future.ErrCanceled, errTask)
		wantValue(t, "the parent's task", p.Submit(t.Context(), inc, 1), 2)
		wantValue(t, "another view's", other.Submit(t.Context(), inc, 1), 2)
		if err := v.Close(); !errors.Is(err, errTask) {
			t.Errorf("Close of the view: got %v, want its first failure", err)
		}
		if err := p.Close(); err != nil {
			t.Errorf("Close of the parent: got %v", err)
		}
	})
}

func TestShare_TimeoutAndName(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2), pool.WithName("parent")), func(t *testing.T, p *intPool) {
		v := pool.Share[int, int](p, pool.WithTaskTimeout(time.Second), pool.WithName("view"))
		wantFailure(t, "task of the view", v.Submit(t.Context(), untilDone, 1), future.Failed, context.DeadlineExceeded)
		_, err := p.Do(t.Context(), func(ctx context.Context, n int) (int, error) {
			if _, has := ctx.Deadline(); has {
				t.Error("a task of the parent has the view's timeout")
			}
			return n, nil
		}, 1)
		wantErr(t, "the parent's task", err)
		if a, b, c := p.Stats().Name, v.Stats().Name, pool.Share[int, int](v).Stats().Name; a != "parent" || b != "view" || c != "view" {
			t.Errorf("names: got %q, %q, %q", a, b, c)
		}
	})
}

// A panic of Go goes to the view's handler, or else the parent's.
func TestShare_GoPanics(t *testing.T) {
	bubble(t, options(pool.WithPanicHandler(func(e *future.PanicError) { panicked <- "parent" })), func(t *testing.T, p *intPool) {
		panicked = make(chan string, 2)
		own := pool.Share[int, int](p, pool.WithPanicHandler(func(*future.PanicError) { panicked <- "view" }))
		for _, c := range []struct {
			v    *intPool
			want string
		}{{own, "view"}, {pool.Share[int, int](p), "parent"}} {
			wantErr(t, "Go", c.v.Go(t.Context(), endings.panics, 1))
			wantErr(t, "Go", c.v.Close())
			if got := <-panicked; got != c.want {
				t.Errorf("handler called: got that of the %s, want of the %s", got, c.want)
			}
			if s := c.v.Stats(); s.Panicked != 1 || s.Accepted != 1 || s.Running != 0 {
				t.Errorf("view: got %+v, want 1 panicked", s)
			}
		}
	})
}

var panicked chan string

// The function of a view's task may end its goroutine: the seat is free again.
func TestL11_Share_Goexit(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
		v := pool.Share[int, int](p, pool.WithWorkers(1))
		for range 3 {
			wantFailure(t, "Goexit", v.Submit(t.Context(), endings.exits, 1), future.Failed, future.ErrGoexit)
			// inline, in the seat of its awaiter, and in its own
			for _, q := range []*intPool{v, p} {
				f := q.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
					return v.Submit(ctx, endings.exits, 1).Await(ctx)
				}, 1)
				wantFailure(t, "its awaiter", f, future.Failed, future.ErrGoexit)
			}
		}
		wantValue(t, "the next", v.Submit(t.Context(), inc, 1), 2)
	})
}

// A panic of Go to a view crashes the process if neither the view nor its parent has a handler.
// These run in TestL10_Crashes with the others.
func init() {
	crashes["GoToView"] = func(p func(...pool.Option) *intPool) {
		_ = pool.Share[int, int](p()).Go(context.Background(), explode, 1)
	}
	crashes["CrashOnPanicView"] = func(p func(...pool.Option) *intPool) {
		v := pool.Share[int, int](p(), pool.WithCrashOnPanic())
		v.Submit(context.Background(), func(ctx context.Context, n int) (int, error) {
			return v.Submit(ctx, explode, n).Await(ctx) // inline
		}, 1)
	}
}
