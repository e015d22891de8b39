package pool

import (
	"context"
	"errors"
	"slices"

	"github.com/forebay-go/forebay/internal/frame"
	"github.com/forebay-go/forebay/internal/promise"
)

// A team is the part of a group that does not depend on the types of its tasks: who is in it,
// and what became of them. Its mutex is the latch's.
type team struct {
	latch
	cancel  context.CancelCauseFunc
	opened  *frame.Frame // of the task that the group was opened in, or nil
	nested  bool         // which is one of the same pool
	submits int          // guarded by Group.mu

	max   int         // JoinErrors
	first error       // what failed the group
	errs  []teamError // JoinErrors: in the order of submission, at most max
}

type teamError struct {
	index int
	err   error
}

// ended notes how a task has ended, before its future is settled. The first failure cancels the
// rest, after it was recorded.
func (g *team) ended(index int, state promise.State, err error) {
	if err == nil {
		return
	}
	g.mu.Lock()
	first := g.first == nil
	if first {
		g.first = err
	}
	if g.max > 0 && (first || !g.induced(state, err)) {
		g.insert(teamError{index, err})
	}
	g.mu.Unlock()
	if first {
		g.cancel(err)
	}
}

// induced reports whether a task failed because the group had.
func (g *team) induced(state promise.State, err error) bool {
	return state == promise.Canceled || errors.Is(err, context.Canceled) || errors.Is(err, g.first)
}

func (g *team) insert(e teamError) {
	at, _ := slices.BinarySearchFunc(g.errs, e, func(a, b teamError) int { return a.index - b.index })
	if g.errs = slices.Insert(g.errs, at, e); len(g.errs) > g.max {
		g.errs = slices.Delete(g.errs, g.max, len(g.errs))
	}
}

// err is the group's error.
func (g *team) err() error {
	g.latch.mu.Lock()
	defer g.latch.mu.Unlock()
	if g.max == 0 {
		return g.first
	}
	errs := make([]error, len(g.errs))
	for i, e := range g.errs {
		errs[i] = e.err
	}
	return errors.Join(errs...)
}

// join waits until the group is empty, and takes no more: from now on, or from then on.
func (g *team) join(now bool) {
	empty := g.close(now)
	wait := func() error {
		<-empty
		return nil
	}
	if g.opened != nil {
		_ = g.opened.Block(wait)
	} else {
		_ = wait()
	}
}
