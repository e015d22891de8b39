package pool_test

import (
	"context"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/pool"
)

// A Queued hook that ends its goroutine loses no task of those operations that join what they
// start, whichever of their submits it is called for, and nobody's slot.
func TestL12_QueuedHookGoexits(t *testing.T) {
	args := numbers(6)
	for _, tt := range []struct {
		name string
		do   func(ctx context.Context, p *intPool, fn intFunc)
	}{
		{"Map", func(ctx context.Context, p *intPool, fn intFunc) { _, _ = p.Map(ctx, fn, args) }},
		{"First", func(ctx context.Context, p *intPool, fn intFunc) { _, _ = p.First(ctx, fn, args...) }},
		{"Stream", func(ctx context.Context, p *intPool, fn intFunc) {
			for range p.Stream(ctx, fn, slices.Values(args)) {
			}
		}},
		{"StreamUnordered", func(ctx context.Context, p *intPool, fn intFunc) {
			for range p.StreamUnordered(ctx, fn, slices.Values(args)) {
			}
		}},
	} {
		for _, inside := range []bool{false, true} {
			for nth := int64(0); ; nth++ {
				var calls, running atomic.Int64
				hooks := &pool.Hooks{Queued: func(pool.TaskInfo) {
					if calls.Add(1) == nth+1 {
						runtime.Goexit()
					}
				}}
				synctest.Test(t, func(t *testing.T) {
					p := pool.New[int, int](pool.WithWorkers(2), pool.WithHooks(hooks))
					g := make(gate)
					body := func(ctx context.Context) {
						defer func() {
							if n := running.Load(); n != 0 {
								t.Errorf("%s, inside %t, hook %d: %d items run after it", tt.name, inside, nth, n)
							}
						}()
						tt.do(ctx, p, func(ctx context.Context, n int) (int, error) {
							running.Add(1)
							defer running.Add(-1)
							return g.hold(ctx, n)
						})
					}
					over := start(func() {
						if !inside {
							body(t.Context())
							return
						}
						p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) { body(ctx); return n, nil }, 0)
					})
					synctest.Wait()
					g.open()
					<-over
					_ = p.Close()
					wantBalance(t, p)
				})
				if calls.Load() <= nth { // there is no such call: all have had their turn
					if nth < 2 {
						t.Errorf("%s, inside %t: %d calls of the hook, want 2 or more", tt.name, inside, calls.Load())
					}
					break
				}
			}
		}
	}
}
