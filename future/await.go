package future

import (
	"context"

	"github.com/forebay-go/forebay/internal/frame"
	"github.com/forebay-go/forebay/internal/promise"
)

// wait returns nil when c is settled, or a *WaitError when ctx ends before. Inside a task
// it lends the task's slot: to the awaited task itself if that has not started, else to
// whatever is next in the queue.
func wait[R any](ctx context.Context, c *promise.Cell[R]) error {
	fr, own, slot := lend(ctx)
	if fr == nil {
		return park(ctx, c)
	}
	back := func(err error) bool { return false }
	if slot && c.Owner() != nil && c.Home() == fr.Home().ID {
		if own {
			if c.Owner().RunHere(ctx, fr) {
				return nil
			}
		} else if loan := frame.NewLoan(); c.Owner().RunElsewhere(ctx, loan.Return) {
			slot = false
			back = func(err error) bool { return loan.GiveUp(err == nil) }
		}
	}
	err := fr.Park(slot, func() (bool, error) {
		err := park(ctx, c)
		return back(err), err
	})
	if c.Settled() {
		return nil // while the task waited for a slot, maybe
	}
	return err
}

// lend begins a wait with ctx, which Park of the frame ends. slot: the slot of the task is in
// the caller's hand. Without a frame there is no slot to think of.
func lend(ctx context.Context) (fr *frame.Frame, own, slot bool) {
	fr, own = frame.From(ctx)
	if fr == nil {
		return nil, false, false
	}
	slot, ok := fr.Lend()
	if !ok {
		return nil, false, false // the task is over
	}
	if fr.Ended(ctx) {
		fr.Return(slot) // not given up: to get one back could take long
		return nil, false, false
	}
	return fr, own, slot
}

// park sleeps until c is settled or ctx ends.
func park[R any](ctx context.Context, c *promise.Cell[R]) error {
	_, err := sleep(ctx, c.Done())
	if err != nil && c.Settled() {
		return nil
	}
	return err
}

// sleep receives from ch, or returns a *WaitError when ctx ends.
func sleep[T any](ctx context.Context, ch <-chan T) (v T, err error) {
	end := ctx.Done()
	if end == nil {
		return <-ch, nil
	}
	select {
	case v = <-ch:
		return v, nil
	case <-end:
		return v, &WaitError{Err: ctx.Err(), Cause: context.Cause(ctx)}
	}
}
