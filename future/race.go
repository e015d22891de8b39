package future

import (
	"context"
	"errors"
)

// Any waits for the first future to succeed, and returns its index and value. If all fail,
// the index is -1 and the error joins their failures, in input order, each as an
// [*IndexError]; of no futures, it is [ErrNoFutures].
//
// Of several that have succeeded before the call, Any returns the one with the lowest index.
// If ctx ends first, the index is -1 and the error a [*WaitError]. For the rest Any is like
// [All]: it cancels nothing, lends the slot of the task that ctx belongs to, and leaves
// nothing behind at the futures, however often they take part.
func Any[R any](ctx context.Context, fs ...*Future[R]) (int, R, error) {
	check("Any", ctx, fs)
	i, err := decide(ctx, succeeded, len(fs), inputs(fs))
	if i < 0 && err == nil {
		err = failures(fs)
	}
	return pick(fs, i, err)
}

// Race waits for the first future to settle, and returns its index, value and error, as they
// are; of no futures, the index is -1 and the error [ErrNoFutures].
//
// Of several that have settled before the call, Race returns the one with the lowest index.
// If ctx ends first, the index is -1 and the error a [*WaitError]; the index tells it from a
// future that failed with such an error. For the rest Race is like [All]: it cancels nothing,
// lends the slot of the task that ctx belongs to, and leaves nothing behind at the futures,
// however often they take part.
func Race[R any](ctx context.Context, fs ...*Future[R]) (int, R, error) {
	check("Race", ctx, fs)
	i, err := decide(ctx, settled, len(fs), inputs(fs))
	if i < 0 && err == nil {
		err = ErrNoFutures
	}
	return pick(fs, i, err)
}

// pick returns future i's result, or err if i is -1.
func pick[R any](fs []*Future[R], i int, err error) (int, R, error) {
	if i < 0 {
		var zero R
		return -1, zero, err
	}
	v, err := fs[i].cell().Result()
	return i, v, err
}

// failures joins the errors of futures that have all failed.
func failures[R any](fs []*Future[R]) error {
	if len(fs) == 0 {
		return ErrNoFutures
	}
	errs := make([]error, len(fs))
	for i, f := range fs {
		errs[i] = &IndexError{i, f.failure()}
	}
	return errors.Join(errs...)
}
