package pool

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/internal/frame"
	"github.com/forebay-go/forebay/internal/promise"
)

// A team is the part of a group that does not depend on the types of its tasks: who is in it,
// and what became of them. Its mutex is the latch's.
type team struct {
	latch
	ctx    context.Context // the tasks'
	cancel context.CancelCauseFunc
	opened *frame.Frame // of the task that the group was opened in, or nil
	nested bool         // which is one of the same pool
	max    int          // JoinErrors; 0: the first one only

	failures []failure // the first, and for JoinErrors all others of tasks that ran
}

// A failure is the error of a task, and its place in the order of submission.
type failure struct {
	index int
	err   error
}

// note records how a task has ended. That comes before anything is cancelled because of it,
// by the group or by the pool: else the error of one that obeyed might be taken for the first.
func (g *team) note(index int, state promise.State, err error) {
	if err == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	ran := state == promise.Failed || state == promise.Panicked
	if len(g.failures) == 0 || g.max > 0 && ran {
		g.failures = append(g.failures, failure{index, err})
	}
}

// failed cancels the rest, after a failure was noted and before its future is settled. Every
// task that fails does it, not just the first: that may be a step away from doing it, and the
// slot of this one is about to be free.
func (g *team) failed() {
	g.mu.Lock()
	first := g.failures[0].err
	g.mu.Unlock()
	g.cancel(first)
}

// err is the group's error. It asks errors whether they are others, which may be code of the
// user's: not at the end of a task, and not with the mutex held.
func (g *team) err() error {
	g.mu.Lock()
	all := slices.Clone(g.failures)
	g.mu.Unlock()
	if len(all) == 0 {
		return nil
	}
	first := all[0]
	if g.max == 0 {
		return first.err
	}
	rest := slices.DeleteFunc(all[1:], func(f failure) bool { return g.induced(f.err, first.err) })
	inOrder := func(a, b failure) int { return cmp.Compare(a.index, b.index) }
	slices.SortStableFunc(rest, inOrder)
	kept := append(rest[:min(len(rest), g.max-1)], first)
	slices.SortStableFunc(kept, inOrder)
	errs := make([]error, len(kept))
	for i, f := range kept {
		errs[i] = f.err
	}
	return errors.Join(errs...)
}

// induced reports whether a task returned err because the group had failed with first, or
// because of what had made that one fail, if it was an end that came from outside.
func (g *team) induced(err, first error) bool {
	if c, ok := first.(*future.CancelError); ok && errors.Is(err, c.Cause) {
		return true
	}
	for _, end := range []error{first, context.Canceled, g.ctx.Err(), context.Cause(g.ctx)} {
		if errors.Is(err, end) {
			return true
		}
	}
	return false
}

// join waits until the group is empty, and takes no more: from now on, or from then on. If
// nobody is inside there is nothing to wait for, and the slot is not lent: to have it back could
// take long.
func (g *team) join(now bool) {
	empty := g.close(now)
	select {
	case <-empty:
		return
	default:
	}
	_ = g.whileLent(func() error {
		<-empty
		return nil
	})
}

// whileLent calls wait while the slot of the task that the group was opened in, if there is one, is
// lent.
func (g *team) whileLent(wait func() error) error {
	if g.opened == nil {
		return wait()
	}
	return g.opened.Block(wait)
}
