package queue_test

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/forebay-go/forebay/internal/queue"
)

// A job is an item that can die, and knows its end: popped or dropped, exactly one of them.
type job struct {
	item
	dead, dropped, popped atomic.Bool
}

func (j *job) isDead() bool {
	if !j.dead.Load() {
		return false
	}
	if j.dropped.Swap(true) {
		panic(fmt.Sprintf("item %d of producer %d: asked again about it, after the answer that it is dead", j.n, j.producer))
	}
	return true
}

// A crowd is the producers of a stress, and what they pushed.
type crowd struct {
	q     *queue.Queue[*job]
	first uint64      // what Pushed said before
	over  atomic.Bool // somebody was told that the queue is closed
	jobs  [][]*job    // accepted, by producer
}

func newCrowd(q *queue.Queue[*job], producers int) *crowd {
	return &crowd{q: q, first: q.Pushed(), jobs: make([][]*job, producers)}
}

// produce pushes n jobs, or until the queue is closed: some as they come, some beyond the
// capacity. Some of them die before long.
func (c *crowd) produce(rnd *rand.Rand, producer, n int) error {
	var patience patience
	for i := 0; i < n; {
		wasOver := c.over.Load()
		j := &job{item: item{producer, i}}
		push := [...]func(**job) queue.Status{c.q.Push, c.q.Offer, c.q.PushOver}[rnd.IntN(3)]
		st := push(&j)
		switch {
		case st == queue.Closed:
			c.over.Store(true)
			return nil
		case wasOver:
			return fmt.Errorf("producer %d at item %d: got %v after somebody had been told Closed", producer, i, st)
		case st == queue.OK:
			c.jobs[producer] = append(c.jobs[producer], j)
			i++
			patience = 0
			if rnd.IntN(4) == 0 {
				c.jobs[producer][rnd.IntN(i)].dead.Store(true)
			}
		default:
			if err := patience.yield(); err != nil {
				return fmt.Errorf("producer %d at item %d, told %v: %w", producer, i, st, err)
			}
		}
	}
	return nil
}

// consume pops until the queue is drained, and wants each producer's jobs in order.
func (c *crowd) consume(rnd *rand.Rand) error {
	var patience patience
	last := make([]int, len(c.jobs))
	for !c.q.Drained() {
		var j *job
		switch st := c.q.Pop(&j); st {
		case queue.OK:
			if j.popped.Swap(true) {
				return fmt.Errorf("item %d of producer %d was popped twice", j.n, j.producer)
			}
			if j.n < last[j.producer] {
				return fmt.Errorf("item %d of producer %d after item %d", j.n, j.producer, last[j.producer])
			}
			last[j.producer] = j.n
			patience = 0
			if rnd.IntN(50) == 0 {
				if err := patience.yield(); err != nil { // let the overflow grow
					return err
				}
			}
		case queue.Empty, queue.Busy:
			if err := patience.yield(); err != nil {
				return fmt.Errorf("consumer, told %v: %w", st, err)
			}
		default:
			return fmt.Errorf("pop: got %v", st)
		}
	}
	return nil
}

// check wants that every accepted job was popped or dropped, and no other.
func (c *crowd) check() error {
	total := 0
	for _, jobs := range c.jobs {
		total += len(jobs)
		for _, j := range jobs {
			if popped, dropped := j.popped.Load(), j.dropped.Load(); popped == dropped {
				return fmt.Errorf("item %d of producer %d: popped %t, dropped %t, want one of them", j.n, j.producer, popped, dropped)
			}
		}
	}
	if got := (c.q.Pushed() - c.first) << 1 >> 1; got != uint64(total) { // positions have 63 bits
		return fmt.Errorf("Pushed: got %d, want %d", got, total)
	}
	return nil
}

// One consumer, so the order that it sees is the order of the queue. Small rings and its
// pauses make the producers change sides all the time.
func TestL4_OrderHoldsAcrossRingAndOverflow(t *testing.T) {
	seed := newSeed(t)
	const producers = 3
	onProcs(t, func(procs int) {
		for _, capacity := range []int{1, 2, 8} {
			for _, q := range []*queue.Queue[*job]{queue.New(capacity, (*job).isDead), queue.NewUnbounded(capacity, (*job).isDead)} {
				c := newCrowd(q, producers)
				var g, consumer errgroup.Group
				for p := range producers {
					g.Go(func() error { return c.produce(random(seed, p), p, scaled(250)) })
				}
				consumer.Go(func() error { return c.consume(random(seed, producers)) })
				err := g.Wait()
				q.Close()
				if err2 := consumer.Wait(); err == nil {
					err = err2
				}
				if err == nil {
					err = c.check()
				}
				if err != nil {
					t.Fatalf("GOMAXPROCS %d, ring of %d, capacity %d: %v", procs, capacity, q.Cap(), err)
				}
			}
		}
	})
}

// Close ends admission at one instant for ring and overflow: when it has returned, the
// queue's length is final, and when one producer has been told, all the others are.
func TestQueue_CloseIsOneInstant(t *testing.T) {
	seed := newSeed(t)
	const producers = 3
	onProcs(t, func(procs int) {
		for round := range scaled(100) {
			q := queue.New(1+round%4, func(*job) bool { return false })
			c := newCrowd(q, producers)
			var g errgroup.Group
			for p := range producers {
				g.Go(func() error { return c.produce(random(seed, round*10+p), p, 1<<20) })
			}
			for range random(seed, round).IntN(300) {
				q.Len() // some time goes by
			}
			q.Close()
			length := q.Len()
			c.over.Store(true)
			if err := g.Wait(); err != nil {
				t.Fatalf("GOMAXPROCS %d, round %d: %v", procs, round, err)
			}
			if got := q.Len(); got != length {
				t.Fatalf("GOMAXPROCS %d, round %d: Len: got %d when Close returned, and %d in the end", procs, round, length, got)
			}
			if err := c.consume(random(seed, round)); err != nil {
				t.Fatalf("GOMAXPROCS %d, round %d: %v", procs, round, err)
			}
			if err := c.check(); err != nil {
				t.Fatalf("GOMAXPROCS %d, round %d: %v", procs, round, err)
			}
		}
	})
}

// Many consumers: everything comes out once, whichever side it was on.
func TestQueue_ExactlyOnce(t *testing.T) {
	seed := newSeed(t)
	const producers, consumers = 2, 3
	onProcs(t, func(procs int) {
		for _, capacity := range []int{1, 2, 8} {
			q := queue.New(capacity, (*job).isDead)
			c := newCrowd(q, producers)
			var g, done errgroup.Group
			for p := range producers {
				g.Go(func() error { return c.produce(random(seed, p), p, scaled(600)) })
			}
			for i := range consumers {
				// Each consumer alone sees each producer's jobs in order.
				done.Go(func() error { return c.consume(random(seed, producers+i)) })
			}
			err := g.Wait()
			q.Close()
			if err2 := done.Wait(); err == nil {
				err = err2
			}
			if err == nil {
				err = c.check()
			}
			if err != nil {
				t.Fatalf("GOMAXPROCS %d, capacity %d: %v", procs, capacity, err)
			}
		}
	})
}
