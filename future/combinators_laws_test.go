package future_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/internal/promise"
)

func TestL7_CombinatorsPreferResultsToADeadCtx(t *testing.T) {
	dead, cancel := context.WithCancelCause(t.Context())
	cancel(errBoom)
	for _, c := range combinators {
		// Settled before.
		if o := c.call(dead, future.Resolved(7), future.Resolved(7), future.Resolved(7)); o.err != nil || o.vs[0] != 7 {
			t.Errorf("%s of settled futures with a dead ctx: got %v, want 7", c.name, o)
		}
		// Settled between the look and the sleep.
		for range 50 {
			ps, fs := promises(3)
			o := c.call(settlingCtx{dead, func() {
				for _, p := range ps {
					p.Resolve(7)
				}
			}}, fs...)
			if o.err != nil || o.vs[0] != 7 {
				t.Fatalf("%s of futures that settle as ctx ends: got %v, want 7", c.name, o)
			}
		}
		// Not settled.
		_, fs := promises(3)
		o := c.call(dead, fs...)
		var we *future.WaitError
		if !errors.As(o.err, &we) || we.Cause != errBoom || indexOf(o.err) != -1 {
			t.Errorf("%s of pending futures with a dead ctx: error %v, want a WaitError with cause %v", c.name, o.err, errBoom)
		}
	}
}

// A fuse is a listener that is called before the combinators' own.
type fuse func()

func (f fuse) Fire(int) promise.Chain {
	f()
	return promise.Chain{}
}

// ctx ends when a future is settled and its listeners have not been called yet.
func TestL7_SettledBeforeItsListenersAreCalled(t *testing.T) {
	for _, c := range combinators {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				ps, fs := promises(1)
				got := make(chan outcome)
				(*promise.Cell[int])(fs[0]).Listen(&promise.Listener{Target: fuse(func() {
					cancel()
					if o := <-got; o.err != nil || o.vs[0] != 7 {
						t.Errorf("got %v, want 7", o)
					}
				})})
				go func() { got <- c.call(ctx, fs[0], fs[0], fs[0]) }()
				synctest.Wait()
				ps[0].Resolve(7)
			})
		})
	}
}

func TestL7_AFailureBeatsADeadCtx(t *testing.T) {
	dead, cancel := context.WithCancel(t.Context())
	cancel()
	_, fs := promises(1)
	if _, err := future.All(dead, fs[0], future.Rejected[int](errBoom)); indexOf(err) != 1 || !errors.Is(err, errBoom) {
		t.Errorf("All: error %v, want item 1: %v", err, errBoom)
	}
	if i, _, err := future.Race(dead, fs[0], future.Rejected[int](errBoom)); i != 1 || err != errBoom {
		t.Errorf("Race: got %d, %v, want 1, %v", i, err, errBoom)
	}
	rs := future.Settle(dead, fs[0], future.Resolved(7))
	if !errors.Is(rs[0].Err, future.ErrNotReady) || rs[1].Value != 7 || rs[1].Err != nil {
		t.Errorf("Settle: got %v, want a WaitError and 7", rs)
	}
}

// L12: combinators cancel nothing, neither when they are decided nor when ctx ends.
func TestL12_CombinatorsNeverCancel(t *testing.T) {
	for _, c := range combinators {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				finish := make(chan struct{})
				work := future.Go(t.Context(), func(ctx context.Context) (int, error) {
					<-finish
					return 7, ctx.Err()
				})
				ps, fs := promises(1)
				ctx, cancel := context.WithCancel(t.Context())
				returned := make(chan outcome, 1)
				go func() { returned <- c.call(ctx, work, future.Resolved(1), future.Rejected[int](errBoom), fs[0]) }()
				synctest.Wait()
				cancel()
				<-returned
				checkPending(t, fs[0])
				if work.State() != future.Running {
					t.Errorf("the work is %v, want %v", work.State(), future.Running)
				}
				close(finish)
				ps[0].Resolve(7)
				checkSettled(t, fs[0], future.Succeeded, 7, nil)
				if v, err := work.Await(t.Context()); v != 7 || err != nil {
					t.Errorf("Await() of the work = %d, %v, want 7, nil", v, err)
				}
			})
		})
	}
}

