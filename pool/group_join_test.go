package pool_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/pool"
)

// joined returns what errors.Join joined.
func joined(t *testing.T, err error) []error {
	t.Helper()
	if err == nil {
		return nil
	}
	j, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("got %T %v, want errors that are joined", err, err)
	}
	return j.Unwrap()
}

// answers are errors that tasks return, one for each, in the order in which the test lets them.
type answers struct {
	g     *intGroup
	gates []gate
}

// task submits one that answers what err says about its ctx, whatever has happened by then.
func (a *answers) task(err func(ctx context.Context) error) {
	let := make(gate)
	a.gates = append(a.gates, let)
	a.g.Go(func(ctx context.Context, n int) (int, error) {
		<-let
		return n, err(ctx)
	}, 0)
}

func (a *answers) let(is ...int) {
	for _, i := range is {
		synctest.Wait()
		a.gates[i].open()
		synctest.Wait()
	}
}

func just(err error) func(context.Context) error { return func(context.Context) error { return err } }

func TestJoinErrors(t *testing.T) {
	var e [5]error
	for i := range e {
		e[i] = fmt.Errorf("error %d", i)
	}
	ctxErr := func(ctx context.Context) error { return ctx.Err() }
	wrapped := func(ctx context.Context) error { return fmt.Errorf("gave up: %w", context.Cause(ctx)) }
	deadline := just(context.DeadlineExceeded)
	for _, tt := range []struct {
		name  string
		max   int
		tasks []func(context.Context) error
		order []int
		want  []error
	}{
		{"none", 5, []func(context.Context) error{just(nil), just(nil)}, []int{0, 1}, nil},
		{"one", 5, []func(context.Context) error{just(nil), just(e[1])}, []int{0, 1}, []error{e[1]}},
		{"in the order of submission", 5, []func(context.Context) error{just(e[0]), just(e[1]), just(e[2])}, []int{2, 0, 1}, []error{e[0], e[1], e[2]}},
		{"no more than max", 2, []func(context.Context) error{just(e[0]), just(e[1]), just(e[2])}, []int{0, 2, 1}, []error{e[0], e[1]}},
		{"the first failure is always there", 2, []func(context.Context) error{just(e[0]), just(e[1]), just(e[2])}, []int{2, 1, 0}, []error{e[0], e[2]}},
		{"max of one is the first failure", 1, []func(context.Context) error{just(e[0]), just(e[1]), just(e[2])}, []int{1, 0, 2}, []error{e[1]}},
		{"without the induced", 5, []func(context.Context) error{ctxErr, wrapped, just(e[2]), just(e[3])}, []int{2, 0, 1, 3}, []error{e[2], e[3]}},
		{"a deadline of its own is not induced", 5, []func(context.Context) error{just(e[0]), deadline}, []int{0, 1}, []error{e[0], context.DeadlineExceeded}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(len(tt.tasks))), func(t *testing.T, p *intPool) {
				g, _ := p.Group(t.Context(), pool.JoinErrors(tt.max))
				a := &answers{g: g}
				for _, err := range tt.tasks {
					a.task(err)
				}
				g.Go(inc, 0) // never runs after a failure
				a.let(tt.order...)
				for range 2 {
					_, err := g.Wait()
					if got := joined(t, err); !slices.Equal(got, tt.want) {
						t.Errorf("Wait: got %q, want %q", got, tt.want)
					}
				}
			})
		})
	}
}

// The errors that an end from outside brings about are all one failure.
func TestJoinErrors_EndFromOutside(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(p *intPool, queued *intFuture, cancel context.CancelCauseFunc)
		errs []error
	}{
		{"the outer ctx", func(_ *intPool, queued *intFuture, cancel context.CancelCauseFunc) {
			cancel(errStop)
			queued.Cancel(errStop) // settles before those that run
		}, []error{errStop}},
		{"Stop of the pool", func(p *intPool, _ *intFuture, _ context.CancelCauseFunc) { go p.Stop(errStop) }, []error{errStop}},
		{"a task that is cancelled", func(_ *intPool, queued *intFuture, _ context.CancelCauseFunc) { queued.Cancel(errStop) }, []error{errStop}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				g, _ := p.Group(ctx, pool.JoinErrors(10))
				end := make(gate)
				g.Go(func(ctx context.Context, n int) (int, error) { _, err := untilDone(ctx, n); <-end; return n, err }, 0)
				g.Go(func(ctx context.Context, n int) (int, error) { <-ctx.Done(); <-end; return n, errTask }, 0)
				queued := g.Submit(inc, 0)
				synctest.Wait()
				tt.end(p, queued, cancel)
				synctest.Wait()
				end.open()
				_, err := g.Wait()
				errs := joined(t, err)
				wantErr(t, "Wait", err, append(tt.errs, errTask)...)
				if len(errs) != 2 {
					t.Errorf("Wait: got %q, want the end and the task's own error", errs)
				}
			})
		})
	}
}

// The errors are compared by the one who waits, who may have code of his own in Is.
func TestJoinErrors_OfASkewedIs(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
		g, _ := p.Group(t.Context(), pool.JoinErrors(2))
		a := &answers{g: g}
		a.task(just(errTask))
		a.task(just(uncomparable{"a", "b"}))
		a.let(0, 1)
		_, err := g.Wait()
		if errs := joined(t, err); len(errs) != 2 || !errors.Is(errs[0], errTask) || !strings.Contains(errs[1].Error(), "a, b") {
			t.Errorf("Wait: got %q", errs)
		}
	})
}

type uncomparable []string

func (u uncomparable) Error() string { return strings.Join(u, ", ") }

func TestJoinErrors_BadMax(t *testing.T) {
	for _, max := range []int{0, -1} {
		want := fmt.Sprintf("pool: JoinErrors: max is %d, want 1 or more", max)
		if got := panicText(func() { pool.JoinErrors(max) }); got != want {
			t.Errorf("JoinErrors(%d): got panic %q, want %q", max, got, want)
		}
	}
}
