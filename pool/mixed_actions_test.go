package pool_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// A caller is one call of a tree while it runs.
type caller struct {
	*trees
	under []*limited
	depth int // of the calls below it, at most
	rng   *rand.Rand
}

// call makes a task that calls others, as the seed and its argument say.
func (tr *trees) call(under []*limited, depth int, seed uint64) intFunc {
	return func(ctx context.Context, n int) (int, error) {
		c := &caller{trees: tr, under: under, depth: depth, rng: rand.New(rand.NewPCG(seed, uint64(n)))}
		c.each((*gauge).enter)
		defer c.each((*gauge).leave)
		if depth > 0 {
			for range 1 + c.rng.IntN(2) {
				c.act(ctx)
			}
		}
		return n, c.finish(ctx)
	}
}

// below makes a task of p, or of a group of it that has limits of its own.
func (c *caller) below(p *treePool, own ...*limited) intFunc {
	return c.call(slices.Concat(p.under, own), c.rng.IntN(c.depth), c.rng.Uint64())
}

// leaf makes a task that calls nothing.
func (c *caller) leaf(p *treePool) intFunc { return c.call(p.under, 0, c.rng.Uint64()) }

// act does something with one of the pools. It counts as a wait, from beginning to end.
func (c *caller) act(ctx context.Context) {
	p := c.pools[c.rng.IntN(len(c.pools))]
	ctx, cancel := c.derive(ctx)
	defer cancel()
	c.outside(func() { treeActions[c.rng.IntN(len(treeActions))](c, ctx, p) })
}

func (c *caller) finish(ctx context.Context) error {
	switch c.rng.IntN(6) {
	case 0:
		c.pause()
	case 1:
		runtime.Gosched()
	case 2:
		c.outside(func() { pool.Block(ctx, c.pause) })
	}
	if c.weird {
		switch c.rng.IntN(20) {
		case 0:
			return errAnyTask
		case 1:
			runtime.Goexit()
		case 2:
			panic(errAnyTask)
		}
	}
	return nil
}

// derive makes a context that may end early.
func (c *caller) derive(ctx context.Context) (context.Context, context.CancelFunc) {
	switch c.rng.IntN(8) {
	case 0:
		return context.WithCancel(ctx)
	case 1:
		return context.WithTimeout(ctx, time.Duration(c.rng.IntN(300))*time.Microsecond)
	case 2:
		type key struct{}
		return context.WithValue(ctx, key{}, c), func() {}
	case 3:
		ctx, cancel := context.WithCancelCause(ctx)
		k := c.rng.IntN(20)
		c.left.Go(func() {
			for range k {
				runtime.Gosched()
			}
			cancel(errStop)
		})
		return ctx, func() { cancel(nil) }
	default:
		return ctx, func() {}
	}
}

func (c *caller) each(do func(*gauge)) {
	for _, l := range c.under {
		do(&l.gauge)
	}
}

// outside calls wait outside of the gauges. wait may end the goroutine.
func (c *caller) outside(wait func()) {
	c.each((*gauge).leave)
	defer c.each((*gauge).enter)
	wait()
}

func (c *caller) maybeCancel(f *intFuture) {
	if c.rng.IntN(4) == 0 {
		f.Cancel(errStop)
	}
}

// treeActions is what calls do.
var treeActions []func(c *caller, ctx context.Context, p *treePool)

func init() { // they make calls, which do them
	treeActions = []func(c *caller, ctx context.Context, p *treePool){
		(*caller).submit,
		(*caller).submit,
		(*caller).trySubmit,
		(*caller).submitAll,
		(*caller).mapAll,
		(*caller).stream,
		(*caller).streamUnordered,
		(*caller).first,
		(*caller).group,
		(*caller).group,
		(*caller).group,
		(*caller).scope,
		(*caller).submitWeighted,
		(*caller).submitAfter,
		(*caller).fire,
		(*caller).resize,
		(*caller).stray,
		(*caller).strayInGroup,
	}
}

func (c *caller) submit(ctx context.Context, p *treePool) {
	f := p.Submit(ctx, c.below(p), 0)
	c.futures.add(f)
	c.maybeCancel(f)
	_, _ = f.Await(ctx)
}

func (c *caller) trySubmit(ctx context.Context, p *treePool) {
	f, err := p.TrySubmit(ctx, c.below(p), 0)
	accept(c.t, "TrySubmit", err, pool.ErrFull, pool.ErrClosed, future.ErrCanceled)
	if f == nil {
		return
	}
	c.futures.add(f)
	_, _ = f.Await(ctx)
}

func (c *caller) submitAll(ctx context.Context, p *treePool) {
	fs := p.SubmitAll(ctx, c.below(p), numbers(c.rng.IntN(4)))
	for _, f := range fs {
		c.futures.add(f)
	}
	if c.rng.IntN(2) == 0 {
		future.Settle(ctx, fs...)
		return
	}
	for range future.AsCompleted(ctx, fs...) {
	}
}

