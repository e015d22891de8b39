package pool_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/forebay-go/forebay/pool"
)

// The end of Shutdown's ctx reaches the tasks of pools that share the workers, directly or not,
// and Shutdown says that it has ended something.
func TestL8_ShutdownReachesSharedPools(t *testing.T) {
	for _, tt := range []struct {
		name       string
		end, works func(p, v, w *intPool) *intPool
	}{
		{"the parent's, of a view's", func(p, _, _ *intPool) *intPool { return p }, func(_, v, _ *intPool) *intPool { return v }},
		{"the parent's, of a view's view's", func(p, _, _ *intPool) *intPool { return p }, func(_, _, w *intPool) *intPool { return w }},
		{"the view's, of its view's", func(_, v, _ *intPool) *intPool { return v }, func(_, _, w *intPool) *intPool { return w }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, nil, func(t *testing.T, p *intPool) {
				v := pool.Share[int, int](p)
				w := pool.Share[int, int](v)
				f := tt.works(p, v, w).Submit(t.Context(), untilDone, 1)
				ctx, cancel := context.WithTimeoutCause(context.Background(), time.Second, errBoom)
				defer cancel()
				if err := tt.end(p, v, w).Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("Shutdown: got %v, want the error of its ctx", err)
				}
				if _, err := f.Await(context.Background()); !errors.Is(err, errBoom) {
					t.Errorf("the task: got %v, want the cause", err)
				}
			})
		})
	}
}

// A dead ctx ends nothing where nothing is left.
func TestShutdown_DeadCtxAndIdleSharedPools(t *testing.T) {
	bubble(t, nil, func(t *testing.T, p *intPool) {
		v := pool.Share[int, int](p)
		wantValue(t, "a view's task", v.Submit(t.Context(), inc, 1), 2)
		if err := p.Shutdown(deadCtx(errBoom)); err != nil {
			t.Errorf("Shutdown: got %v, want nil", err)
		}
	})
}
