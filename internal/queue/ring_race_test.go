package queue_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/forebay-go/forebay/internal/queue"
)

// What the answers promise while others work on the same ring. Each test arranges that only
// one answer can be right, whatever the interleaving.

// pushAll pushes 0, 1, ... from many goroutines until the ring is Full, and wants exactly
// its capacity accepted, and nothing but OK and Full: no pop is there that could be Busy.
func pushAll(r *queue.Ring[int], goroutines int) error {
	var g errgroup.Group
	var accepted atomic.Int64
	for range goroutines {
		g.Go(func() error {
			for v := 0; ; v++ {
				switch st := r.Push(&v); st {
				case queue.OK:
					accepted.Add(1)
				case queue.Full:
					return nil
				default:
					return fmt.Errorf("push beside pushes: got %v, want OK or Full", st)
				}
			}
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if got := int(accepted.Load()); got != r.Cap() {
		return fmt.Errorf("accepted until Full: got %d, want %d", got, r.Cap())
	}
	return nil
}

// popAll is its mirror image.
func popAll(r *queue.Ring[int], goroutines int) error {
	var g errgroup.Group
	var popped atomic.Int64
	for range goroutines {
		g.Go(func() error {
			for {
				var v int
				switch st := r.Pop(&v); st {
				case queue.OK:
					popped.Add(1)
				case queue.Empty:
					return nil
				default:
					return fmt.Errorf("pop beside pops: got %v, want OK or Empty", st)
				}
			}
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if got := int(popped.Load()); got != r.Cap() {
		return fmt.Errorf("popped until Empty: got %d, want %d", got, r.Cap())
	}
	return nil
}

// Full and Empty are exact, and Busy is no other word for contention.
func TestRing_FullAndEmptyAreExactUnderContention(t *testing.T) {
	for _, capacity := range []int{1, 3, 8, 1000, 1024} {
		r := queue.NewRingAt[int](capacity, starts[len(starts)-1])
		for round := range scaled(10_000 / (capacity + 50)) {
			if err := pushAll(r, 3); err != nil {
				t.Fatalf("capacity %d, round %d: %v", capacity, round, err)
			}
			if err := popAll(r, 3); err != nil {
				t.Fatalf("capacity %d, round %d: %v", capacity, round, err)
			}
		}
	}
}

// Each of some goroutines is entitled to a share of the ring, and pops as many elements as it
// has pushed. While it has pushed fewer than its share, there is room; while it has popped
// fewer than it pushed, there is an element. This is the linearizability that the classic
// two-valued form lacks: there a pop says "empty" here.
func TestRing_NeverEmptyBehindOwnPushNorFullBehindOwnPop(t *testing.T) {
	seed := newSeed(t)
	for _, share := range []int{1, 1, 6} {
		const workers = 4
		r := queue.NewRingAt[int](workers*share, ^uint64(0)-301)
		var g errgroup.Group
		for w := range workers {
			g.Go(func() error { return keepShare(r, random(seed, w), share, scaled(6000)) })
		}
		if err := g.Wait(); err != nil {
			t.Fatalf("%d goroutines with a share of %d each: %v", workers, share, err)
		}
	}
}

// keepShare pushes and pops, never more than share ahead.
func keepShare(r *queue.Ring[int], rnd *rand.Rand, share, ops int) error {
	var patience patience
	es := make([]int, share)
	ahead := 0
	for op := 0; op < ops || ahead > 0; op++ {
		push := ahead == 0 || ahead < share && op < ops && rnd.IntN(2) == 0
		room := ahead
		if push {
			room = share - ahead
		}
		batch := rnd.IntN(room + 1) // 0: a single one
		var k int
		var st queue.Status
		switch {
		case push && batch > 0:
			k, st = r.PushBatch(es[:batch])
		case push:
			st, k = r.Push(&es[0]), 1
		case batch > 0:
			k, st = r.PopBatch(es[:batch])
		default:
			st, k = r.Pop(&es[0]), 1
		}
		switch {
		case st == queue.Busy:
			if err := patience.yield(); err != nil {
				return err
			}
		case st != queue.OK:
			return fmt.Errorf("operation %d, a push: %t, %d ahead: got %v, want OK or Busy", op, push, ahead, st)
		case push:
			ahead += k
		default:
			ahead -= k
		}
	}
	return nil
}

// The lost wake-up: Ready looks at a slot, another consumer pops it, and what is published
// behind it goes unseen. Somebody always pushes before he pops, so the ring is never without
// a published element, and Ready must never say that it is.
func TestRing_ReadyRereadsHead(t *testing.T) {
	r := queue.NewRingAt[int](4, ^uint64(0)-1001)
	wantPush(t, r, 0, queue.OK)
	var g errgroup.Group
	stop := make(chan struct{})
	g.Go(func() error {
		defer close(stop)
		for v := range scaled(100_000) {
			if st := r.Push(&v); st != queue.OK {
				return fmt.Errorf("push %d: got %v, want OK", v, st)
			}
			if st := r.Pop(&v); st != queue.OK {
				return fmt.Errorf("pop %d: got %v, want OK", v, st)
			}
		}
		return nil
	})
	g.Go(func() error {
		for looks := 0; ; looks++ {
			if !r.Ready() {
				return fmt.Errorf("look %d: Ready says false and an element is published", looks)
			}
			select {
			case <-stop:
				return nil
			default:
			}
			if looks%64 == 0 {
				runtime.Gosched()
			}
		}
	})
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}

// Len is exact at one instant: one element moves in and out of a ring that holds two more,
// and nobody may see fewer than two or more than three.
func TestRing_LenIsOneInstant(t *testing.T) {
	r := queue.NewRingAt[int](8, ^uint64(0)-1001)
	for v := range 2 {
		wantPush(t, r, v, queue.OK)
	}
	var g errgroup.Group
	stop := make(chan struct{})
	g.Go(func() error {
		defer close(stop)
		for v := range scaled(50_000) {
			if r.Push(&v) != queue.OK || r.Pop(&v) != queue.OK {
				return fmt.Errorf("push and pop %d: not OK", v)
			}
		}
		return nil
	})
	g.Go(func() error {
		for {
			if n := r.Len(); n < 2 || n > 3 {
				return fmt.Errorf("Len: got %d, want 2 or 3", n)
			}
			select {
			case <-stop:
				return nil
			default:
			}
		}
	})
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}
