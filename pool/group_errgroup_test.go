package pool_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/forebay-go/forebay/pool"
)

// An errgroupLike has the methods of errgroup.Group.
type errgroupLike interface {
	Go(fn func() error)
	TryGo(fn func() error) bool
	SetLimit(n int)
	Wait() error
}

type errgroupPool = pool.Pool[func() error, struct{}]

// A poolErrgroup is a group of a pool with errgroup's methods. One of errgroup's can be used
// again after Wait, so this opens the next then, and remembers the first error and the limit.
type poolErrgroup struct {
	*pool.Group[func() error, struct{}]
	pool  *errgroupPool
	limit int
	err   error
}

func newPoolErrgroup(p *errgroupPool, ctx context.Context) (*poolErrgroup, context.Context) {
	g, ctx := p.Group(ctx)
	return &poolErrgroup{Group: g, pool: p, limit: -1}, ctx
}

func call(_ context.Context, fn func() error) (struct{}, error) { return struct{}{}, fn() }

func (g *poolErrgroup) Go(fn func() error)         { g.Group.Go(call, fn) }
func (g *poolErrgroup) TryGo(fn func() error) bool { return g.Group.TryGo(call, fn) }

func (g *poolErrgroup) Wait() error {
	if _, err := g.Group.Wait(); g.err == nil {
		g.err = err
	}
	g.Group, _ = g.pool.Group(context.Background(), pool.Limit(g.limit))
	return g.err
}

func (g *poolErrgroup) SetLimit(n int) {
	g.Group.SetLimit(n)
	g.limit = n
}

// An errgroupMaker makes groups of one of the two kinds.
type errgroupMaker struct {
	newErrgroup func() errgroupLike
	withContext func(ctx context.Context) (errgroupLike, context.Context)
}

// eachErrgroup runs test in a bubble with errgroup's own group, which shows that what it wants
// holds there, and with that of a pool.
func eachErrgroup(t *testing.T, test func(t *testing.T, m errgroupMaker)) {
	t.Run("errgroup", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			test(t, errgroupMaker{
				func() errgroupLike { return new(errgroup.Group) },
				func(ctx context.Context) (errgroupLike, context.Context) { return errgroup.WithContext(ctx) },
			})
		})
	})
	t.Run("pool", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := pool.New[func() error, struct{}](pool.WithWorkers(100))
			test(t, errgroupMaker{
				func() errgroupLike { g, _ := newPoolErrgroup(p, t.Context()); return g },
				func(ctx context.Context) (errgroupLike, context.Context) { return newPoolErrgroup(p, ctx) },
			})
			_ = p.Close()
		})
	})
}

var (
	errOne = errors.New("errgroup: 1")
	errTwo = errors.New("errgroup: 2")
)

func TestErrgroup_FirstErrorWins(t *testing.T) {
	eachErrgroup(t, func(t *testing.T, m errgroupMaker) {
		for _, errs := range [][]error{{}, {nil}, {errOne}, {errOne, nil}, {errOne, nil, errTwo}, {nil, errTwo, errOne}} {
			g := m.newErrgroup()
			var first error
			for i, err := range errs {
				g.Go(func() error { return err })
				if first == nil {
					first = err
				}
				if got := g.Wait(); got != first {
					t.Errorf("Wait after Go with %v: got %v, want %v", errs[:i+1], got, first)
				}
			}
		}
	})
}

func TestErrgroup_WithContext(t *testing.T) {
	eachErrgroup(t, func(t *testing.T, m errgroupMaker) {
		for _, tt := range []struct {
			errs []error
			want error
		}{
			{nil, nil},
			{[]error{nil}, nil},
			{[]error{errOne}, errOne},
			{[]error{errOne, nil}, errOne},
		} {
			for _, try := range []bool{false, true} {
				g, ctx := m.withContext(t.Context())
				if ctx.Err() != nil {
					t.Errorf("ctx of a new group: got %v, want nil", ctx.Err())
				}
				for _, err := range tt.errs {
					if try {
						g.TryGo(func() error { return err })
					} else {
						g.Go(func() error { return err })
					}
					synctest.Wait()
				}
				if err := g.Wait(); err != tt.want {
					t.Errorf("Wait after tasks that return %v: got %v, want %v", tt.errs, err, tt.want)
				}
				cause := tt.want
				if cause == nil {
					cause = context.Canceled
				}
				if got := context.Cause(ctx); got != cause {
					t.Errorf("cause of the ctx after Wait, tasks returned %v: got %v, want %v", tt.errs, got, cause)
				}
			}
		}
	})
}