func (c *caller) mapAll(ctx context.Context, p *treePool) {
	args := numbers(c.rng.IntN(4))
	if rs, err := p.Map(ctx, c.below(p), args); err == nil && len(rs) != len(args) {
		c.t.Errorf("Map: got %d results, want %d", len(rs), len(args))
	}
}

func (c *caller) stream(ctx context.Context, p *treePool) {
	stop := c.rng.IntN(6)
	args := slices.Values(numbers(c.rng.IntN(5)))
	for range p.Stream(ctx, c.below(p), args, pool.Window(1+c.rng.IntN(2))) {
		if stop--; stop < 0 {
			break
		}
	}
}

func (c *caller) streamUnordered(ctx context.Context, p *treePool) {
	stop := c.rng.IntN(6)
	args := slices.Values(numbers(c.rng.IntN(5)))
	for range p.StreamUnordered(ctx, c.below(p), args, pool.Window(1+c.rng.IntN(2))) {
		if stop--; stop < 0 {
			break
		}
	}
}

func (c *caller) first(ctx context.Context, p *treePool) {
	_, _ = p.First(ctx, c.below(p), numbers(c.rng.IntN(4))...)
}

// group opens a group, in the task that c is: no other task adds to it.
func (c *caller) group(ctx context.Context, p *treePool) {
	var opts []pool.GroupOption
	var own []*limited
	if c.rng.IntN(3) > 0 {
		l := c.limited("a group", 1+c.rng.IntN(2))
		opts, own = append(opts, pool.Limit(l.limit)), append(own, l)
	}
	if c.rng.IntN(3) == 0 {
		opts = append(opts, pool.JoinErrors(3))
	}
	g, _ := p.Group(ctx, opts...)
	defer g.Stop() // if something that runs here ends the goroutine
	var fs []*intFuture
	for i := range c.rng.IntN(4) {
		switch fn := c.below(p, own...); c.rng.IntN(3) {
		case 0:
			g.Go(fn, i)
		case 1:
			g.TryGo(fn, i)
		default:
			fs = append(fs, g.Submit(fn, i))
			c.futures.add(fs[len(fs)-1])
		}
	}
	if len(fs) > 0 {
		f := fs[c.rng.IntN(len(fs))]
		c.maybeCancel(f)
		if c.rng.IntN(2) == 0 {
			_, _ = f.Await(ctx)
		}
	}
	if c.rng.IntN(3) == 0 {
		g.Stop()
	}
	if rs, _ := g.Wait(); len(rs) != len(fs) {
		c.t.Errorf("Wait of a group: got %d results, want %d", len(rs), len(fs))
	}
}

func (c *caller) scope(ctx context.Context, p *treePool) {
	l := c.limited("a scope", 1)
	_ = p.Scope(ctx, func(ctx context.Context, g *intGroup) error {
		g.Go(c.below(p, l), 0)
		f := g.Submit(c.below(p, l), 1)
		c.futures.add(f)
		_, err := f.Await(ctx)
		return err
	}, pool.Limit(l.limit))
}

// submitWeighted submits only leaves: a task that has its weight and awaits others with one may wait
// for ever, as its doc says.
func (c *caller) submitWeighted(ctx context.Context, p *treePool) {
	f := p.SubmitWeighted(ctx, 1+c.rng.Int64N(3), c.leaf(p), 0)
	c.futures.add(f)
	c.maybeCancel(f)
	_, _ = f.Await(ctx)
}

func (c *caller) submitAfter(ctx context.Context, p *treePool) {
	first := p.Submit(ctx, c.below(p), 0)
	arg := first
	if c.rng.IntN(2) == 0 {
		arg = future.Then(ctx, first, func(_ context.Context, n int) (int, error) { return n + 1, nil })
	}
	f := p.SubmitAfter(ctx, arg, c.below(p))
	c.futures.add(first)
	c.futures.add(f)
	c.maybeCancel(f)
	_, _ = f.Await(ctx)
}

func (c *caller) fire(ctx context.Context, p *treePool) {
	accept(c.t, "Go", p.Go(ctx, c.below(p), 0), pool.ErrFull, pool.ErrClosed, future.ErrCanceled)
	pool.Block(ctx, c.pause)
}

func (c *caller) resize(_ context.Context, p *treePool) {
	if n := 1 + c.rng.IntN(maxTreeWorkers); c.resizes {
		p.Resize(n)
	}
}

// stray leaves a goroutine behind, which submits and awaits with the task's ctx.
func (c *caller) stray(ctx context.Context, p *treePool) {
	if fn := c.below(p); c.strays {
		c.left.Go(func() {
			f := p.Submit(ctx, fn, 0)
			c.futures.add(f)
			_, _ = f.Await(ctx)
		})
	}
}

// strayInGroup has a goroutine add to a group, beside the task and after it.
func (c *caller) strayInGroup(ctx context.Context, p *treePool) {
	fn := c.below(p)
	if !c.strays {
		return
	}
	g, _ := p.Group(ctx, pool.Limit(1))
	defer g.Stop()
	c.left.Go(func() {
		g.Go(fn, 0)
		g.Go(fn, 1)
	})
	g.Go(fn, 2)
}
