package pool_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// TestShare_Stress runs random programs on a pool, two pools that share its workers, and one
// that shares those of the first. In each, some actors do random things to random pools, tasks
// do the same, and the pools are ended in a random order. A hang is a deadlock to the bubble. A
// failure names the seed: go test ./pool -run Share_Stress -seed N -count 20.
func TestShare_Stress(t *testing.T) {
	if *seed != 0 {
		t.Run(fmt.Sprint("seed=", *seed), func(t *testing.T) { synctest.Test(t, newSharing(*seed).run) })
		return
	}
	for range scaled(150) {
		s := rand.Uint64()
		t.Run(fmt.Sprint("seed=", s), func(t *testing.T) { synctest.Test(t, newSharing(s).run) })
	}
}

const maxShared = 3 // the largest limit

// A sharing is one program.
type sharing struct {
	t     *testing.T
	seed  uint64
	rng   *rand.Rand
	pools []*shared // the root first
	left  sync.WaitGroup
	tasks record[*intFuture]
}

// A shared is one of the pools, and the tasks that run in it and in what shares it.
type shared struct {
	*intPool
	name   string
	within []*shared // with itself
	policy pool.FullPolicy
	gauge  gauge
	begun  atomic.Uint64
}

func newSharing(seed uint64) *sharing {
	return &sharing{seed: seed, rng: rand.New(rand.NewPCG(seed, 0))}
}

func (sh *sharing) run(t *testing.T) {
	sh.t = t
	strict := true
	for i, parent := range []int{-1, 0, 1, 0} {
		policy := pool.FullPolicy(sh.rng.IntN(int(pool.DropOldestWhenFull) + 1))
		strict = strict && policy != pool.CallerRunsWhenFull
		opts := options(pool.WithOnFull(policy), pool.WithName(fmt.Sprint(i)), pool.WithPanicHandler(func(*future.PanicError) {}))
		if parent < 0 || sh.rng.IntN(3) > 0 {
			opts = append(opts, pool.WithWorkers(1+sh.rng.IntN(maxShared)))
		}
		if sh.rng.IntN(8) == 0 {
			opts = append(opts, pool.WithFailFast())
		}
		p := &shared{name: fmt.Sprint(i), policy: policy}
		if p.within = []*shared{p}; parent < 0 {
			opts = append(opts, pool.WithQueue(1+sh.rng.IntN(4)))
			p.intPool = pool.New[int, int](opts...)
		} else {
			p.intPool = pool.Share[int, int](sh.pools[parent].intPool, opts...)
			p.within = append(p.within, sh.pools[parent].within...)
		}
		sh.pools = append(sh.pools, p)
	}
	strays := sh.rng.IntN(3) == 0
	var actors sync.WaitGroup
	for i := range 1 + sh.rng.IntN(3) {
		a := &sharer{sharing: sh, strays: strays, rng: rand.New(rand.NewPCG(sh.seed, uint64(i+1)))}
		actors.Go(func() {
			for range 25 {
				a.act(context.Background(), true)
			}
		})
	}
	if sh.rng.IntN(2) == 0 {
		actors.Wait()
		time.Sleep(time.Hour) // in the bubble: until nothing happens any more
		for _, p := range sh.pools {
			wantBalance(t, p.intPool)
		}
	} else {
		time.Sleep(time.Duration(sh.rng.IntN(3000)) * time.Microsecond)
	}
	sh.end()
	actors.Wait()
	sh.left.Wait()
	for _, f := range sh.tasks.all() {
		if _, ok := f.Try(); !ok {
			t.Errorf("a future after the end: got state %v, want it settled", f.State())
		}
	}
	for _, p := range sh.pools {
		wantBalance(t, p.intPool)
		s := p.Stats()
		if got, want := s.Succeeded+s.Failed+s.Panicked, p.begun.Load(); got != want {
			t.Errorf("pool %s: Stats say that %d functions ran, want %d; %+v", p.name, got, want, s)
		}
		if strict && !strays {
			p.gauge.wantPeak(t, maxShared)
		}
	}
}

