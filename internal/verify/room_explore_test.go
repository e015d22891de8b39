//go:build explore

package verify_test

import (
	"testing"

	"github.com/forebay-go/forebay/internal/explore"
	"github.com/forebay-go/forebay/internal/queue"
)

// A lobby is a full ring, and a room before it.
type lobby struct {
	*explore.Run
	queue *queue.Queue[element]
	room  queue.Room
	// The rest is changed between operations only.
	pushed, popped, refused, gaveUp int
	pushes                          int // attempts that are over: what a consumer that found nothing waits for
	ended                           bool
}

func newLobby(r *explore.Run, capacity int) *lobby {
	l := &lobby{Run: r, queue: queue.New(capacity, func(element) bool { return false })}
	for range capacity {
		e := element(1)
		l.queue.Push(&e)
		l.pushed++
	}
	return l
}

func (l *lobby) push(e element) queue.Status {
	st := l.queue.Push(&e)
	l.pushes++
	if st == queue.OK {
		l.pushed++
	}
	return st
}

// submit is the producer's side of the room, as package pool has it. Of a token and the end
// of the ctx, both there, either may be seen. Not all producers have a ctx that ends.
func (l *lobby) submit(ends, seesEndFirst bool) {
	if l.over(l.push(2)) {
		return
	}
	w := l.room.Join()
	for {
		if st := l.push(2); l.over(st) {
			l.room.Quit(w)
			l.through(st)
			return
		}
		l.Await("a token, or the end", func() bool { return len(w.C) > 0 || ends && l.ended })
		if len(w.C) == 0 || ends && l.ended && seesEndFirst {
			l.room.Quit(w)
			l.gaveUp++
			return
		}
		<-w.C
		if st := l.push(2); l.over(st) {
			l.through(st)
			return
		}
		l.room.Rejoin(w)
	}
}

func (l *lobby) over(st queue.Status) bool {
	if st == queue.Closed {
		l.refused++
	}
	return st == queue.OK || st == queue.Closed
}

func (l *lobby) through(st queue.Status) {
	if st == queue.OK && l.queue.Len() < l.queue.Cap() {
		l.room.Freed()
	}
}

// take pops n elements.
func (l *lobby) take(n int) {
	for n > 0 {
		var e element
		seen := l.pushes
		if l.queue.Pop(&e) == queue.OK {
			l.popped++
			l.room.Freed()
			n--
			continue
		}
		l.Await("a push", func() bool { return l.pushes > seen })
	}
}

func (l *lobby) shut() {
	l.queue.Close()
	l.room.Open()
}

func (l *lobby) end() {
	l.ended = true
	l.Point()
}

// Who waits for room gets it when there is some, and learns of the end of the queue, or of its
// own ctx. A wake-up that is lost is a deadlock here.
func TestRoom(t *testing.T) {
	for _, tt := range []struct {
		name         string
		capacity     int
		producers    int
		consumers    []int // how many each pops
		end, shut    bool  // of the first producer's ctx, of the queue
		seesEndFirst bool
		preemptions  int
	}{
		{"2 producers, 2 pops", 2, 2, []int{2}, false, false, false, 3},
		{"2 producers, 2 consumers", 2, 2, []int{1, 1}, false, false, false, 3},
		{"capacity 1", 1, 2, []int{1, 1}, false, false, false, 3},
		{"3 producers, 2 consumers", 2, 3, []int{2, 1}, false, false, false, 2},
		{"close", 2, 2, []int{1}, false, true, false, 3},
		{"ctx ends", 2, 2, []int{2}, true, false, false, 3},
		{"ctx ends and is seen first", 2, 2, []int{2}, true, false, true, 3},
		{"ctx ends, 2 consumers", 1, 2, []int{1, 1}, true, false, true, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			explored(t, explore.Options{Preemptions: tt.preemptions}, func(r *explore.Run) {
				l := newLobby(r, tt.capacity)
				for i := range tt.producers {
					r.Go("producer", func() { l.submit(tt.end && i == 0, tt.seesEndFirst) })
				}
				for _, n := range tt.consumers {
					r.Go("consumer", func() { l.take(n) })
				}
				if tt.end {
					r.Go("ctx", l.end)
				}
				if tt.shut {
					r.Go("closer", l.shut)
				}
				r.Wait()
				in := l.pushed - tt.capacity
				if in+l.refused+l.gaveUp != tt.producers {
					r.Failf("of %d producers %d are in, %d refused, %d gave up", tt.producers, in, l.refused, l.gaveUp)
				}
				if n := l.queue.Len(); n != l.pushed-l.popped || n > tt.capacity {
					r.Failf("%d queued, %d pushed, %d popped", n, l.pushed, l.popped)
				}
				if l.room.Freed() {
					r.Failf("a producer is left in the room")
				}
			})
		})
	}
}
