package future

import (
	"context"
	"sync"

	"github.com/forebay-go/forebay/internal/promise"
)

// Then calls fn with f's value once f has succeeded, and returns the future of fn's result.
// fn runs on a goroutine of its own, as with [Go]; until f settles, no goroutine waits.
//
// ctx is the work's: the context that fn gets ends with ctx, on Cancel, and when fn has
// returned. If ctx ends before f settles, fn is not called, the result settles with a
// [*CancelError], and f keeps no trace of the call. Cancel on the result does the same.
// Neither cancels f.
//
// If f fails, its error and its state become the result's, unchanged, and fn is not called;
// a failure that is there beats a ctx that has ended. A panic of fn settles the result with
// a [*PanicError], [runtime.Goexit] with [ErrGoexit].
//
// Then never blocks, and costs a cancel context, and a [context.AfterFunc] if ctx can end. A
// failure runs down a chain of Thens, of any length, on the goroutine that settles its head.
func Then[A, B any](ctx context.Context, f *Future[A], fn func(context.Context, A) (B, error)) *Future[B] {
	switch {
	case ctx == nil:
		panic("future: Then: ctx is nil")
	case f == nil:
		panic("future: Then: f is nil")
	case fn == nil:
		panic("future: Then: fn is nil")
	}
	if r, ok := f.Try(); ok {
		if r.Err != nil {
			out := new(Future[B])
			var zero B
			settle(out.cell(), f.state(), zero, r.Err)
			return out
		}
		return Go(ctx, func(ctx context.Context) (B, error) { return fn(ctx, r.Value) })
	}
	if ctx.Err() != nil {
		out := new(Future[B])
		out.Cancel(context.Cause(ctx))
		return out
	}
	t := &then[A, B]{input: f.cell(), fn: fn}
	t.cell.Own(t, 0)
	t.listener.Target = t
	t.begin(ctx)
	return (*Future[B])(&t.cell)
}

// A then is the owner of a future made by Then. Its function is called, or not called, by
// whoever claims the cell: the input's settler, a Cancel, or the end of ctx.
type then[A, B any] struct {
	goroutine[B]
	making   sync.Mutex // held until all is there, for an end of ctx that comes early
	listener promise.Listener
	input    *promise.Cell[A] // belongs to who takes the listener out of its list
	// These belong to the claimant.
	ctx  context.Context
	stop func() bool // ends the wait for the end of ctx
	fn   func(context.Context, A) (B, error)
}

// begin waits, with no goroutine, for the input to settle or ctx to end.
func (t *then[A, B]) begin(ctx context.Context) {
	t.making.Lock()
	defer t.making.Unlock()
	derived, cancel := context.WithCancelCause(ctx) // now, so that Cancel always finds it
	t.ctx = derived
	t.cancel.Store(&cancel)
	if ctx.Done() != nil {
		t.stop = context.AfterFunc(derived, func() {
			t.making.Lock()
			defer t.making.Unlock()
			t.Cancel(context.Cause(derived))
		})
	}
	if !t.input.Listen(&t.listener) {
		t.Fire(0) // nobody listens to t yet: what it returns is empty
	}
}

// Fire implements promise.Target: the input has settled.
func (t *then[A, B]) Fire(int) promise.Chain {
	input := t.input
	t.input = nil
	var zero B
	v, err := input.Result()
	switch {
	case err != nil:
		if t.cell.Claim(promise.Claimed) {
			t.release()
			return t.cell.SettleChained(input.State(), zero, err)
		}
	case t.cell.Claim(promise.Running):
		if t.ctx.Err() != nil {
			err = &CancelError{Cause: context.Cause(t.ctx)}
			t.release()
			return t.cell.SettleChained(promise.Canceled, zero, err)
		}
		ctx, fn := t.forget()
		go t.run(ctx, func(ctx context.Context) (B, error) { return fn(ctx, v) })
	}
	return promise.Chain{}
}

// Cancel implements promise.Owner.
func (t *then[A, B]) Cancel(cause error) bool {
	if !t.cell.Claim(promise.Claimed) {
		return t.goroutine.Cancel(cause)
	}
	if t.listener.Unlisten() {
		t.input = nil
	}
	t.release()
	var zero B
	t.cell.Settle(promise.Canceled, zero, &CancelError{Cause: cause})
	return true
}

// forget takes out of t what a settled future must not keep.
func (t *then[A, B]) forget() (ctx context.Context, fn func(context.Context, A) (B, error)) {
	if t.stop != nil {
		t.stop()
	}
	ctx, fn = t.ctx, t.fn
	t.ctx, t.stop, t.fn = nil, nil, nil
	return ctx, fn
}

// release ends a claim whose function will not run.
func (t *then[A, B]) release() {
	t.forget()
	(*t.cancel.Swap(nil))(nil)
}
