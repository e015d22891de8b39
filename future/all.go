package future

import "context"

// All waits until all futures have succeeded, and returns their values in input order. When
// one fails, All returns at once: no values, and the first failure by completion as an
// [*IndexError]. Of several that have failed before the call, it is the one with the lowest
// index.
//
// ctx limits this wait and nothing else: if it ends first, the error is a [*WaitError].
// Results that are there beat a ctx that has ended. The futures are not cancelled, neither
// by a failure nor by the end of ctx: whoever started the work does that. All of no futures
// has no values and no error.
//
// Inside a task of a pool, ctx should be the task's, or derived from it: then waiting lends
// the task's slot to other tasks.
//
// A wait costs one channel and one slice of listeners, which are gone when All returns; if
// nothing needs to be waited for, the slice of values is the only cost.
func All[R any](ctx context.Context, fs ...*Future[R]) ([]R, error) {
	check("All", ctx, fs)
	i, err := decide(ctx, failed, len(fs), inputs(fs))
	if err != nil {
		return nil, err
	}
	if i >= 0 {
		return nil, &IndexError{i, fs[i].failure()}
	}
	vs := make([]R, len(fs))
	for i, f := range fs {
		vs[i], _ = f.cell().Result()
	}
	return vs, nil
}

// Settle waits until all futures have settled, and returns their results in input order. If
// ctx ends first, those that have not settled have a [*WaitError] as their Err; they go on.
//
// For the rest Settle is like [All]: it cancels nothing, lends the slot of the task that ctx
// belongs to, and costs the same.
func Settle[R any](ctx context.Context, fs ...*Future[R]) []Result[R] {
	check("Settle", ctx, fs)
	_, err := decide(ctx, nothing, len(fs), inputs(fs))
	rs := make([]Result[R], len(fs))
	for i, f := range fs {
		rs[i] = resultOr(f, err)
	}
	return rs
}

// resultOr returns f's result, or err while it has none.
func resultOr[R any](f *Future[R], err error) Result[R] {
	if r, ok := f.Try(); ok {
		return r
	}
	return Result[R]{Err: err}
}
