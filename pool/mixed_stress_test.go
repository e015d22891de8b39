package pool_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// TestL6_Trees runs random programs: trees of calls across a pool, a view of it, a view of the view,
// and a foreign pool, where each call may use whatever makes tasks (mixed_actions_test.go) on any of
// them. It is for what no test of one operation finds: two pools, or two operations, that wait for
// each other. Half of the programs run in a bubble, where a hang is found as soon as nothing moves,
// and where a pause lasts until nothing else does; the others in real time, where what ends early
// ends in the middle of everything. A seed stands for what the calls do, not for their schedule:
// go test ./pool -run L6_Trees -seed N -count 200.
func TestL6_Trees(t *testing.T) {
	if *seed != 0 {
		t.Run(fmt.Sprint("seed=", *seed), newTrees(*seed).test)
		return
	}
	n := 300
	if inFull(t) {
		n = 2500
	}
	for range n {
		s := rand.Uint64()
		if !t.Run(fmt.Sprint("seed=", s), newTrees(s).test) {
			return
		}
	}
}

const (
	maxTreeWorkers = 2
	treeDepth      = 6
)

// A trees is one program.
type trees struct {
	t       *testing.T
	seed    uint64
	rng     *rand.Rand
	pools   []*treePool
	bubble  bool
	weird   bool           // calls, and hooks, end in all ways
	strays  bool           // calls leave goroutines behind, which use their ctx
	resizes bool           // calls resize the pools
	strict  bool           // L3 holds: nobody runs tasks outside of the limit, or lends a slot that is in use
	left    sync.WaitGroup // the goroutines that calls start
	futures record[*intFuture]
	limits  record[*limited]
	watched record[*intPool] // pools, for the watchdog
}

// A limited counts what runs under one limit.
type limited struct {
	gauge
	name  string
	limit int
}

// A treePool is a pool, with the gauges of those whose limits its tasks are under.
type treePool struct {
	*intPool
	under []*limited
}

func newTrees(seed uint64) *trees {
	rng := rand.New(rand.NewPCG(seed, 0))
	return &trees{
		seed: seed, rng: rng, bubble: rng.IntN(2) == 0, weird: rng.IntN(2) == 0,
		strays: rng.IntN(3) == 0, resizes: rng.IntN(3) == 0,
	}
}

func (tr *trees) test(t *testing.T) {
	tr.t = t
	defer tr.watch()()
	if tr.bubble {
		synctest.Test(t, tr.run)
	} else {
		tr.run(t)
	}
}

func (tr *trees) run(t *testing.T) {
	tr.t = t // the bubble's
	if tr.bubble {
		defer tr.watch()()
	}
	tr.open()
	var roots sync.WaitGroup
	for i := range 1 + tr.rng.IntN(4) {
		p := tr.pools[tr.rng.IntN(len(tr.pools))]
		fn := tr.call(p.under, treeDepth, tr.rng.Uint64())
		roots.Go(func() {
			f := p.Submit(context.Background(), fn, i)
			tr.futures.add(f)
			_, err := f.Await(context.Background())
			accept(t, "a root", err, errAnyTask, future.ErrGoexit, future.ErrCanceled, pool.ErrClosed, pool.ErrFull, pool.ErrDropped)
		})
	}
	if tr.rng.IntN(2) == 0 {
		roots.Wait()
		if tr.bubble {
			time.Sleep(time.Second) // in the bubble: until nothing happens any more
			tr.wantBalances()
		}
	} else {
		tr.pause()
	}
	tr.end()
	roots.Wait()
	tr.left.Wait()
	tr.wantBalances()
	for _, f := range tr.futures.all() {
		if _, ok := f.Try(); !ok {
			t.Errorf("a future after the end: got state %v, want it settled", f.State())
		}
	}
	if tr.strict {
		for _, l := range tr.limits.all() {
			if peak := l.peak.Load(); peak > int64(l.limit) {
				t.Errorf("calls at once in %s: got %d, want %d at most", l.name, peak, l.limit)
			}
		}
	}
}