// The ctx ends with the first error already, and the others may see it.
func TestErrgroup_FirstErrorCancels(t *testing.T) {
	eachErrgroup(t, func(t *testing.T, m errgroupMaker) {
		g, ctx := m.withContext(t.Context())
		for range 3 {
			g.Go(func() error { <-ctx.Done(); return ctx.Err() })
		}
		synctest.Wait()
		g.Go(func() error { return errOne })
		if err := g.Wait(); err != errOne {
			t.Errorf("Wait: got %v, want %v", err, errOne)
		}
	})
}

func TestErrgroup_WaitWaitsForAll(t *testing.T) {
	eachErrgroup(t, func(t *testing.T, m errgroupMaker) {
		g, end := m.newErrgroup(), make(gate)
		var ended atomic.Int64
		for range 3 {
			g.Go(func() error { <-end; ended.Add(1); return nil })
		}
		over := start(func() { _ = g.Wait() })
		wantOver(t, "Wait while tasks run", over, false)
		end.open()
		wantOver(t, "Wait", over, true)
		if n := ended.Load(); n != 3 {
			t.Errorf("tasks that have ended: got %d, want 3", n)
		}
	})
}

func TestErrgroup_TryGo(t *testing.T) {
	eachErrgroup(t, func(t *testing.T, m errgroupMaker) {
		g := m.newErrgroup()
		const n = 42
		for _, limit := range []int{n, 1} { // the limit may be changed after Wait
			g.SetLimit(limit)
			for range 2 {
				end := make(gate)
				fn := func() error { <-end; return nil }
				for i := range limit {
					if !g.TryGo(fn) {
						t.Errorf("TryGo number %d with a limit of %d: got false", i+1, limit)
					}
				}
				if g.TryGo(fn) {
					t.Errorf("TryGo at the limit of %d: got true", limit)
				}
				end.open()
				_ = g.Wait()
			}
		}
		g.SetLimit(0)
		for range 100 {
			if g.TryGo(func() error { return nil }) {
				t.Error("TryGo with a limit of 0: got true")
			}
		}
		if err := g.Wait(); err != nil {
			t.Errorf("Wait of nothing: %v", err)
		}
	})
}

func TestErrgroup_GoBlocksAtTheLimit(t *testing.T) {
	eachErrgroup(t, func(t *testing.T, m errgroupMaker) {
		g, end := m.newErrgroup(), make(chan struct{})
		g.SetLimit(2)
		fn := func() error { <-end; return nil }
		for range 2 {
			over := start(func() { g.Go(fn) })
			wantOver(t, "Go below the limit", over, true)
		}
		third := start(func() { g.Go(fn) })
		wantOver(t, "Go at the limit", third, false)
		end <- struct{}{}
		wantOver(t, "Go when a task has ended", third, true)
		close(end)
		_ = g.Wait()
	})
}

func TestErrgroup_LimitIsNeverExceeded(t *testing.T) {
	eachErrgroup(t, func(t *testing.T, m errgroupMaker) {
		const limit = 10
		g := m.newErrgroup()
		g.SetLimit(limit)
		var active gauge
		for range scaled(1000) {
			g.Go(func() error {
				active.enter()
				defer active.leave()
				time.Sleep(time.Nanosecond) // in the bubble: until nobody else can go on
				return nil
			})
		}
		_ = g.Wait()
		active.wantPeak(t, limit)
		if peak := active.peak.Load(); peak != limit {
			t.Errorf("tasks at once: got %d, want the limit of %d to be reached", peak, limit)
		}
	})
}

func TestErrgroup_NegativeLimitIsNone(t *testing.T) {
	eachErrgroup(t, func(t *testing.T, m errgroupMaker) {
		g, end := m.newErrgroup(), make(gate)
		g.SetLimit(1)
		g.SetLimit(-1)
		for range 50 {
			g.Go(func() error { <-end; return nil })
		}
		if !g.TryGo(func() error { return nil }) {
			t.Error("TryGo without a limit: got false")
		}
		end.open()
		_ = g.Wait()
	})
}

func TestErrgroup_SetLimitWhileTasksRunPanics(t *testing.T) {
	eachErrgroup(t, func(t *testing.T, m errgroupMaker) {
		g, end := m.newErrgroup(), make(gate)
		g.SetLimit(3)
		g.Go(func() error { <-end; return nil })
		synctest.Wait()
		if panicked := recovered(func() { g.SetLimit(2) }); panicked == nil {
			t.Error("SetLimit while a task runs: got no panic")
		}
		end.open()
		if err := g.Wait(); err != nil {
			t.Errorf("Wait: %v", err)
		}
		g.SetLimit(2) // no tasks: fine
		_ = g.Wait()
	})
}

// recovered returns what f panicked with, or nil.
func recovered(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}
