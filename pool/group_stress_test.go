package pool_test

import (
	"context"
	"flag"
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

var groupSeed = flag.Uint64("groupseed", 0, "of TestGroup_Stress: run this program only")

// TestGroup_Stress runs random programs: groups in tasks of groups, with limits and without, on a
// pool of few workers or a shared one, whose tasks end in all ways, add to their group, await
// their siblings, cancel them, or stop it all. A hang is a deadlock to the bubble. A failure names
// the seed: go test ./pool -run Group_Stress -groupseed N -count 20.
func TestGroup_Stress(t *testing.T) {
	if *groupSeed != 0 {
		t.Run(fmt.Sprint("seed=", *groupSeed), func(t *testing.T) { synctest.Test(t, newGroupProgram(*groupSeed).run) })
		return
	}
	for range scaled(300) {
		s := rand.Uint64()
		if !t.Run(fmt.Sprint("seed=", s), func(t *testing.T) { synctest.Test(t, newGroupProgram(s).run) }) {
			return
		}
	}
}

type groupProgram struct {
	t       *testing.T
	seed    uint64
	count   atomic.Uint64 // of random number generators made
	pool    *intPool
	workers int
	calls   bool // submitters may run tasks themselves, outside of all limits
	active  gauge
	budget  atomic.Int64 // of tasks
}

// A groupRun is one group of a program.
type groupRun struct {
	*groupProgram
	group   *intGroup
	ctx     context.Context
	nested  bool
	limit   int // -1: none
	max     int // of JoinErrors
	active  gauge
	over    atomic.Bool
	futures record[*intFuture]
}

func newGroupProgram(seed uint64) *groupProgram { return &groupProgram{seed: seed} }

// rng makes a generator. Who asks for which is a matter of the schedule, so a seed does not stand
// for one run, but for a family of them.
func (pr *groupProgram) rng() *rand.Rand { return rand.New(rand.NewPCG(pr.seed, pr.count.Add(1))) }

func (pr *groupProgram) run(t *testing.T) {
	pr.t = t
	rng := pr.rng()
	pr.budget.Store(150)
	policy := pool.BlockWhenFull
	if rng.IntN(3) == 0 {
		policy = pool.FullPolicy(rng.IntN(int(pool.DropOldestWhenFull) + 1))
	}
	pr.calls = policy == pool.CallerRunsWhenFull
	pr.workers = 1 + rng.IntN(3)
	parent := pool.New[int, int](pool.WithWorkers(pr.workers), pool.WithQueue(1+rng.IntN(4)), pool.WithOnFull(policy))
	pr.pool = parent
	if rng.IntN(3) == 0 {
		pr.workers = 1 + rng.IntN(pr.workers)
		pr.pool = pool.Share[int, int](parent, pool.WithWorkers(pr.workers))
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	var actors sync.WaitGroup
	for range 1 + rng.IntN(3) {
		actors.Go(func() { _, _ = pr.newGroup(ctx, nil) })
	}
	switch rng.IntN(6) {
	case 0:
		time.Sleep(time.Duration(rng.IntN(20)))
		cancel(errStop)
	case 1:
		time.Sleep(time.Duration(rng.IntN(20)))
		pr.pool.Stop(errStop)
	case 2:
		time.Sleep(time.Duration(rng.IntN(20)))
		_ = pr.pool.Close()
	}
	actors.Wait()
	_ = pr.pool.Close()
	_ = parent.Close()
	wantBalance(t, pr.pool)
	wantBalance(t, parent)
	if !pr.calls {
		pr.active.wantPeak(t, pr.workers)
	}
}

// newGroup makes a group with ctx, fills it, and ends it. in is the group of the task that ctx
// belongs to, if it does.
func (pr *groupProgram) newGroup(ctx context.Context, in *groupRun) (int, error) {
	rng := pr.rng()
	r := &groupRun{groupProgram: pr, nested: in != nil, limit: 1 + rng.IntN(4), max: rng.IntN(4)}
	if r.limit == 4 {
		r.limit = -1
	}
	opts := []pool.GroupOption{pool.Limit(r.limit)}
	if r.max > 0 {
		opts = append(opts, pool.JoinErrors(r.max))
	}
	outside := func(f func()) { f() }
	if in != nil {
		outside = in.outside
	}
	var rs []int
	var err error
	if rng.IntN(4) == 0 {
		err = pr.pool.Scope(ctx, func(ctx context.Context, g *intGroup) error {
			r.group, r.ctx = g, ctx
			r.fill(rng)
			outside(func() { _, _ = g.Wait() }) // as Scope would, but outside of the gauge
			return nil
		}, opts...)
	} else {
		r.group, r.ctx = pr.pool.Group(ctx, opts...)
		defer outside(r.group.Stop) // for the case of Goexit
		r.fill(rng)
		if rng.IntN(5) == 0 {
			outside(r.group.Stop)
		}
		outside(func() { rs, err = r.group.Wait() })
	}
	r.over.Store(true)
	r.check(err)
	return len(rs), err
}

// outside calls wait, which lends the caller's slot and seats.
func (r *groupRun) outside(wait func()) {
	r.groupProgram.active.outside(func() { r.active.outside(wait) })
}

func (r *groupRun) fill(rng *rand.Rand) {
	for range rng.IntN(6) {
		r.submit(rng)
	}
}

func (r *groupRun) submit(rng *rand.Rand) {
	switch rng.IntN(4) {
	case 0:
		r.group.Go(r.task, 0)
	case 1:
		r.group.TryGo(r.task, 0)
	default:
		r.futures.add(r.group.Submit(r.task, 0))
	}
}

// task does some random things, and ends in a random way.
func (r *groupRun) task(ctx context.Context, _ int) (int, error) {
	r.groupProgram.active.enter()
	defer r.groupProgram.active.leave()
	r.active.enter()
	defer r.active.leave()
	defer func() {
		if r.over.Load() {
			r.t.Error("a task runs after the end of its group")
		}
	}()
	rng := r.rng()
	for range rng.IntN(4) {
		if err := r.step(ctx, rng); err != nil {
			return 0, err
		}
	}
	switch rng.IntN(12) {
	case 0:
		return 0, errTask
	case 1:
		panic(errTask)
	case 2:
		runtime.Goexit()
	}
	return 1, nil
}

func (r *groupRun) step(ctx context.Context, rng *rand.Rand) (err error) {
	switch rng.IntN(8) {
	case 0:
		runtime.Gosched()
	case 1:
		r.outside(func() { pool.Block(ctx, func() { time.Sleep(time.Duration(rng.IntN(5))) }) })
	case 2:
		if fs := r.futures.all(); len(fs) > 0 && rng.IntN(4) == 0 {
			fs[rng.IntN(len(fs))].Cancel(errTask)
		}
	case 3, 4: // one more of the group, and perhaps wait for it
		if r.budget.Add(-1) < 0 {
			return nil
		}
		var f *intFuture
		add := func() { f = r.group.Submit(r.task, 0) }
		if r.nested {
			add()
		} else {
			r.outside(func() { pool.Block(ctx, add) })
		}
		r.futures.add(f)
		if rng.IntN(2) == 0 {
			return nil
		}
		wait, cancel := ctx, context.CancelFunc(func() {})
		if rng.IntN(2) == 0 {
			wait, cancel = context.WithTimeout(ctx, time.Duration(rng.IntN(5)))
		}
		defer cancel()
		r.outside(func() { _, err = f.Await(wait) })
		if rng.IntN(3) > 0 {
			err = nil
		}
	case 5, 6:
		if r.budget.Add(-5) < 0 {
			return nil
		}
		_, err = r.newGroup(ctx, r)
		if rng.IntN(3) > 0 {
			err = nil
		}
	case 7:
		err = ctx.Err()
	}
	return err
}

// check checks a group that has ended with err.
func (r *groupRun) check(err error) {
	failed := 0
	for _, f := range r.futures.all() {
		res, ok := f.Try()
		if !ok {
			r.t.Errorf("a future of a group that has ended: got state %v", f.State())
		}
		if res.Err != nil && res.Err != pool.ErrClosed { // which may be that of a submit after Stop
			failed++
		}
	}
	if failed > 0 && err == nil {
		r.t.Errorf("the error of a group of which %d tasks failed: got nil", failed)
	}
	accept(r.t, "a group", err, errTask, errStop, context.Canceled, context.DeadlineExceeded, future.ErrGoexit,
		future.ErrNotReady, pool.ErrClosed, pool.ErrFull, pool.ErrDropped)
	if r.max > 0 {
		if n := len(joined(r.t, err)); n > r.max {
			r.t.Errorf("joined errors: got %d, want %d at most", n, r.max)
		}
	}
	if r.ctx.Err() == nil {
		r.t.Error("the ctx of a group that has ended has not")
	}
	if r.limit > 0 && !r.calls {
		r.active.wantPeak(r.t, r.limit)
	}
}