// open makes the pools.
func (tr *trees) open() {
	tr.strict = !tr.strays
	for i, name := range []string{"pool", "view", "view of the view", "foreign pool"} {
		policy := pool.FullPolicy(tr.rng.IntN(int(pool.DropOldestWhenFull) + 1))
		if tr.rng.IntN(2) == 0 {
			policy = pool.BlockWhenFull // the others get rid of most of a tree
		}
		tr.strict = tr.strict && policy != pool.CallerRunsWhenFull
		l := tr.limited(name, 1+tr.rng.IntN(maxTreeWorkers))
		opts := options(pool.WithName(name), pool.WithWorkers(l.limit), pool.WithOnFull(policy),
			pool.WithPanicHandler(func(*future.PanicError) {}))
		if tr.rng.IntN(3) == 0 {
			opts = append(opts, pool.WithHooks(tr.hooks()))
		}
		if tr.rng.IntN(6) == 0 {
			opts = append(opts, pool.WithTaskTimeout(time.Millisecond))
		}
		p := &treePool{under: []*limited{l}}
		if i == 1 || i == 2 {
			parent := tr.pools[i-1]
			p.under = append(p.under, parent.under...)
			p.intPool = pool.Share[int, int](parent.intPool, opts...)
		} else {
			if tr.rng.IntN(4) == 0 {
				opts = append(opts, pool.WithWorkerInit(func(ctx context.Context) (context.Context, func()) { return ctx, nil }))
			}
			p.intPool = pool.New[int, int](append(opts, pool.WithQueue(1+tr.rng.IntN(3)), pool.WithBudget(4))...)
		}
		if tr.resizes {
			l.limit = maxTreeWorkers
		}
		tr.pools = append(tr.pools, p)
		tr.watched.add(p.intPool)
	}
}

// hooks may end their goroutine, or panic, as the seed and the task's number say.
func (tr *trees) hooks() *pool.Hooks {
	salt := tr.rng.Uint64()
	hook := func(info pool.TaskInfo) {
		rng := rand.New(rand.NewPCG(salt, info.ID))
		switch k := rng.IntN(24); {
		case k == 0 && tr.weird:
			runtime.Goexit()
		case k == 1 && tr.weird:
			panic(errAnyTask)
		case k < 8:
			runtime.Gosched()
		}
	}
	return []*pool.Hooks{
		{Queued: hook},
		{Started: hook},
		{Finished: func(info pool.TaskInfo, _ future.State, _ error) { hook(info) }},
	}[tr.rng.IntN(3)]
}

// end ends the pools in random order and ways, one after the other or at once.
func (tr *trees) end() {
	var all sync.WaitGroup
	for _, i := range tr.rng.Perm(len(tr.pools)) {
		p, how, timeout := tr.pools[i], tr.rng.IntN(4), time.Duration(tr.rng.IntN(1000))*time.Microsecond
		end := func() {
			switch how {
			case 0:
				p.Stop(errStop)
			case 1:
				ctx, cancel := context.WithTimeout(context.Background(), timeout)
				_ = p.Shutdown(ctx)
				cancel()
			}
			_ = p.Close()
		}
		if tr.rng.IntN(2) == 0 {
			all.Go(end)
		} else {
			end()
		}
	}
	all.Wait()
}

func (tr *trees) wantBalances() {
	for _, p := range tr.pools {
		wantBalance(tr.t, p.intPool)
	}
}

func (tr *trees) limited(name string, limit int) *limited {
	l := &limited{name: name, limit: limit}
	tr.limits.add(l)
	return l
}

// pause lets others go on: in a bubble, all that can.
func (tr *trees) pause() {
	if tr.bubble {
		time.Sleep(50 * time.Microsecond)
		return
	}
	for range 10 {
		runtime.Gosched()
	}
}

// watch crashes the process if the program does not call stop. A bubble's clock gets there when
// nothing else can happen; the real one is for what is not durably blocked, and for real time.
func (tr *trees) watch() (stop func()) {
	over := new(atomic.Bool)
	timer := time.AfterFunc(30*time.Second, func() {
		if over.Load() {
			return
		}
		var b strings.Builder
		fmt.Fprintf(&b, "TestL6_Trees hangs: seed %d, GOMAXPROCS %d, in a bubble: %t\n", tr.seed, runtime.GOMAXPROCS(0), tr.bubble)
		for _, p := range tr.watched.all() {
			fmt.Fprintf(&b, "%+v\n", p.Stats())
		}
		stacks := make([]byte, 1<<20)
		b.Write(stacks[:runtime.Stack(stacks, true)])
		panic(b.String())
	})
	return func() {
		over.Store(true)
		timer.Stop()
	}
}
