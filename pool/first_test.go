package pool_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// L12: the first success wins; the losers are cancelled, and have ended when First returns.
func TestL12_FirstJoinsTheLosers(t *testing.T) {
	for winner := range 3 {
		bubble(t, options(pool.WithWorkers(3)), func(t *testing.T, p *intPool) {
			var started, ended atomic.Int64
			win, obey := make(gate), make(gate)
			var v int
			var err error
			over := start(func() {
				v, err = p.First(t.Context(), func(ctx context.Context, n int) (int, error) {
					started.Add(1)
					defer ended.Add(1)
					if n == winner {
						<-win
						return 7, nil
					}
					<-ctx.Done()
					<-obey
					return n, nil // a success, and too late
				}, numbers(10)...)
			})
			wantOver(t, "First with no success yet", over, false)
			win.open()
			wantOver(t, "First whose losers have not obeyed", over, false)
			obey.open()
			<-over
			if v != 7 || err != nil {
				t.Errorf("item %d wins: got %d, %v, want 7, <nil>", winner, v, err)
			}
			if s, e := started.Load(), ended.Load(); s != 3 || e != 3 {
				t.Errorf("item %d wins: %d items started and %d ended, want 3, 3", winner, s, e)
			}
		})
	}
}

// No success: every failure, in the order of the inputs, whatever kind it is.
func TestFirst_NoSuccess(t *testing.T) {
	for _, workers := range []int{1, 3} {
		for _, where := range []string{"outside", "inside a task"} {
			bubble(t, options(pool.WithWorkers(workers), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
				fn := func(ctx context.Context, n int) (int, error) {
					time.Sleep(time.Duration(4-n) * time.Second)
					return []intFunc{endings.fails, endings.panics, endings.exits, endings.fails}[n](ctx, n)
				}
				var v int
				var err error
				if where == "outside" {
					v, err = p.First(t.Context(), fn, numbers(4)...)
				} else {
					_, _ = p.Do(t.Context(), func(ctx context.Context, n int) (int, error) {
						v, err = p.First(ctx, fn, numbers(4)...)
						return n, nil
					}, 0)
				}
				joined, ok := err.(interface{ Unwrap() []error }) //nolint:errorlint // its form is what is tested
				if !ok || len(joined.Unwrap()) != 4 || v != 0 {
					t.Fatalf("%s: got %d, %v, want 0 and four errors", where, v, err)
				}
				for i, e := range joined.Unwrap() {
					wantIndex(t, where, e, i, []error{errTask, errTask, future.ErrGoexit, errTask}[i])
				}
				var pe *future.PanicError
				if !errors.As(joined.Unwrap()[1], &pe) {
					t.Errorf("%s: got %v for the panic", where, joined.Unwrap()[1])
				}
			})
		}
	}
}

func TestL19_FirstOfNothing(t *testing.T) {
	bubble(t, nil, func(t *testing.T, p *intPool) {
		if v, err := p.First(t.Context(), inc); v != 0 || !errors.Is(err, future.ErrNoFutures) {
			t.Errorf("got %d, %v, want 0, %v", v, err, future.ErrNoFutures)
		}
		if s := p.Stats(); s.Accepted != 0 {
			t.Errorf("%d tasks accepted, want 0", s.Accepted)
		}
	})
}

// L6: in a task of a pool of one worker, in each other.
func TestL6_FirstInATask(t *testing.T) {
	for _, d := range derivations {
		t.Run(d.name, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
				var running gauge
				leaf := running.task(func(_ context.Context, n int) (int, error) {
					if n < 2 {
						return 0, errTask
					}
					return n, nil
				})
				f := p.Submit(t.Context(), func(ctx context.Context, _ int) (int, error) {
					ctx, cancel := d.derive(ctx)
					defer cancel()
					return p.First(ctx, func(ctx context.Context, n int) (int, error) {
						return p.First(ctx, leaf, n, n+1, n+1)
					}, 0, 1, 2)
				}, 0)
				wantValue(t, "First in First", f, 2) // 0,1,1 fails; 1,2,2 is 2
				running.wantPeak(t, 1)
			})
		})
	}
}

// L8: the end of ctx ends the items, also those that are queued behind other work, and comes
// back as their errors; a success still wins.
func TestL8_FirstCtxEnds(t *testing.T) {
	for _, obeys := range []bool{true, false} {
		bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
			busy := full(p, 0)
			ctx, cancel := context.WithCancelCause(t.Context())
			var v int
			var err error
			over := start(func() {
				v, err = p.First(ctx, func(ctx context.Context, n int) (int, error) {
					<-ctx.Done()
					if obeys {
						return 0, ctx.Err()
					}
					return 5, nil
				}, 0, 1, 2)
			})
			wantOver(t, "First", over, false)
			cancel(errStop)
			wantOver(t, "First whose ctx has ended", over, true)
			if !obeys {
				if v != 5 || err != nil {
					t.Errorf("got %d, %v, want the success", v, err)
				}
			} else {
				wantErr(t, "First", err, context.Canceled, errStop, future.ErrCanceled)
			}
			busy.open()
		})
	}
}

