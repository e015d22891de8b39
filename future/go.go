package future

import (
	"context"
	"runtime/debug"
	"sync/atomic"

	"github.com/forebay-go/forebay/internal/promise"
)

// Go calls fn on a new goroutine and returns the future of its result. The context that fn
// gets ends with ctx, on Cancel, and when fn has returned. A panic of fn settles the future
// with a [*PanicError], [runtime.Goexit] with [ErrGoexit]. If ctx has ended already, fn is
// not called and the future is settled with a [*CancelError].
//
// Nobody joins the goroutine but who awaits the future: a ctx that is never cancelled and
// a function that never returns are a leak, as with a go statement.
func Go[R any](ctx context.Context, fn func(context.Context) (R, error)) *Future[R] {
	if ctx == nil {
		panic("future: Go: ctx is nil")
	}
	if fn == nil {
		panic("future: Go: fn is nil")
	}
	if ctx.Err() != nil {
		f := new(Future[R])
		f.Cancel(context.Cause(ctx))
		return f
	}
	g := new(goroutine[R])
	g.cell.Own(g, 0)
	g.cell.Claim(promise.Running)
	ctx, cancel := context.WithCancelCause(ctx)
	g.cancel.Store(&cancel)
	go g.run(ctx, fn)
	return (*Future[R])(&g.cell)
}

// A goroutine is the owner of a future made by Go.
type goroutine[R any] struct {
	cell   promise.Cell[R]
	cancel atomic.Pointer[context.CancelCauseFunc] // nil again when fn has returned
}

func (g *goroutine[R]) run(ctx context.Context, fn func(context.Context) (R, error)) {
	var v R
	var err error = ErrGoexit // unless fn returns or panics
	state := promise.Failed
	defer func() {
		if r := recover(); r != nil {
			state, err = promise.Panicked, &PanicError{Value: r, Stack: debug.Stack()}
		}
		(*g.cancel.Swap(nil))(nil)
		g.cell.Settle(state, v, err)
	}()
	if v, err = fn(ctx); err == nil {
		state = promise.Succeeded
	}
}

// Cancel implements promise.Owner.
func (g *goroutine[R]) Cancel(cause error) bool {
	if cancel := g.cancel.Load(); cancel != nil {
		(*cancel)(cause)
	}
	return false
}

// RunHere implements promise.Owner: the function is running already.
func (g *goroutine[R]) RunHere(context.Context, promise.SlotHolder) bool { return false }

// RunElsewhere implements promise.Owner.
func (g *goroutine[R]) RunElsewhere(context.Context, func(bool) bool) bool { return false }
