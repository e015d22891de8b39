package pool_test

import (
	"bytes"
	"context"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// goleak, in TestMain, sees what is left when pools are down. The goroutine-leak profile sees
// what is blocked for good while they are open, and what nothing alive can reach any more: a helper
// of a loop that was left, an awaiter of a future that was dropped.
func TestL13_LeakProfile(t *testing.T) {
	if pprof.Lookup("goroutineleak") == nil {
		t.Skip("this build has no goroutine-leak profile; make leaks has")
	}
	never := func() *intFuture { return future.NewPromise[int]().Future() }
	count := slices.Values([]int{1, 2, 3, 4, 5, 6, 7, 8})
	for _, tt := range []struct {
		name string
		do   func(ctx context.Context, p *intPool)
	}{
		{"futures that nobody awaits", func(ctx context.Context, p *intPool) {
			for i := range 100 {
				p.Submit(ctx, inc, i)
			}
		}},
		{"waits that are given up", func(ctx context.Context, p *intPool) {
			ended := deadCtx(errBoom)
			_, _ = never().Await(ended)
			_, _ = future.All(ended, never(), never())
			_, _, _ = future.Any(ended, never())
			future.Settle(ended, never())
			_, _ = p.Submit(ctx, untilDone, 1).Await(ended)
		}},
		{"combinators that need not wait", func(ctx context.Context, p *intPool) {
			f := p.Submit(ctx, inc, 1)
			_, _, _ = future.Any(ctx, never(), f)
			_, _, _ = future.Race(ctx, never(), f)
			for range future.AsCompleted(ctx, never(), f) {
				break
			}
		}},
		{"what waits for a future that never settles", func(ctx context.Context, p *intPool) {
			future.Then(ctx, never(), inc)
			never().AfterFunc(func(future.Result[int]) {})
			never().Done()
			p.SubmitAfter(ctx, never(), inc)
		}},
		{"streams that are left", func(ctx context.Context, p *intPool) {
			for range p.Stream(ctx, inc, count) {
				break
			}
			for range p.StreamUnordered(ctx, inc, count) {
				break
			}
		}},
		{"many tasks, of which one fails", func(ctx context.Context, p *intPool) {
			fails := func(_ context.Context, n int) (int, error) { return n, errBoom }
			_, _ = p.Map(ctx, fails, []int{1, 2, 3, 4})
			_, _ = p.First(ctx, inc, 1, 2, 3)
			_ = p.Scope(ctx, func(_ context.Context, g *pool.Group[int, int]) error {
				g.Go(fails, 1)
				g.Submit(untilDone, 1)
				return nil
			})
		}},
		{"a submit that is given up", func(ctx context.Context, p *intPool) {
			short, cancel := context.WithCancel(ctx)
			g := make(gate)
			for i := range 9 { // the worker and the queue
				p.Submit(ctx, g.hold, i)
			}
			submit := start(func() { p.Submit(short, inc, 9) })
			synctest.Wait()
			cancel()
			<-submit
			g.open()
		}},
		{"a shared pool that is not closed", func(ctx context.Context, p *intPool) {
			pool.Share[int, int](p).Submit(ctx, inc, 1)
		}},
		{"a pool that is not closed", func(ctx context.Context, _ *intPool) {
			_, _ = pool.New[int, int](pool.WithIdleTimeout(time.Millisecond)).Do(ctx, inc, 1)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(1), pool.WithQueue(8)), func(t *testing.T, p *intPool) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				tt.do(ctx, p)
				synctest.Wait()
				if stacks, _ := leaked(t); len(stacks) > 0 {
					t.Errorf("%d goroutines are blocked for good:\n%s", len(stacks), strings.Join(stacks, "\n\n"))
				}
				time.Sleep(time.Second) // in the bubble: until the workers of pools that are not closed retire
			})
		})
	}

	// The control: a profile that finds nothing anywhere would find nothing above.
	go plant(make(chan struct{}))
	for range 1000 { // until it blocks
		if _, plants := leaked(t); plants > 0 {
			return
		}
	}
	t.Error("the profile does not show the goroutine that was planted")
}

// plant blocks for good. TestMain knows it.
//
//go:noinline
func plant(c chan struct{}) { <-c }

// leaked returns the stacks in the profile, and how many more are those of plant.
func leaked(t *testing.T) (stacks []string, plants int) {
	t.Helper()
	var all bytes.Buffer
	if err := pprof.Lookup("goroutineleak").WriteTo(&all, 2); err != nil {
		t.Fatal(err)
	}
	for stack := range strings.SplitSeq(all.String(), "\n\n") {
		switch {
		case !strings.Contains(stack, "(leaked)"):
		case strings.Contains(stack, "pool_test.plant("):
			plants++
		default:
			stacks = append(stacks, stack)
		}
	}
	return stacks, plants
}