func TestL19_OfNoFutures(t *testing.T) {
	dead, cancel := context.WithCancel(t.Context())
	cancel()
	for _, ctx := range []context.Context{t.Context(), dead} {
		if vs, err := future.All[int](ctx); len(vs) != 0 || vs == nil || err != nil {
			t.Errorf("All() = %v, %v, want empty, nil", vs, err)
		}
		if rs := future.Settle[int](ctx); len(rs) != 0 || rs == nil {
			t.Errorf("Settle() = %v, want empty", rs)
		}
		for i, r := range future.AsCompleted[int](ctx) {
			t.Errorf("AsCompleted() yields %d, %v, want nothing", i, r)
		}
		if i, v, err := future.Any[int](ctx); i != -1 || v != 0 || err != future.ErrNoFutures {
			t.Errorf("Any() = %d, %d, %v, want -1, 0, ErrNoFutures", i, v, err)
		}
		if i, v, err := future.Race[int](ctx); i != -1 || v != 0 || err != future.ErrNoFutures {
			t.Errorf("Race() = %d, %d, %v, want -1, 0, ErrNoFutures", i, v, err)
		}
	}
}

func TestL18_CombinatorsWithBadInput(t *testing.T) {
	var none context.Context
	ctx := context.Background()
	f := future.Resolved(1)
	var nilF *future.Future[int]
	fn := func(context.Context, int) (int, error) { return 0, nil }
	for want, bad := range map[string]func(){
		"future: All: ctx is nil":           func() { _, _ = future.All(none, f) },
		"future: All: fs[3] is nil":         func() { _, _ = future.All(ctx, f, f, f, nil) },
		"future: Settle: ctx is nil":        func() { future.Settle(none, f) },
		"future: Settle: fs[0] is nil":      func() { future.Settle(ctx, nilF) },
		"future: Any: ctx is nil":           func() { _, _, _ = future.Any(none, f) },
		"future: Any: fs[1] is nil":         func() { _, _, _ = future.Any(ctx, f, nil) },
		"future: Race: ctx is nil":          func() { _, _, _ = future.Race[int](none) },
		"future: Race: fs[1] is nil":        func() { _, _, _ = future.Race(ctx, f, nil) },
		"future: AsCompleted: ctx is nil":   func() { future.AsCompleted(none, f) },
		"future: AsCompleted: fs[1] is nil": func() { future.AsCompleted(ctx, f, nil) },
		"future: Join2: ctx is nil":         func() { _, _, _ = future.Join2(none, f, f) },
		"future: Join2: b is nil":           func() { _, _, _ = future.Join2(ctx, f, nilF) },
		"future: Join3: ctx is nil":         func() { _, _, _, _ = future.Join3(none, f, f, f) },
		"future: Join3: c is nil":           func() { _, _, _, _ = future.Join3(ctx, f, f, nilF) },
		"future: Then: ctx is nil":          func() { future.Then(none, f, fn) },
		"future: Then: f is nil":            func() { future.Then(ctx, nilF, fn) },
		"future: Then: fn is nil":           func() { future.Then[int, int](ctx, f, nil) },
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panicked with %v, want %q", got, want)
				}
			}()
			bad()
		}()
	}
}

// L20: what is there costs no channel and no listener; a wait costs the same few objects for
// three futures as for a thousand.
func TestL20_CombinatorsAllocations(t *testing.T) {
	dead, cancel := context.WithCancel(context.Background())
	cancel()
	there := slices.Repeat([]*future.Future[int]{future.Resolved(1)}, 1000)
	_, few := promises(3)
	_, many := promises(1000)
	for _, c := range combinators {
		if c.name == "Any" || c.name == "Race" {
			if got := testing.AllocsPerRun(100, func() { c.call(dead, there...) }); got != 1 {
				t.Errorf("%s of settled futures: %v allocations, want 1 for the outcome", c.name, got)
			}
		}
		if c.name == "Join3" {
			continue
		}
		c.call(dead, append(few, many...)...) // makes the cells' lists
		with3 := testing.AllocsPerRun(100, func() { c.call(dead, few...) })
		with1000 := testing.AllocsPerRun(100, func() { c.call(dead, many...) })
		if with1000 > with3+1 { // what is small may be on the stack
			t.Errorf("%s: %v allocations with 1000 pending futures, %v with 3", c.name, with1000, with3)
		}
	}
	if got := testing.AllocsPerRun(100, func() { _, _ = future.All(dead, there...) }); got != 1 {
		t.Errorf("All of settled futures: %v allocations, want 1", got)
	}
}
