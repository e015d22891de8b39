package pool_test

import (
	"context"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// A thing is big enough to have an allocation of its own, so that it can be collected alone.
type thing struct{ _ [8]int }

type (
	thingPool   = pool.Pool[*thing, *thing]
	thingFuture = future.Future[*thing]
	thingFunc   = pool.Func[*thing, *thing]
)

// A probe looks whether something is still referenced.
type probe struct {
	what string
	gone func() bool
}

func probeOf[E any](what string, e *E) probe {
	ptr := weak.Make(e)
	return probe{what, func() bool { return ptr.Value() == nil }}
}

// wantCollected fails if something is still there after some collections: more than one,
// because a goroutine that has just settled a task may not have left its functions yet.
func wantCollected(t *testing.T, state string, probes ...probe) {
	t.Helper()
	for _, p := range probes {
		for i := 0; !p.gone(); i++ {
			if i == 20 {
				t.Errorf("%s: %s is still referenced", state, p.what)
				break
			}
			runtime.Gosched()
			runtime.GC()
		}
	}
}

// A probed task is one whose parts can be looked at.
type probed struct {
	ctx    context.Context
	fn     thingFunc
	arg    *thing
	parts  []probe // what neither pool nor future may retain
	result probe   // what the future retains
}

type ctxKey struct{}

func newProbed() *probed {
	captured, value, arg, result := new(thing), new(thing), new(thing), new(thing)
	return &probed{
		ctx: context.WithValue(context.Background(), ctxKey{}, value),
		fn: func(ctx context.Context, _ *thing) (*thing, error) {
			_ = ctx.Done() // makes a real context
			runtime.KeepAlive(captured)
			return result, nil
		},
		arg: arg,
		parts: []probe{
			probeOf("what the function captures", captured),
			probeOf("a value of the ctx", value),
			probeOf("the argument", arg),
		},
		result: probeOf("the result", result),
	}
}

func (d *probed) submit(p *thingPool) *thingFuture { return p.Submit(d.ctx, d.fn, d.arg) }

func noThing(context.Context, *thing) (*thing, error) { return nil, nil }

// occupy makes the pool's one worker run a task until the gate is opened.
func occupy(p *thingPool, end gate) {
	held := make(gate)
	p.Submit(context.Background(), func(context.Context, *thing) (*thing, error) {
		held.open()
		<-end
		return nil, nil
	}, nil)
	<-held
}

// await returns f when it is settled.
func await(f *thingFuture) *thingFuture {
	_, _ = f.Await(context.Background())
	return f
}

// within runs d inside a task, which awaits it and then stays until the end: the entry of d
// stays in the queue as long.
func within(p *thingPool, d *probed, end gate, wait func(context.Context, *thingFuture)) *thingFuture {
	settled := make(chan *thingFuture)
	mine := []*probed{d}
	p.Submit(context.Background(), func(ctx context.Context, _ *thing) (*thing, error) {
		settled <- submitWithin(ctx, p, mine, wait)
		<-end
		return nil, nil
	}, nil)
	return <-settled
}

//go:noinline
func submitWithin(ctx context.Context, p *thingPool, mine []*probed, wait func(context.Context, *thingFuture)) *thingFuture {
	d := mine[0]
	mine[0] = nil
	d.ctx = context.WithValue(ctx, ctxKey{}, d.ctx.Value(ctxKey{}))
	f := d.submit(p)
	wait(ctx, f)
	return f
}

// Each case brings a probed task to its end in some way, on a pool of one worker, and
// returns its future, or nil. What waits for end is still there when the test looks.
var retentions = []struct {
	name string
	opts []pool.Option
	act  func(p *thingPool, d *probed, end gate) *thingFuture
	ran  bool // the future, if there is one, has d.result
	// The entry of a task that its awaiter claimed stays in the queue until a worker gets to
	// it, and with it the task, which is the future, which has the result.
	entry bool
}{
	{"Submit", nil, func(p *thingPool, d *probed, _ gate) *thingFuture {
		return await(d.submit(p))
	}, true, false},
	{"Submit with a timeout", options(pool.WithTaskTimeout(time.Hour)), func(p *thingPool, d *probed, _ gate) *thingFuture {
		return await(d.submit(p))
	}, true, false},
	{"TrySubmit", nil, func(p *thingPool, d *probed, _ gate) *thingFuture {
		f, _ := p.TrySubmit(d.ctx, d.fn, d.arg)
		return await(f)
	}, true, false},
	{"Go", nil, func(p *thingPool, d *probed, _ gate) *thingFuture {
		_ = p.Go(d.ctx, d.fn, d.arg)
		_, _ = p.Do(context.Background(), noThing, nil)
		return nil
	}, true, false},
	{"panic", nil, func(p *thingPool, d *probed, _ gate) *thingFuture {
		return await(p.Submit(d.ctx, func(ctx context.Context, arg *thing) (*thing, error) {
			_, _ = d.fn(ctx, arg)
			panic("boom")
		}, d.arg))
	}, false, false},
	{"Goexit", nil, func(p *thingPool, d *probed, _ gate) *thingFuture {
		return await(p.Submit(d.ctx, func(ctx context.Context, arg *thing) (*thing, error) {
			_, _ = d.fn(ctx, arg)
			runtime.Goexit()
			return nil, nil
		}, d.arg))
	}, false, false},
	{"Goexit in Block", nil, func(p *thingPool, d *probed, _ gate) *thingFuture {
		return await(p.Submit(d.ctx, func(ctx context.Context, arg *thing) (*thing, error) {
			_, _ = d.fn(ctx, arg)
			pool.Block(ctx, runtime.Goexit)
			return nil, nil
		}, d.arg))
	}, false, false},
	{"cancelled in the queue", nil, func(p *thingPool, d *probed, end gate) *thingFuture {
		occupy(p, end)
		f := d.submit(p)
		f.Cancel(nil)
		return f
	}, false, false},
	{"its ctx ended in the queue", nil, func(p *thingPool, d *probed, _ gate) *thingFuture {
		hold := make(gate)
		occupy(p, hold)
		ctx, cancel := context.WithCancel(d.ctx)
		d.ctx = ctx
		f := d.submit(p)
		cancel()
		hold.open()
		return await(f)
	}, false, false},
	{"dropped", options(pool.WithQueue(1), pool.WithOnFull(pool.DropOldestWhenFull)), func(p *thingPool, d *probed, end gate) *thingFuture {
		occupy(p, end)
		f := d.submit(p)
		p.Submit(context.Background(), noThing, nil)
		return f
	}, false, false},
	{"dropped Go", options(pool.WithQueue(1), pool.WithOnFull(pool.DropOldestWhenFull)), func(p *thingPool, d *probed, end gate) *thingFuture {
		occupy(p, end)
		_, _ = p.Go(d.ctx, d.fn, d.arg), p.Go(context.Background(), noThing, nil)
		return nil
	}, false, false},
	{"rejected", options(pool.WithQueue(1), pool.WithOnFull(pool.RejectWhenFull)), func(p *thingPool, d *probed, end gate) *thingFuture {
		occupy(p, end)
		p.Submit(context.Background(), noThing, nil)
		return d.submit(p)
	}, false, false},
	{"rejected by TrySubmit", options(pool.WithQueue(1)), func(p *thingPool, d *probed, end gate) *thingFuture {
		occupy(p, end)
		p.Submit(context.Background(), noThing, nil)
		_, _ = p.TrySubmit(d.ctx, d.fn, d.arg)
		return nil
	}, false, false},
	{"submitted to a closed pool", nil, func(p *thingPool, d *probed, _ gate) *thingFuture {
		_ = p.Close()
		return d.submit(p)
	}, false, false},
	{"run by its submitter", options(pool.WithQueue(1), pool.WithOnFull(pool.CallerRunsWhenFull)), func(p *thingPool, d *probed, end gate) *thingFuture {
		occupy(p, end)
		p.Submit(context.Background(), noThing, nil)
		return d.submit(p)
	}, true, false},
	{"run by its awaiter", nil, func(p *thingPool, d *probed, end gate) *thingFuture {
		return within(p, d, end, func(ctx context.Context, f *thingFuture) { _, _ = f.Await(ctx) })
	}, true, true},
	{"run beside its awaiter", nil, func(p *thingPool, d *probed, end gate) *thingFuture {
		return within(p, d, end, func(ctx context.Context, f *thingFuture) {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			_, _ = f.Await(ctx)
		})
	}, true, true},
	{"through the overflow", options(pool.WithUnboundedQueue()), func(p *thingPool, d *probed, _ gate) *thingFuture {
		hold := make(gate)
		occupy(p, hold)
		for range 2000 {
			_ = p.Go(context.Background(), noThing, nil)
		}
		f := d.submit(p)
		hold.open()
		return await(f)
	}, true, false},
	{"cancelled in the overflow", options(pool.WithUnboundedQueue()), func(p *thingPool, d *probed, end gate) *thingFuture {
		occupy(p, end)
		for range 2000 {
			_ = p.Go(context.Background(), noThing, nil)
		}
		f := d.submit(p)
		f.Cancel(nil)
		return f
	}, false, false},
}

// After a task settles neither its pool nor its future holds the function, the argument or
// the ctx; the result is held by the future alone.
func TestL14_NothingIsRetained(t *testing.T) {
	for _, tt := range retentions {
		t.Run(tt.name, func(t *testing.T) {
			p := pool.New[*thing, *thing](append(options(pool.WithWorkers(1)), tt.opts...)...)
			end := make(gate)
			f, parts, result := actProbed(p, end, tt.act)
			wantCollected(t, "the task is over", parts...)
			if f != nil && tt.ran && result.gone() {
				t.Errorf("the result is gone while its future is held; it is %v", f.State())
			}
			runtime.KeepAlive(f)
			if tt.entry {
				end.open()
				_, _ = p.Do(t.Context(), noThing, nil)
				end = make(gate)
			}
			wantCollected(t, "the future is dropped", result)
			runtime.KeepAlive(p)
			end.open()
			_ = p.Close()
		})
	}
}

//go:noinline
func actProbed(p *thingPool, end gate, act func(*thingPool, *probed, gate) *thingFuture) (f *thingFuture, parts []probe, result probe) {
	d := newProbed()
	return act(p, d, end), d.parts, d.result
}

// A settled future does not keep its pool.
func TestL14_SettledFutureKeepsNoPool(t *testing.T) {
	for _, tt := range retentions {
		t.Run(tt.name, func(t *testing.T) {
			f, gone := closedPool(tt.opts, tt.act)
			wantCollected(t, "the pool is closed, a future of it is held", gone)
			runtime.KeepAlive(f)
		})
	}
}

//go:noinline
func closedPool(opts []pool.Option, act func(*thingPool, *probed, gate) *thingFuture) (f *thingFuture, gone probe) {
	p := pool.New[*thing, *thing](append(options(pool.WithWorkers(1)), opts...)...)
	end := make(gate)
	f, _, _ = actProbed(p, end, act)
	end.open()
	_ = p.Close()
	return f, probeOf("the pool", p)
}

// A ctx that a task leaked keeps nothing of the task: its ctx has ended and has no values.
func TestL14_LeakedCtxKeepsNothing(t *testing.T) {
	p := pool.New[*thing, *thing](pool.WithWorkers(1))
	defer p.Close()
	var leaked context.Context
	_, parts, result := actProbed(p, make(gate), func(p *thingPool, d *probed, _ gate) *thingFuture {
		_, _ = p.Do(d.ctx, func(ctx context.Context, arg *thing) (*thing, error) {
			leaked = ctx
			return d.fn(ctx, arg)
		}, d.arg)
		return nil
	})
	wantCollected(t, "the task's ctx is held", parts...)
	if leaked.Err() != context.Canceled || leaked.Value(ctxKey{}) != nil {
		t.Errorf("the leaked ctx has Err %v and value %v, want %v and nil", leaked.Err(), leaked.Value(ctxKey{}), context.Canceled)
	}
	runtime.KeepAlive(leaked)
	leaked = nil
	wantCollected(t, "the ctx is dropped", result)
}
