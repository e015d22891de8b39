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
	fr, own := frame.From(ctx)
	if fr == nil {
		return park(ctx, c)
	}
	slot, ok := fr.Lend()
	if !ok {
		return park(ctx, c) // the task is over
	}
	if fr.Ended(ctx) {
		fr.Return(slot) // not given up: to get one back could take long
		return park(ctx, c)
	}
	back := func(err error) bool { return false }
	if slot && c.Owner() != nil && c.Home() == fr.Home().ID {
		if own {
			if c.Owner().RunHere(ctx, fr) {
				return nil
			}
		} else if loan := frame.NewLoan(); c.Owner().RunElsewhere(loan.Return) {
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

// park sleeps until c is settled or ctx ends.
func park[R any](ctx context.Context, c *promise.Cell[R]) error {
	end := ctx.Done()
	if end == nil {
		<-c.Done()
		return nil
	}
	select {
	case <-c.Done():
		return nil
	case <-end:
		if c.Settled() {
			return nil
		}
		return &WaitError{Err: ctx.Err(), Cause: context.Cause(ctx)}
	}
}
