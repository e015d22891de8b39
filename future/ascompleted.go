package future

import (
	"context"
	"iter"
	"slices"
)

// AsCompleted returns an iterator over the futures' results, each with its index, in the
// order in which they settle. Those that have settled before the loop begins come in input
// order, before all others but some that settle just as it begins. If ctx ends, what has
// settled is yielded still, and after it each of the others once, in input order, with a
// [*WaitError] as its Err (or with its result, should that be there when its turn comes). So
// the loop sees every index exactly once, and to stop
// at the end of ctx is up to its body.
//
// The loop blocks while nothing has settled; inside a task of a pool, with the task's ctx or
// one derived from it, it lends the task's slot meanwhile, and has it back in the body.
// AsCompleted cancels nothing, and a break, or a panic in the body, leaves nothing behind at
// the futures. The iterator may be used again, and then begins anew.
//
// A loop costs one channel and one slice of listeners; none if all have settled when it
// begins.
func AsCompleted[R any](ctx context.Context, fs ...*Future[R]) iter.Seq2[int, Result[R]] {
	check("AsCompleted", ctx, fs)
	fs = slices.Clone(fs) // the caller's may change before the loop
	return func(yield func(int, Result[R]) bool) {
		look(len(fs), inputs(fs))
		if _, ok := decided(nothing, len(fs), inputs(fs)); ok {
			yieldAll(fs, yield)
			return
		}
		g := gather(settled, len(fs), len(fs), inputs(fs))
		defer g.leave()
		seen := make([]bool, len(fs))
		var err error
		for range fs {
			var i int
			if i, err = g.next(ctx); err != nil {
				break
			}
			seen[i] = true
			if r, _ := fs[i].Try(); !yield(i, r) {
				return
			}
		}
		for i, f := range fs {
			if !seen[i] && !yield(i, resultOr(f, err)) {
				return
			}
		}
	}
}

// yieldAll yields the results of futures that have all settled.
func yieldAll[R any](fs []*Future[R], yield func(int, Result[R]) bool) {
	for i, f := range fs {
		if r, _ := f.Try(); !yield(i, r) {
			return
		}
	}
}