// end ends the pools: the views now or later, the root at last.
func (sh *sharing) end() {
	var all sync.WaitGroup
	for i := len(sh.pools) - 1; i >= 0; i-- {
		p, how, later := sh.pools[i], sh.rng.IntN(4), sh.rng.IntN(2) == 0
		timeout := time.Duration(sh.rng.IntN(2000)) * time.Microsecond
		end := func() {
			switch how {
			case 0:
				p.Stop(errStop)
			case 1:
				ctx, cancel := context.WithTimeout(sh.t.Context(), timeout)
				_ = p.Shutdown(ctx)
				cancel()
			case 2:
				_ = p.Close()
			}
			if i == 0 {
				_ = p.Close()
			}
		}
		if later {
			all.Go(end)
		} else {
			end()
		}
	}
	all.Wait()
}

// A sharer acts, outside of tasks and in them.
type sharer struct {
	*sharing
	rng    *rand.Rand
	strays bool
	own    []*intFuture
}

func (a *sharer) pool() *shared { return a.pools[a.rng.IntN(len(a.pools))] }

// act does something. It waits for results only if it may.
func (a *sharer) act(ctx context.Context, mayWait bool) {
	k := 12
	if mayWait {
		k = 16
	}
	switch p := a.pool(); a.rng.IntN(k) {
	case 0, 1, 2, 3:
		a.keep(p.Submit(ctx, a.task(p), 1))
	case 4:
		if f, err := p.TrySubmit(ctx, a.task(p), 1); err == nil {
			a.keep(f)
		}
	case 5, 6:
		_ = p.Go(ctx, a.task(p), 1)
	case 7:
		short, cancel := context.WithTimeout(ctx, time.Duration(a.rng.IntN(300))*time.Microsecond)
		context.AfterFunc(short, cancel)
		a.keep(p.Submit(short, a.task(p), 1))
	case 8, 9:
		if f := a.pick(); f != nil {
			f.Cancel(errStop)
		}
	case 10:
		p.Resize(1 + a.rng.IntN(maxShared))
	case 11:
		if s := p.Stats(); s.Running < 0 || s.Queued < 0 || s.Accepted > 1e6 {
			a.t.Errorf("Stats: got %+v", s)
		}
	case 12:
		dead, cancel := context.WithCancel(ctx)
		cancel()
		a.await(dead)
	case 13:
		short, cancel := context.WithTimeout(ctx, time.Duration(a.rng.IntN(300))*time.Microsecond)
		a.await(short)
		cancel()
	default:
		a.await(ctx)
	}
}

func (a *sharer) await(ctx context.Context) {
	if f := a.pick(); f != nil {
		_, _ = f.Await(ctx)
	}
}

func (a *sharer) keep(f *intFuture) {
	a.own = append(a.own, f)
	a.tasks.add(f)
}

func (a *sharer) pick() *intFuture {
	if len(a.own) == 0 {
		return nil
	}
	return a.own[a.rng.IntN(len(a.own))]
}

// task makes a task of p.
func (a *sharer) task(p *shared) intFunc {
	kind, inner := a.rng.IntN(9), &sharer{sharing: a.sharing, strays: a.strays, rng: rand.New(rand.NewPCG(a.rng.Uint64(), 0))}
	each := func(do func(*gauge)) {
		for _, q := range p.within {
			do(&q.gauge)
		}
	}
	outside := func(wait func()) {
		each((*gauge).leave)
		defer each((*gauge).enter)
		wait()
	}
	return func(ctx context.Context, n int) (int, error) {
		p.begun.Add(1)
		each((*gauge).enter)
		defer each((*gauge).leave)
		switch kind {
		case 0:
			return 0, errAnyTask
		case 1:
			panic(errAnyTask)
		case 2:
			runtime.Goexit()
		case 3:
			outside(func() { pool.Block(ctx, func() { time.Sleep(time.Millisecond) }) })
		case 4:
			time.Sleep(100 * time.Microsecond)
		case 5, 6:
			for range 1 + inner.rng.IntN(3) {
				q := inner.pool()
				inner.keep(q.Submit(ctx, inner.task(q), n))
				outside(func() { inner.act(ctx, true) })
			}
		case 7:
			for range 1 + inner.rng.IntN(4) {
				inner.act(ctx, false)
			}
		case 8:
			if inner.strays {
				inner.left.Go(func() {
					for range 4 {
						inner.act(ctx, true)
					}
				})
			}
		}
		return n, nil
	}
}
