package queue_test

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/forebay-go/forebay/internal/queue"
)

// A parcel is an element on the heap, with contents on the heap. For a while, the ring holds
// the only pointer to it.
type parcel struct {
	item
	contents []int
}

func newParcel(producer, n int) *parcel {
	return &parcel{item{producer, n}, []int{producer, n, producer ^ n}}
}

func (p *parcel) check() error {
	if c := p.contents; len(c) != 3 || c[0] != p.producer || c[1] != p.n || c[2] != p.producer^p.n {
		return fmt.Errorf("item %d of producer %d holds %v", p.n, p.producer, c)
	}
	return nil
}

// Elements that nothing but the ring points to, under a collector that never rests, on up to
// many more processors than there are, across the wrap at 2^64. The memory of an element that
// the ring forgot to keep, or of one that it gave to two, is soon another's: its contents show.
func TestRing_ExactlyOnceUnderGC(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(1))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	const producers, consumers = 3, 3
	for _, procs := range []int{1, 2, 3, 8, 64} {
		runtime.GOMAXPROCS(procs)
		for _, capacity := range []int{2, 4, 8, 1024} {
			items := scaled(1000)
			r := queue.NewRingAt[*parcel](capacity, -uint64(2*items)) // wraps in the middle
			if err := parcels(r, producers, consumers, items); err != nil {
				t.Fatalf("GOMAXPROCS %d, capacity %d: %v", procs, capacity, err)
			}
			for i, p := range r.Memory() {
				if p != nil {
					t.Fatalf("GOMAXPROCS %d, capacity %d: slot %d of an empty ring holds item %d of producer %d",
						procs, capacity, i, p.n, p.producer)
				}
			}
		}
	}
}

func parcels(r *queue.Ring[*parcel], producers, consumers, items int) error {
	l := newLedger(consumers)
	var over atomic.Bool
	var push, pop, collect errgroup.Group
	for p := range producers {
		push.Go(func() error {
			var patience patience
			for n := 0; n < items; {
				e := newParcel(p, n)
				if r.Push(&e) == queue.OK {
					n++
					patience = 0
				} else if err := patience.yield(); err != nil {
					return fmt.Errorf("producer %d at item %d: %w", p, n, err)
				}
			}
			return nil
		})
	}
	for c := range consumers {
		pop.Go(func() error {
			var patience patience
			for {
				closed := r.Closed()
				var e *parcel
				switch st := r.Pop(&e); {
				case st == queue.OK:
					if err := e.check(); err != nil {
						return err
					}
					clear(e.contents)
					l.add(c, e.item)
					patience = 0
				case st == queue.Empty && closed:
					return nil
				default:
					if err := patience.yield(); err != nil {
						return fmt.Errorf("consumer %d, told %v: %w", c, st, err)
					}
				}
			}
		})
	}
	collect.Go(func() error {
		for !over.Load() {
			runtime.GC()
			runtime.Gosched()
		}
		return nil
	})
	err := push.Wait()
	r.Close()
	if err2 := pop.Wait(); err == nil {
		err = err2
	}
	over.Store(true)
	_ = collect.Wait()
	if err != nil {
		return err
	}
	accepted := make([]int, producers)
	for p := range accepted {
		accepted[p] = items
	}
	return l.check(accepted)
}

// The same for a queue, with an overflow whose chunks come and go.
func TestQueue_ExactlyOnceUnderGC(t *testing.T) {
	seed := newSeed(t)
	defer debug.SetGCPercent(debug.SetGCPercent(1))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	const producers, consumers = 3, 2
	for _, procs := range []int{1, 2, 3, 8, 64} {
		runtime.GOMAXPROCS(procs)
		for _, capacity := range []int{2, 4, 8, 1024} {
			items := scaled(1000)
			q := queue.NewAt(capacity, -uint64(2*items), (*job).isDead)
			c := newCrowd(q, producers)
			var push, pop errgroup.Group
			for p := range producers {
				push.Go(func() error { return c.produce(random(seed, p), p, items) })
			}
			for i := range consumers {
				pop.Go(func() error { return c.consume(random(seed, producers+i)) })
			}
			runtime.GC()
			err := push.Wait()
			q.Close()
			if err2 := pop.Wait(); err == nil {
				err = err2
			}
			if err == nil {
				err = c.check()
			}
			if err != nil {
				t.Fatalf("GOMAXPROCS %d, capacity %d: %v", procs, capacity, err)
			}
		}
	}
}
