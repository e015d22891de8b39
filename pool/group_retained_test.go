package pool_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/forebay-go/forebay/pool"
)

// groupOpts are the groups that the tests of this file use.
var groupOpts = map[string][]pool.GroupOption{"plain": nil, "limit": {pool.Limit(1)}, "errors": {pool.JoinErrors(3)}}

// While a group goes on it keeps nothing of the tasks of Go that have ended, and of those of
// Submit only their results.
func TestL14_GroupRetainsOnlyResults(t *testing.T) {
	for name, opts := range groupOpts {
		t.Run(name, func(t *testing.T) {
			p := pool.New[*thing, *thing](pool.WithWorkers(1))
			g, _ := p.Group(t.Context(), opts...)
			fired, firedResult := groupTask(p, func(d *probed) { g.Go(d.fn, d.arg) })
			wantCollected(t, "the task of Go is over", append(fired, firedResult)...)
			submitted, result := groupTask(p, func(d *probed) { g.Submit(d.fn, d.arg) })
			wantCollected(t, "the task of Submit is over", submitted...)
			if result.gone() {
				t.Error("the result of Submit is gone before Wait")
			}
			if rs, err := g.Wait(); len(rs) != 1 || rs[0] == nil || err != nil {
				t.Errorf("Wait: got %v, %v, want one result", rs, err)
			}
			runtime.KeepAlive(g)
			_ = p.Close()
		})
	}
}

// groupTask has a probed task submitted and waits until it has ended and left the worker.
//
//go:noinline
func groupTask(p *thingPool, submit func(*probed)) (parts []probe, result probe) {
	d := newProbed()
	submit(d)
	for range 2 {
		_, _ = p.Do(context.Background(), noThing, nil)
	}
	d.parts = append(d.parts[:1], d.parts[2:]...) // it is not submitted with d.ctx
	return d.parts, d.result
}

// The future of one task of a group keeps neither the group nor what its other tasks returned.
func TestL14_FutureKeepsNoGroup(t *testing.T) {
	for name, opts := range groupOpts {
		t.Run(name, func(t *testing.T) {
			p := pool.New[*thing, *thing](pool.WithWorkers(1))
			f, gone := ofAGroup(p, opts)
			wantCollected(t, "the group is over, a future of it is held", gone...)
			runtime.KeepAlive(f)
			_ = p.Close()
		})
	}
}

//go:noinline
func ofAGroup(p *thingPool, opts []pool.GroupOption) (f *thingFuture, gone []probe) {
	g, _ := p.Group(context.Background(), opts...)
	f = g.Submit(noThing, nil)
	d := newProbed()
	g.Submit(d.fn, d.arg)
	_, _ = g.Wait()
	_, _ = p.Do(context.Background(), noThing, nil)
	return f, []probe{d.result, probeOf("the group", g)}
}
