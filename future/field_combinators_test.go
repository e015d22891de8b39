package future_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
)

// 10: one cancelled wait poisons the future for everybody; so may a combinator's.
func TestField10_CancelledCombinatorPoisonsNobody(t *testing.T) {
	dead, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range combinators {
		ps, fs := promises(3)
		c.call(dead, fs...)
		for _, p := range ps {
			p.Resolve(7)
		}
		if o := c.call(t.Context(), fs...); o.err != nil || o.vs[0] != 7 {
			t.Errorf("%s after a cancelled wait: got %v, want 7", c.name, o)
		}
	}
}

// 27: racing a long-lived future leaks one waiter a call.
func TestField27_CombinatorsLeaveNoWaiters(t *testing.T) {
	p := future.NewPromise[int]()
	never := p.Future()
	dead, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range combinators {
		n := many() / 5
		if c.name == "Race" && !testing.Short() {
			n = 1_000_000
		}
		checkFlat(t, c.name+" with a dead ctx", n, func() { c.call(dead, never, never) })
	}
	// Waits that another future decides, which settles while the combinator listens.
	for _, c := range combinators {
		switch c.name {
		case "Any", "Race":
			checkFlat(t, c.name+" against one that settles", many()/10, func() {
				q := future.NewPromise[int]()
				ctx := settlingCtx{dead, func() { q.Resolve(7) }}
				if o := c.call(ctx, never, q.Future()); o.index != 1 {
					t.Errorf("%s: index %d, want 1: %v", c.name, o.index, o.err)
				}
			})
		}
	}
	checkFlat(t, "AsCompleted and break", many()/10, func() {
		for range future.AsCompleted(t.Context(), future.Resolved(1), never) {
			break
		}
	})
	checkFlat(t, "AsCompleted and a panic", many()/10, func() {
		defer func() { _ = recover() }()
		for range future.AsCompleted(t.Context(), future.Resolved(1), never) {
			panic("boom")
		}
	})
	fn := func(context.Context, int) (int, error) { return 0, nil }
	checkFlat(t, "Then and Cancel", many()/10, func() { future.Then(t.Context(), never, fn).Cancel(nil) })
	checkFlat(t, "Then and the end of ctx", many(), func() {
		ctx, cancel := context.WithCancel(t.Context())
		f := future.Then(ctx, never, fn)
		cancel()
		<-f.Done()
	})
	runtime.KeepAlive(p)
}

// chain returns the last of n Thens behind f, and the first.
func chain(ctx context.Context, f *future.Future[int], n int) (first, last *future.Future[int]) {
	for i := range n {
		f = future.Then(ctx, f, func(_ context.Context, v int) (int, error) { return v + 1, nil })
		if i == 0 {
			first = f
		}
	}
	return first, f
}

// stacks returns the bytes of memory in stacks.
func stacks() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.StackInuse)
}

// 32: a panic in a recursive chain of settled futures overflows the stack. Here chains of
// many links settle from their head on, and whoever settles it does so in little stack.
func TestField32_ChainsAreFlat(t *testing.T) {
	n := many()
	explodeAt := func(p *future.Promise[int]) *future.Future[int] {
		return future.Then(context.Background(), p.Future(), func(context.Context, int) (int, error) {
			explode(errBoom)
			return 0, nil
		})
	}
	for _, tt := range []struct {
		name   string
		settle func(p *future.Promise[int], first *future.Future[int])
		head   func(p *future.Promise[int]) *future.Future[int]
		state  future.State
		v      int
		err    error
	}{
		{"resolved", func(p *future.Promise[int], _ *future.Future[int]) { p.Resolve(0) }, nil, future.Succeeded, n, nil},
		{"rejected", func(p *future.Promise[int], _ *future.Future[int]) { p.Reject(errBoom) }, nil, future.Failed, 0, errBoom},
		{"panicked", func(p *future.Promise[int], _ *future.Future[int]) { p.Resolve(0) }, explodeAt, future.Failed, 0, errBoom},
		{"head cancelled", func(p *future.Promise[int], _ *future.Future[int]) { p.Future().Cancel(errBoom) }, nil, future.Canceled, 0, errBoom},
		{"first Then cancelled", func(_ *future.Promise[int], f *future.Future[int]) { f.Cancel(errBoom) }, nil, future.Canceled, 0, errBoom},
	} {
		p := future.NewPromise[int]()
		head := p.Future()
		if tt.head != nil {
			head = tt.head(p)
		}
		first, last := chain(context.Background(), head, n)
		before := stacks()
		tt.settle(p, first)
		<-last.Done()
		if grown := stacks() - before; grown > int64(16*n) {
			t.Errorf("%s: stacks grew by %d bytes with a chain of %d", tt.name, grown, n)
		}
		checkSettled(t, last, tt.state, tt.v, tt.err)
	}
	// Settled links: nothing is chained.
	f := future.Resolved(0)
	for range n {
		f = future.Then(t.Context(), f, func(_ context.Context, v int) (int, error) { return v + 1, nil })
		<-f.Done()
	}
	checkSettled(t, f, future.Succeeded, n, nil)
	f = future.Rejected[int](errBoom)
	_, f = chain(t.Context(), f, n)
	checkSettled(t, f, future.Failed, 0, errBoom)
}

// The ctx of all links ends: each of them settles, whichever tells it.
func TestField32_ChainWhoseCtxEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		_, last := chain(ctx, future.NewPromise[int]().Future(), many()/10)
		cancel(errBoom)
		<-last.Done()
		checkSettled(t, last, future.Canceled, 0, errBoom)
	})
}
