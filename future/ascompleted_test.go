package future_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
)

// Those that are there come first, in input order, and then the others as they settle.
func TestAsCompleted_Order(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ps, fs := promises(5)
		ps[3].Resolve(3)
		ps[1].Reject(errBoom)
		seq := future.AsCompleted(t.Context(), fs...)
		clear(fs) // the caller's slice is its own
		var got []int
		for i, r := range seq {
			if i != 1 && (r.Value != i || r.Err != nil) || i == 1 && r.Err != errBoom {
				t.Errorf("got %d, %v", i, r)
			}
			switch got = append(got, i); i {
			case 3: // two settle while the body runs
				ps[4].Resolve(4)
				ps[0].Resolve(0)
			case 4: // one while the loop sleeps
				go func() {
					synctest.Wait()
					ps[2].Resolve(2)
				}()
			}
		}
		if want := []int{1, 3, 4, 0, 2}; !slices.Equal(got, want) {
			t.Errorf("yielded %v, want %v", got, want)
		}
		got = nil
		for i := range seq { // anew
			got = append(got, i)
		}
		if want := []int{0, 1, 2, 3, 4}; !slices.Equal(got, want) {
			t.Errorf("the second loop yielded %v, want %v", got, want)
		}
	})
}

// When ctx ends, what is there is yielded still, and then each of the others once, in input
// order; one that settles meanwhile, with its result.
func TestAsCompleted_CtxEnds(t *testing.T) {
	ps, fs := promises(5)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	ps[2].Resolve(2)
	var got []int
	for i, r := range future.AsCompleted(ctx, fs...) {
		got = append(got, i)
		var we *future.WaitError
		switch i {
		case 2:
			ps[4].Resolve(4)
			cancel(errBoom)
		case 0:
			ps[1].Resolve(1)
			fallthrough
		case 3:
			if !errors.As(r.Err, &we) || we.Cause != errBoom {
				t.Errorf("%d: error %v, want a WaitError with cause %v", i, r.Err, errBoom)
			}
			continue
		}
		if r.Value != i || r.Err != nil {
			t.Errorf("got %d, %v, want its value", i, r)
		}
	}
	if want := []int{2, 4, 0, 1, 3}; !slices.Equal(got, want) {
		t.Errorf("yielded %v, want %v", got, want)
	}
}

// A break is obeyed wherever it comes.
func TestAsCompleted_Break(t *testing.T) {
	dead, cancel := context.WithCancel(t.Context())
	cancel()
	_, pending := promises(2)
	for name, fs := range map[string][]*future.Future[int]{
		"all settled":  {future.Resolved(1), future.Resolved(2)},
		"some settled": append([]*future.Future[int]{future.Resolved(1)}, pending...),
		"none settled": pending,
	} {
		for stop := 1; stop <= len(fs); stop++ {
			n := 0
			for range future.AsCompleted(dead, fs...) {
				if n++; n == stop {
					break
				}
			}
			if n != stop {
				t.Errorf("%s: the loop saw %d, want a break at %d", name, n, stop)
			}
		}
	}
}
