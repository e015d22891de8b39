package pool_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/pool"
)

// A view of a pool has types of its own, and so has a view of the view.
func TestShare_OwnTypes(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
		v := pool.Share[int, string](p)
		w := pool.Share[string, []string](v)
		f := w.Submit(t.Context(), func(ctx context.Context, s string) ([]string, error) {
			n, err := p.Do(ctx, inc, 41)
			if err != nil {
				return nil, err
			}
			text, err := v.Do(ctx, func(_ context.Context, n int) (string, error) { return strconv.Itoa(n), nil }, n)
			return []string{s, text}, err
		}, "answer")
		got, err := f.Await(t.Context())
		if err != nil || strings.Join(got, " ") != "answer 42" {
			t.Errorf("task of a view of a view: got %q, %v", got, err)
		}
		for name, s := range map[string]pool.Stats{"p": p.Stats(), "v": v.Stats(), "w": w.Stats()} {
			if s.Accepted != 1 || s.Succeeded != 1 {
				t.Errorf("%s: got %+v, want its one task", name, s)
			}
		}
	})
}

// panicOf returns what f panics with, as a string.
func panicOf(f func()) (text string) {
	defer func() { text, _ = recover().(string) }()
	f()
	return ""
}

func TestShare_BadInput(t *testing.T) {
	p := pool.New[int, int]()
	defer p.Close()
	share := func(opts ...pool.Option) func() {
		return func() { pool.Share[int, int](p, opts...) }
	}
	for name, f := range map[string]func(){
		"p is nil":           func() { pool.Share[int, int]((*intPool)(nil)) },
		"option 1 is nil":    share(pool.WithName(""), nil),
		"WithQueue":          share(pool.WithQueue(1)),
		"WithUnboundedQueue": share(pool.WithUnboundedQueue()),
		"WithIdleTimeout":    share(pool.WithIdleTimeout(1)),
		"WithWorkerInit": share(pool.WithWorkerInit(func(ctx context.Context) (context.Context, func()) {
			return ctx, nil
		})),
	} {
		if got := panicOf(f); !strings.HasPrefix(got, "pool: Share: ") || !strings.Contains(got, name) {
			t.Errorf("Share: got panic %q, want one that names %s", got, name)
		}
	}
	// p's own such options are no mistake.
	q := pool.New[int, int](pool.WithQueue(7), pool.WithIdleTimeout(time.Second))
	defer q.Close()
	if got := pool.Share[int, int](q).Stats().QueueCap; got != 7 {
		t.Errorf("QueueCap of a view: got %d, want the 7 of the parent", got)
	}
	for what, f := range map[string]func(v *intPool){
		"Submit: fn":      func(v *intPool) { v.Submit(t.Context(), nil, 1) },
		"Go: fn":          func(v *intPool) { _ = v.Go(t.Context(), nil, 1) },
		"Resize: workers": func(v *intPool) { v.Resize(0) },
	} {
		if got := panicOf(func() { f(pool.Share[int, int](p)) }); !strings.HasPrefix(got, "pool: "+what) {
			t.Errorf("on a view: got panic %q, want pool: %s ...", got, what)
		}
	}
}

// The limit is the parent's, also after its Resize, or the view's own.
func TestShare_Limit(t *testing.T) {
	bubble(t, options(pool.WithWorkers(4)), func(t *testing.T, p *intPool) {
		same, own := pool.Share[int, int](p), pool.Share[int, int](p, pool.WithWorkers(2))
		inner := pool.Share[int, int](same)
		wantLimits := func(what string, limits ...int) {
			t.Helper()
			for i, q := range []*intPool{p, same, own, inner} {
				if got := q.Stats().Limit; got != limits[i] {
					t.Errorf("%s: limit of pool %d: got %d, want %d", what, i, got, limits[i])
				}
			}
		}
		wantLimits("at first", 4, 4, 2, 4)
		p.Resize(6)
		wantLimits("after p.Resize", 6, 6, 2, 6)
		own.Resize(3)
		same.Resize(5)
		wantLimits("after Resize of the views", 6, 5, 3, 5)
		p.Resize(1)
		wantLimits("after p.Resize, of views that have their own", 1, 5, 3, 5)

		// It is not only told.
		p.Resize(8)
		fresh := pool.Share[int, int](p)
		p.Resize(9)
		g := make(gate)
		for range 10 {
			fresh.Submit(t.Context(), g.hold, 0)
		}
		synctest.Wait()
		if got := fresh.Stats().Running; got != 9 {
			t.Errorf("running in a view after p.Resize(9): got %d, want 9", got)
		}
		g.open()
		_ = fresh.Close()
	})
}

// A value of the parent's ctx, of the view's, and of the submitter's: the nearest one counts.
func TestShare_ContextValues(t *testing.T) {
	type key int
	with := func(ctx context.Context, keys ...key) context.Context {
		for _, k := range keys {
			ctx = context.WithValue(ctx, k, ctx)
		}
		return ctx
	}
	parents := with(t.Context(), 0, 1)
	views := with(t.Context(), 1, 2)
	submit := with(t.Context(), 2)
	p := pool.New[key, any](pool.WithContext(parents))
	defer p.Close()
	value := func(ctx context.Context, k key) (any, error) { return ctx.Value(k), nil }
	same, own := pool.Share[key, any](p), pool.Share[key, any](p, pool.WithContext(views))
	for _, c := range []struct {
		what string
		p    *pool.Pool[key, any]
		k    key
		want any
	}{
		{"of the parent's, in a view", same, 1, parents.Value(key(1))},
		{"of the parent's, in a view with its own", own, 0, nil},
		{"of the view's own", own, 1, views.Value(key(1))},
		{"of the submitter's", own, 2, submit.Value(key(2))},
	} {
		if got, _ := c.p.Do(submit, value, c.k); got != c.want {
			t.Errorf("value %s ctx: got %v, want %v", c.what, got, c.want)
		}
	}
}
