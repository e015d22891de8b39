package pool_test

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// bodyThatPanics is to be seen in the stack. It panics while a task runs, which sets ended.
func bodyThatPanics(ctx context.Context, g *intGroup, ended *atomic.Bool) {
	runs := make(gate)
	g.Go(func(ctx context.Context, n int) (int, error) {
		runs.open()
		_, err := untilDone(ctx, n)
		ended.Store(true)
		return n, err
	}, 0)
	pool.Block(ctx, func() { <-runs })
	panic(errTask)
}

// A panic of the body cancels and joins the tasks, and then goes on up the caller's stack: the
// same value, and the stack is still that of the body.
func TestScope_PanicOfTheBody(t *testing.T) {
	for _, nested := range []bool{false, true} {
		bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
			run := func(ctx context.Context) {
				var ended atomic.Bool
				defer func() {
					if r := recover(); r != any(errTask) {
						t.Errorf("recovered %v, want %v", r, errTask)
					}
					if stack := string(debug.Stack()); !strings.Contains(stack, "bodyThatPanics") {
						t.Errorf("the stack of the panic does not show the body:\n%s", stack)
					}
					if !ended.Load() {
						t.Error("the panic went on before the task had ended")
					}
				}()
				err := p.Scope(ctx, func(ctx context.Context, g *intGroup) error {
					bodyThatPanics(ctx, g, &ended)
					return nil
				})
				t.Errorf("Scope returned %v", err)
			}
			if nested {
				inTask(t, p, run)
			} else {
				run(t.Context())
			}
		})
	}
}

func TestScope_GoexitOfTheBody(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		var f *intFuture
		returned := false
		over := start(func() {
			_ = p.Scope(t.Context(), func(_ context.Context, g *intGroup) error {
				runs := make(gate)
				f = g.Submit(func(ctx context.Context, n int) (int, error) {
					runs.open()
					return untilDone(ctx, n)
				}, 0)
				<-runs
				runtime.Goexit()
				return nil
			})
			returned = true
		})
		wantOver(t, "the goroutine that called Goexit", over, true)
		if returned {
			t.Error("Scope returned after Goexit")
		}
		wantFailure(t, "the task", f, future.Failed, context.Canceled)
	})
}

// An error of the body is a failure of the group; the first one wins.
func TestScope_Errors(t *testing.T) {
	errBody := errors.New("the body's error")
	for _, tt := range []struct {
		name string
		task error // nil: it waits for the end
		body func(ctx context.Context) error
		want error
	}{
		{"none", nil, nil, nil},
		{"of the body, which cancels the task", nil, func(context.Context) error { return errBody }, errBody},
		{"of the task", errTask, func(context.Context) error { return nil }, errTask},
		{"of the task, and the body stops because of it", errTask, func(ctx context.Context) error { return ctx.Err() }, errTask},
		{"of both", errTask, func(context.Context) error { return errBody }, errTask},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
				var f *intFuture
				err := p.Scope(t.Context(), func(ctx context.Context, g *intGroup) error {
					switch {
					case tt.body == nil:
						f = g.Submit(inc, 0)
						return nil
					case tt.task != nil:
						f = g.Submit(func(context.Context, int) (int, error) { return 0, tt.task }, 0)
						<-ctx.Done()
					default:
						f = g.Submit(untilDone, 0)
						synctest.Wait()
					}
					return tt.body(ctx)
				})
				if err != tt.want {
					t.Errorf("Scope: got %v, want %v itself", err, tt.want)
				}
				wantErr(t, "the task", errOf(f.Await(t.Context())), tt.want)
				if f.State() < future.Succeeded {
					t.Errorf("the task after Scope: got state %v", f.State())
				}
			})
		})
	}
}

func TestScope_JoinErrors(t *testing.T) {
	errBody := errors.New("the body's error")
	bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
		err := p.Scope(t.Context(), func(ctx context.Context, g *intGroup) error {
			g.Go(endings.fails, 0)
			<-ctx.Done()
			return errBody
		}, pool.JoinErrors(5))
		if errs := joined(t, err); len(errs) != 2 || errs[0] != errTask || errs[1] != errBody {
			t.Errorf("Scope: got %q, want %q", errs, []error{errTask, errBody})
		}
	})
}

// A scope in a scope, in tasks and beside them: an inner failure ends the outer one if its body
// hands it on, and an outer one reaches the innermost task.
func TestScope_Nested(t *testing.T) {
	for _, tt := range []struct {
		name        string
		inner, back error
	}{{"all is well", nil, nil}, {"the inner one fails", errTask, errTask}, {"the outer one fails", nil, errStop}} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
				var outer *intGroup
				innermost := func(ctx context.Context, n int) (int, error) {
					if tt.back != errStop {
						return n, tt.inner
					}
					if n == 0 { // one of them
						fail := func(context.Context, int) (int, error) { return 0, errStop }
						pool.Block(ctx, func() { outer.Go(fail, 0) })
					}
					var err error
					pool.Block(ctx, func() { _, err = untilDone(ctx, n) })
					return n, err
				}
				err := p.Scope(t.Context(), func(_ context.Context, g *intGroup) error {
					outer = g
					for range 3 {
						g.Go(func(ctx context.Context, n int) (int, error) {
							return n, p.Scope(ctx, func(ctx context.Context, g *intGroup) error {
								for i := range 3 {
									g.Go(innermost, i)
								}
								return nil
							})
						}, 0)
						synctest.Wait()
					}
					return nil
				})
				if err != tt.back {
					t.Errorf("Scope: got %v, want %v itself", err, tt.back)
				}
			})
		})
	}
}

func TestScope_GroupAfterItsEnd(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		var leaked *intGroup
		var gctx context.Context
		if err := p.Scope(t.Context(), func(ctx context.Context, g *intGroup) error {
			leaked, gctx = g, ctx
			return nil
		}); err != nil {
			t.Errorf("Scope: %v", err)
		}
		wantErr(t, "the scope's ctx", gctx.Err(), context.Canceled)
		wantFailure(t, "Submit to a group whose scope is over", leaked.Submit(inc, 0), future.Canceled, pool.ErrClosed)
		if leaked.TryGo(inc, 0) {
			t.Error("TryGo to a group whose scope is over: got true, want false")
		}
	})
}

// Scope inside a task does not give up the slot at its end, when there is nothing to wait for:
// whoever got it could keep it.
func TestScope_KeepsTheSlotWhenNothingIsLeft(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		goesOn := make(gate)
		f := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			p.Submit(t.Context(), goesOn.hold, 0)
			return n, p.Scope(ctx, func(ctx context.Context, g *intGroup) error {
				_, err := g.Submit(inc, 0).Await(ctx)
				return err
			})
		}, 0)
		over := start(func() { wantValue(t, "the task with the scope", f, 0) })
		wantOver(t, "the task with the scope", over, true)
		goesOn.open()
	})
}