// L5: a success ends the submits that wait for room too.
func TestFirst_SuccessFreesItsOwnSubmit(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
		busy := full(p, 0)
		win := make(gate)
		var v int
		var err error
		over := start(func() {
			v, err = p.First(t.Context(), func(ctx context.Context, n int) (int, error) {
				if n > 0 {
					t.Errorf("item %d ran, on a pool with one free worker", n)
				}
				<-win
				for range 3 { // the queue has no room when First's submit is freed
					p.Submit(ctx, busy.hold, n)
				}
				return 7, nil
			}, numbers(10)...)
		})
		wantOver(t, "First that waits for room", over, false)
		win.open()
		wantOver(t, "First with a success", over, true)
		if v != 7 || err != nil {
			t.Errorf("got %d, %v, want 7, <nil>", v, err)
		}
		busy.open()
	})
}

func TestFirst_Refused(t *testing.T) {
	bubble(t, nil, func(t *testing.T, p *intPool) {
		_ = p.Close()
		_, err := p.First(t.Context(), inc, 1, 2)
		wantErr(t, "First on a closed pool", err, pool.ErrClosed)
	})
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1), pool.WithOnFull(pool.CallerRunsWhenFull)), func(t *testing.T, p *intPool) {
		hold := full(p, 1)
		if v, err := p.First(t.Context(), inc, 1, 2); v != 2 || err != nil { // the caller runs it
			t.Errorf("got %d, %v, want 2, <nil>", v, err)
		}
		hold.open()
	})
}

// L18: every way to call these wrongly panics at the call.
func TestL18_BadInputToMany(t *testing.T) {
	var nilCtx context.Context
	p := pool.New[int, int]()
	defer p.Close()
	ctx := t.Context()
	for want, bad := range map[string]func(){
		"pool: Map: ctx is nil":                  func() { _, _ = p.Map(nilCtx, inc, nil) },
		"pool: Map: fn is nil":                   func() { _, _ = p.Map(ctx, nil, nil) },
		"pool: Stream: ctx is nil":               func() { p.Stream(nilCtx, inc, upTo(1)) },
		"pool: Stream: fn is nil":                func() { p.Stream(ctx, nil, upTo(1)) },
		"pool: Stream: args is nil":              func() { p.Stream(ctx, inc, nil) },
		"pool: Stream: option 1 is nil":          func() { p.Stream(ctx, inc, upTo(1), pool.Window(1), nil) },
		"pool: StreamUnordered: ctx is nil":      func() { p.StreamUnordered(nilCtx, inc, upTo(1)) },
		"pool: StreamUnordered: fn is nil":       func() { p.StreamUnordered(ctx, nil, upTo(1)) },
		"pool: StreamUnordered: args is nil":     func() { p.StreamUnordered(ctx, inc, nil) },
		"pool: StreamUnordered: option 0 is nil": func() { p.StreamUnordered(ctx, inc, upTo(1), nil) },
		"pool: First: ctx is nil":                func() { _, _ = p.First(nilCtx, inc) },
		"pool: First: fn is nil":                 func() { _, _ = p.First(ctx, nil) },
		"pool: Window: n is 0, want 1 or more":   func() { pool.Window(0) },
		"pool: Window: n is -2, want 1 or more":  func() { pool.Window(-2) },
	} {
		if got := panicText(bad); got != want {
			t.Errorf("got a panic with %q, want %q", got, want)
		}
	}
}

// Racing Firsts leave nothing and find what is there.
func TestFirst_Stress(t *testing.T) {
	p := pool.New[int, int](pool.WithWorkers(3), pool.WithQueue(2))
	var running gauge
	var firsts [4]<-chan struct{}
	for g := range firsts {
		firsts[g] = start(func() {
			for round := range scaled(200) {
				v, err := p.First(context.Background(), running.task(func(_ context.Context, n int) (int, error) {
					if n%3 != 2 {
						return 0, errTask
					}
					return n, nil
				}), numbers(round%7)...)
				what := fmt.Sprintf("First of %d", round%7)
				switch {
				case round%7 == 0:
					wantErr(t, what, err, future.ErrNoFutures)
				case round%7 < 3:
					wantErr(t, what, err, errTask)
				case v != 2 && v != 5 || err != nil:
					t.Errorf("%s: got %d, %v, want 2 or 5", what, v, err)
				}
			}
		})
	}
	for _, over := range firsts {
		<-over
	}
	running.wantPeak(t, 3)
	_ = p.Close()
	wantBalance(t, p)
}
