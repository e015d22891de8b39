package pool

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/forebay-go/forebay/future"
)

// First calls fn for every arg, as far as the pool runs them at once, and returns the first
// success. The others are cancelled then: what waits never runs, the contexts of those that
// run end, and First returns when they have returned.
//
// If none succeeds, the error joins the failures as [*future.IndexError], in the order of args;
// a panic is a failure ([*future.PanicError]), and so is runtime.Goexit. When ctx ends, the
// items end, and their errors are what First returns: ctx's own where they obey, a
// [*future.CancelError] with the cause where they did not start. A success is one still.
// Of no args there is none: [future.ErrNoFutures].
//
// All args are submitted at once, as by Submit, until one succeeds. Inside a task of the
// pool the ones that have not started are run in its slot, one by one.
func (p *Pool[T, R]) First(ctx context.Context, fn func(context.Context, T) (R, error), args ...T) (R, error) {
	check("First", ctx, fn)
	var none R
	if len(args) == 0 {
		return none, future.ErrNoFutures
	}
	race, cancel := context.WithCancel(ctx)
	defer cancel()
	var won atomic.Pointer[R]
	run := func(ctx context.Context, arg T) (R, error) {
		v, err := fn(ctx, arg)
		if err == nil && won.CompareAndSwap(nil, &v) {
			cancel() // here and not by who waits, who may be in a Submit to a full queue
		}
		return v, err
	}

	fs := make([]*future.Future[R], 0, len(args))
	defer func() { // also when the caller has run one that ended the goroutine
		cancel()
		for _, f := range fs {
			_, _ = join(race, f)
		}
	}()
	for _, arg := range args {
		if won.Load() != nil {
			break
		}
		fs = append(fs, p.submitJoined(race, run, arg))
	}
	var errs []error
	for i, f := range fs {
		if _, err := join(race, f); err != nil {
			errs = append(errs, &future.IndexError{Index: i, Err: err})
		}
	}
	if v := won.Load(); v != nil {
		return *v, nil
	}
	return none, errors.Join(errs...)
}
