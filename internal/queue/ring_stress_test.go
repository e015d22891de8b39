package queue_test

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/forebay-go/forebay/internal/queue"
)

// An item says who pushed it, and as his how-manyth.
type item struct{ producer, n int }

// A ledger is what consumers have to account for: every accepted item once, and to each
// consumer those of one producer in order.
type ledger struct{ popped [][]item } // by consumer

func newLedger(consumers int) *ledger { return &ledger{make([][]item, consumers)} }

func (l *ledger) add(consumer int, es ...item) {
	l.popped[consumer] = append(l.popped[consumer], es...)
}

// check wants accepted[p] items of each producer p.
func (l *ledger) check(accepted []int) error {
	seen := make([][]int, len(accepted))
	for p, n := range accepted {
		seen[p] = make([]int, n)
	}
	for c, es := range l.popped {
		last := make([]int, len(accepted))
		for _, e := range es {
			if e.n < last[e.producer] {
				return fmt.Errorf("consumer %d: item %d of producer %d after item %d", c, e.n, e.producer, last[e.producer])
			}
			last[e.producer] = e.n
			if e.n >= accepted[e.producer] {
				return fmt.Errorf("consumer %d: item %d of producer %d, who pushed %d", c, e.n, e.producer, accepted[e.producer])
			}
			seen[e.producer][e.n]++
		}
	}
	for p := range seen {
		for n, times := range seen[p] {
			if times != 1 {
				return fmt.Errorf("item %d of producer %d was popped %d times, want once", n, p, times)
			}
		}
	}
	return nil
}

// produce pushes n items, one by one or in batches, until the ring is closed, which it tells
// by over. It returns the number accepted.
func produce(r *queue.Ring[item], rnd *rand.Rand, producer, n int, over *atomic.Bool) (accepted int, err error) {
	var patience patience
	for accepted < n {
		wasOver := over.Load()
		batch := []item{{producer, accepted}}
		var k int
		var st queue.Status
		if rnd.IntN(2) == 0 {
			if st = r.Push(&batch[0]); st == queue.OK {
				k = 1
			}
		} else {
			for range min(rnd.IntN(2*min(r.Cap(), 8)), n-accepted-1) {
				batch = append(batch, item{producer, accepted + len(batch)})
			}
			k, st = r.PushBatch(batch)
		}
		switch {
		case st != queue.Closed && wasOver:
			return accepted, fmt.Errorf("producer %d at item %d: got %v after somebody had been told Closed", producer, accepted, st)
		case st == queue.OK && k > 0 && k <= len(batch):
			accepted += k
			patience = 0
		case st == queue.Closed && k == 0:
			over.Store(true)
			return accepted, nil
		case (st == queue.Full || st == queue.Busy) && k == 0:
			if err := patience.yield(); err != nil {
				return accepted, fmt.Errorf("producer %d at item %d, told %v: %w", producer, accepted, st, err)
			}
		default:
			return accepted, fmt.Errorf("push of %d items: got %d, %v", len(batch), k, st)
		}
	}
	return accepted, nil
}

// consume pops until the ring is closed and empty.
func consume(r *queue.Ring[item], rnd *rand.Rand, l *ledger, consumer int) error {
	var patience patience
	for {
		closed := r.Closed()
		batch := make([]item, 1+rnd.IntN(2*min(r.Cap(), 8)))
		var k int
		var st queue.Status
		if rnd.IntN(2) == 0 {
			if st = r.Pop(&batch[0]); st == queue.OK {
				k = 1
			}
		} else {
			k, st = r.PopBatch(batch)
		}
		switch {
		case st == queue.OK && k > 0 && k <= len(batch):
			l.add(consumer, batch[:k]...)
			patience = 0
		case st == queue.Empty && k == 0 && closed:
			return nil
		case (st == queue.Empty || st == queue.Busy) && k == 0:
			if err := patience.yield(); err != nil {
				return fmt.Errorf("consumer %d, told %v: %w", consumer, st, err)
			}
		default:
			return fmt.Errorf("pop of %d items: got %d, %v", len(batch), k, st)
		}
		if n := r.Len(); n < 0 || n > r.Cap() {
			return fmt.Errorf("Len: got %d, capacity %d", n, r.Cap())
		}
	}
}

func TestRing_ExactlyOnceAndInOrder(t *testing.T) {
	seed := newSeed(t)
	const producers, consumers = 3, 3
	onProcs(t, func(procs int) {
		for _, capacity := range []int{1, 2, 4, 8, 1024} {
			// The wrap at 2^64 comes in the middle of the work.
			items := scaled(300)
			r := queue.NewRingAt[item](capacity, -uint64(2*items))
			accepted := make([]int, producers)
			l := newLedger(consumers)
			var over atomic.Bool
			var g, c errgroup.Group
			for p := range producers {
				g.Go(func() (err error) {
					accepted[p], err = produce(r, random(seed, p), p, items, &over)
					return err
				})
			}
			for i := range consumers {
				c.Go(func() error { return consume(r, random(seed, producers+i), l, i) })
			}
			err := g.Wait()
			r.Close()
			if err2 := c.Wait(); err == nil {
				err = err2
			}
			if err == nil {
				err = l.check([]int{items, items, items})
			}
			if err != nil {
				t.Fatalf("GOMAXPROCS %d, capacity %d: %v", procs, capacity, err)
			}
		}
	})
}

// What a push was told is what happens: OK is popped, Closed is not, and every push is told
// Closed that begins when somebody knows of the end.
func TestRing_CloseRacesPush(t *testing.T) {
	seed := newSeed(t)
	const producers = 3
	onProcs(t, func(procs int) {
		for round := range scaled(40) {
			r := queue.NewRingAt[item]([]int{4, 1024}[round%2], ^uint64(0)-19)
			accepted := make([]int, producers)
			l := newLedger(1)
			var over atomic.Bool
			var g errgroup.Group
			for p := range producers {
				g.Go(func() (err error) {
					accepted[p], err = produce(r, random(seed, round*10+p), p, 1<<20, &over)
					return err
				})
			}
			g.Go(func() error { return consume(r, random(seed, round*10+9), l, 0) })
			for range random(seed, round).IntN(200) {
				r.Len() // some time goes by
			}
			r.Close()
			over.Store(true)
			if err := g.Wait(); err != nil {
				t.Fatalf("GOMAXPROCS %d, round %d: %v", procs, round, err)
			}
			if err := l.check(accepted); err != nil {
				t.Fatalf("GOMAXPROCS %d, round %d: %v", procs, round, err)
			}
		}
	})
}
