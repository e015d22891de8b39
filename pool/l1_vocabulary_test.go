package pool_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// An actor does actions, outside of tasks. Tasks do some of them too: ctx says where.
type actor struct {
	*program
	rng *rand.Rand
	own []*tracked
}

func (a *actor) act() {
	for range 25 {
		actions[a.rng.IntN(len(actions))](a, context.Background())
		if a.rng.IntN(4) == 0 {
			time.Sleep(100 * time.Microsecond) // in the bubble: let the pool catch up
		}
	}
}

// actions is the vocabulary. Actions that may wait for a result come last.
var actions = []func(a *actor, ctx context.Context){
	(*actor).submit,
	(*actor).submit,
	(*actor).trySubmit,
	(*actor).fire,
	(*actor).submitBriefly,
	(*actor).cancel,
	(*actor).resize,
	(*actor).look,
	(*actor).awaitDead,
	(*actor).await,
	(*actor).awaitBriefly,
}

func (a *actor) submit(ctx context.Context) {
	k, fn := a.newTask("Submit")
	k.future = a.pool.Submit(ctx, fn, 1)
	a.keep(k)
}

// submitBriefly's ctx ends soon, so it may end anywhere: waiting for room, queued, running.
func (a *actor) submitBriefly(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(a.rng.IntN(300))*time.Microsecond)
	context.AfterFunc(ctx, cancel)
	a.submit(ctx)
}

func (a *actor) trySubmit(ctx context.Context) {
	k, fn := a.newTask("TrySubmit")
	f, err := a.pool.TrySubmit(ctx, fn, 1)
	accept(a.t, "TrySubmit", err, pool.ErrFull, pool.ErrClosed, future.ErrCanceled)
	if k.future = f; f != nil {
		a.keep(k)
	}
}

func (a *actor) fire(ctx context.Context) {
	_, fn := a.newTask("Go")
	refusals := []error{pool.ErrClosed, future.ErrCanceled}
	if a.policy == pool.RejectWhenFull {
		refusals = append(refusals, pool.ErrFull)
	}
	accept(a.t, "Go", a.pool.Go(ctx, fn, 1), refusals...)
}

func (a *actor) cancel(context.Context) {
	if k := a.pick(); k != nil && k.future.Cancel(errStop) {
		k.canceled.Store(true)
	}
}

func (a *actor) resize(context.Context) { a.pool.Resize(1 + a.rng.IntN(maxWorkers)) }

func (a *actor) look(context.Context) {
	if s := a.pool.Stats(); s.Limit < 1 || s.Limit > maxWorkers || s.Running < 0 || s.Lent > s.Running+1000 {
		a.t.Errorf("Stats: got %+v", s)
	}
}

func (a *actor) await(ctx context.Context) { a.awaitWith(ctx, future.ErrNotReady) }

func (a *actor) awaitDead(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	a.awaitWith(ctx, future.ErrNotReady)
}

func (a *actor) awaitBriefly(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(a.rng.IntN(300))*time.Microsecond)
	defer cancel()
	a.awaitWith(ctx, future.ErrNotReady)
}

// awaitWith accepts whatever check accepts of the result, and unready.
func (a *actor) awaitWith(ctx context.Context, unready error) {
	k := a.pick()
	if k == nil {
		return
	}
	_, err := k.future.Await(ctx)
	if settled := k.future.State() >= future.Succeeded; !settled && (ctx.Err() == nil || !errors.Is(err, unready)) {
		a.t.Errorf("Await of %s: got %v in state %v with a ctx that is %v",
			k.name, err, k.future.State(), ctx.Err())
	}
}

func (a *actor) keep(k *tracked) { a.own = append(a.own, k) }

func (a *actor) pick() *tracked {
	if len(a.own) == 0 {
		return nil
	}
	return a.own[a.rng.IntN(len(a.own))]
}

// newTask makes a task that does something random.
func (a *actor) newTask(how string) (*tracked, intFunc) {
	kind := a.rng.IntN(len(bodies))
	k := &tracked{name: fmt.Sprintf("%s of %s", how, bodies[kind].name)}
	a.tasks.add(k)
	inner := &actor{program: a.program, rng: rand.New(rand.NewPCG(a.rng.Uint64(), 0))}
	return k, func(ctx context.Context, n int) (int, error) {
		a.begun.Add(1)
		k.runs.Add(1)
		a.gauge.enter()
		defer a.gauge.leave()
		return bodies[kind].run(inner, ctx, n)
	}
}

// bodies is what tasks do.
var bodies []struct {
	name string
	run  func(a *actor, ctx context.Context, n int) (int, error)
}

func init() { // bodies use actions, which use bodies
	type body = func(a *actor, ctx context.Context, n int) (int, error)
	add := func(name string, run body) {
		bodies = append(bodies, struct {
			name string
			run  body
		}{name, run})
	}
	add("a value", func(_ *actor, _ context.Context, n int) (int, error) { return n, nil })
	add("an error", func(*actor, context.Context, int) (int, error) { return 0, errAnyTask })
	add("a panic", func(*actor, context.Context, int) (int, error) { panic(errAnyTask) })
	add("a Goexit", func(*actor, context.Context, int) (int, error) { runtime.Goexit(); return 0, nil })
	add("a sleep", func(a *actor, ctx context.Context, n int) (int, error) {
		a.gauge.outside(func() { pool.Block(ctx, func() { time.Sleep(time.Millisecond) }) })
		return n, nil
	})
	add("a wait for its ctx", func(_ *actor, ctx context.Context, n int) (int, error) {
		ctx, cancel := context.WithTimeout(ctx, 2*time.Millisecond)
		defer cancel()
		<-ctx.Done()
		return n, nil
	})
	add("nested submits", func(a *actor, ctx context.Context, n int) (int, error) {
		for range 1 + a.rng.IntN(4) {
			a.submit(ctx)
		}
		a.trySubmit(ctx)
		a.fire(ctx)
		return n, nil
	})
	add("nested awaits", func(a *actor, ctx context.Context, n int) (int, error) {
		for range 1 + a.rng.IntN(3) {
			a.submit(ctx)
			a.gauge.outside(func() { actions[len(actions)-3+a.rng.IntN(3)](a, ctx) })
		}
		return n, nil
	})
	add("a goroutine left behind", func(a *actor, ctx context.Context, n int) (int, error) {
		if a.strays {
			a.left.Go(func() {
				for range 4 {
					actions[a.rng.IntN(len(actions))](a, ctx)
				}
			})
		}
		return n, nil
	})
}
