package queue_test

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/internal/queue"
)

// A waterfront is a bounded queue with a room before it: the protocol of Room's comment,
// as package pool plays it.
type waterfront struct {
	q    *queue.Queue[int]
	room queue.Room

	mu     sync.Mutex
	popped map[int]bool
}

// push pushes e, and waits for room until it is given up.
func (f *waterfront) push(e int, giveUp <-chan struct{}) bool {
	w := f.room.Join()
	for {
		if st := f.q.Push(&e); st == queue.OK || st == queue.Closed {
			f.room.Quit(w)
			return f.through(st)
		}
		select {
		case <-w.C:
			if st := f.q.Push(&e); st == queue.OK || st == queue.Closed {
				return f.through(st)
			}
			f.room.Rejoin(w)
		case <-giveUp:
			f.room.Quit(w)
			return false
		}
	}
}

// through tells others if there is more room (R4).
func (f *waterfront) through(st queue.Status) bool {
	if f.q.Len() < f.q.Cap() {
		f.room.Freed()
	}
	return st == queue.OK
}

// pop pops up to n elements, and reports each.
func (f *waterfront) pop(t *testing.T, n int) {
	var patience patience
	for n > 0 {
		e := 0
		switch f.q.Pop(&e) {
		case queue.OK:
			n--
			f.room.Freed()
			f.mu.Lock()
			if f.popped[e] {
				t.Errorf("element %d was popped twice", e)
			}
			f.popped[e] = true
			f.mu.Unlock()
		case queue.Empty:
			return
		default:
			if err := patience.yield(); err != nil {
				t.Error(err)
				return
			}
		}
	}
}

// Producers come, wait, and some of them give up, just when consumers make room. Whenever
// all has come to rest, nobody may be asleep while there is room; in the end, everybody who
// did not give up is through.
func TestRoom_NobodySleepsBesideRoom(t *testing.T) {
	seed := newSeed(t)
	onProcs(t, func(procs int) {
		for _, capacity := range []int{1, 2, 3} {
			synctest.Test(t, func(t *testing.T) {
				roomRounds(t, random(seed, procs*10+capacity), procs, capacity, scaled(25))
			})
		}
	})
}

func roomRounds(t *testing.T, rnd *rand.Rand, procs, capacity, rounds int) {
	f := &waterfront{q: queue.New(capacity, never), popped: map[int]bool{}}
	var producers sync.WaitGroup
	var accepted, refused atomic.Int64
	var quits []chan struct{}
	defer func() { // after a failure, nobody may stay in the bubble
		f.q.Close()
		f.room.Open()
	}()
	next := 0
	for round := range rounds {
		// All at once: some more producers, two consumers, and one that makes others give up.
		for range rnd.IntN(6) {
			e, giveUp := next, make(chan struct{})
			next++
			quits = append(quits, giveUp)
			producers.Go(func() {
				if f.push(e, giveUp) {
					accepted.Add(1)
				} else {
					refused.Add(1)
				}
			})
		}
		var consumers sync.WaitGroup
		for range 2 {
			n := rnd.IntN(capacity + 2)
			consumers.Go(func() { f.pop(t, n) })
		}
		for range min(rnd.IntN(3), len(quits)) {
			i := rnd.IntN(len(quits))
			close(quits[i])
			quits[i] = quits[len(quits)-1]
			quits = quits[:len(quits)-1]
		}
		consumers.Wait()
		synctest.Wait()
		if w, _ := f.room.Waiting(); f.q.Len() < capacity && w > 0 {
			t.Fatalf("GOMAXPROCS %d, capacity %d, round %d: %d producers are asleep, and there is room for %d",
				procs, capacity, round, w, capacity-f.q.Len())
		}
	}
	for f.q.Len() > 0 {
		f.pop(t, capacity)
		synctest.Wait()
	}
	producers.Wait() // those that sleep for ever are what synctest calls a deadlock
	if got := accepted.Load() + refused.Load(); got != int64(next) {
		t.Fatalf("GOMAXPROCS %d, capacity %d: producers that came back: got %d, want %d", procs, capacity, got, next)
	}
	if got := int(accepted.Load()); got != len(f.popped) {
		t.Fatalf("GOMAXPROCS %d, capacity %d: popped %d elements, and %d were accepted", procs, capacity, len(f.popped), got)
	}
}

// Field bug 4 once more, as Room's R4 has it: two producers go to sleep before a slot that a
// stalled pop has not released. Behind it a pop has made room already, with nobody to tell. So
// one token comes for two, and the first to get through has to pass it on.
func TestField04_RoomMadeBehindAStalledPop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &waterfront{q: queue.New(2, never), popped: map[int]bool{}}
		f.push(0, nil)
		f.push(1, nil)
		release := f.q.Ring().ClaimPop() // 0
		f.pop(t, 1)
		var producers sync.WaitGroup
		for e := range 2 {
			producers.Go(func() { f.push(2+e, nil) })
		}
		synctest.Wait()
		wantWaiting(t, &f.room, 2)
		release()
		wantFreed(t, &f.room, true)
		synctest.Wait()
		wantWaiting(t, &f.room, 0)
		producers.Wait()
		wantLen(t, f.q, 2, true)
	})
}

// Close and Open free everybody, also those that join just then.
func TestRoom_OpenAfterCloseFreesEverybody(t *testing.T) {
	onProcs(t, func(procs int) {
		for range scaled(20) {
			synctest.Test(t, func(t *testing.T) {
				f := &waterfront{q: queue.New(1, never), popped: map[int]bool{}}
				var accepted atomic.Int64
				var producers sync.WaitGroup
				for e := range 5 {
					producers.Go(func() {
						if f.push(e, nil) {
							accepted.Add(1)
						}
					})
				}
				f.q.Close()
				f.room.Open()
				producers.Wait()
				if got := accepted.Load(); got > 1 {
					t.Fatalf("GOMAXPROCS %d: accepted into a queue of one: got %d", procs, got)
				}
				wantWaiting(t, &f.room, 0)
			})
		}
	})
}
