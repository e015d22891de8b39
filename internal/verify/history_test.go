package verify_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/anishathalye/porcupine"

	"github.com/forebay-go/forebay/internal/queue"
)

// An action is what a thread does to a ring or a queue.
type action uint8

const (
	push action = iota
	pushOver
	pushBatch
	pop
	popBatch
	length
	ready
	shut
)

func (a action) String() string {
	return [...]string{"Push", "PushOver", "PushBatch", "Pop", "PopBatch", "Len", "Ready", "Close"}[a]
}

// most is the size of the largest batch.
const most = 3

// An element says who has pushed it: 16*producer + the number of the push, from 1.
type element = uint8

// An operation is one call, with its arguments and its answer.
type operation struct {
	thread    int
	action    action
	n         int           // elements given, or asked for
	elems     [most]element // given, or got
	status    queue.Status
	count     int // elements taken or got; the answer of Len; 1 if Ready
	call, ret int64
}

func (o operation) String() string {
	e := o.elems[:min(most, max(o.n, o.count))]
	return fmt.Sprintf("[%d,%d] thread %d: %v %x = %v %d", o.call, o.ret, o.thread, o.action, e, o.status, o.count)
}

// target is a ring or a queue.
type target interface {
	Push(*element) queue.Status
	PushBatch([]element) (int, queue.Status)
	Pop(*element) queue.Status
	Ready() bool
	Len() int
	Close()
}

// do calls t and notes the answer.
func (o *operation) do(t target) {
	switch o.action {
	case push:
		o.status = t.Push(&o.elems[0])
		o.count = 1
	case pushOver:
		o.status = t.(*queue.Queue[element]).PushOver(&o.elems[0])
		o.count = 1
	case pushBatch:
		o.count, o.status = t.PushBatch(o.elems[:o.n])
	case pop:
		o.status = t.Pop(&o.elems[0])
		o.count = 1
	case popBatch:
		o.count, o.status = t.(*queue.Ring[element]).PopBatch(o.elems[:o.n])
	case length:
		o.count = t.Len()
	case ready:
		o.count = 0
		if t.Ready() {
			o.count = 1
		}
	case shut:
		t.Close()
	}
}

// A history is what the threads of one run did.
type history []operation

func (h history) String() string {
	var s strings.Builder
	for _, o := range h {
		fmt.Fprintln(&s, o)
	}
	return s.String()
}

// A fifo is the state of the model: a bounded FIFO queue that can be closed. Values are
// compared with ==.
type fifo struct {
	elems  [8]element
	n      int
	closed bool
}

// step says what the model makes of an operation. Busy is no answer about the contents, so
// it is always right, and so is a Ready that says no.
func (q fifo) step(capacity int, o *operation) (fifo, bool) {
	switch o.action {
	case push, pushBatch:
		switch o.status {
		case queue.OK:
			if q.closed || o.count < 1 || q.n+o.count > capacity {
				return q, false
			}
			q.n += copy(q.elems[q.n:], o.elems[:o.count])
			return q, true
		case queue.Full:
			return q, !q.closed && q.n == capacity
		case queue.Closed:
			return q, q.closed
		}
		return q, o.status == queue.Busy
	case pop, popBatch:
		switch o.status {
		case queue.OK:
			if o.count < 1 || q.n < o.count || !slices.Equal(q.elems[:o.count], o.elems[:o.count]) {
				return q, false
			}
			next := fifo{n: q.n - o.count, closed: q.closed}
			copy(next.elems[:], q.elems[o.count:q.n])
			return next, true
		case queue.Empty:
			return q, q.n == 0
		}
		return q, o.status == queue.Busy
	case length:
		return q, o.count == q.n
	case ready:
		return q, o.count == 0 || q.n > 0
	case shut:
		q.closed = true
	}
	return q, true
}

// Lanes are the state of the weaker model for a queue with an overflow: first in, first out
// for each producer. What is empty is said for one of two parts at a time. A Push that has found
// nothing in the overflow may go to the ring after others have gone there beyond the capacity.
type lanes struct {
	elems  [4][4]element
	n      [4]int
	closed bool
}

func (l lanes) step(capacity int, o *operation) (lanes, bool) {
	e := o.elems[0]
	lane := e / 16 % 4
	sum := l.n[0] + l.n[1] + l.n[2] + l.n[3]
	switch {
	case o.action == shut:
		l.closed = true
		return l, true
	case o.status == queue.Closed:
		return l, l.closed
	case o.status == queue.Full:
		return l, !l.closed && o.action == push && sum >= capacity
	case o.status != queue.OK: // Busy, and Empty, which is not exact for both parts
		return l, o.action == pop || o.status == queue.Busy && o.action == push
	case o.action == pop:
		if l.n[lane] == 0 || l.elems[lane][0] != e {
			return l, false
		}
		copy(l.elems[lane][:], l.elems[lane][1:])
		l.n[lane]--
		l.elems[lane][l.n[lane]] = 0
		return l, true
	}
	if l.closed {
		return l, false
	}
	l.elems[lane][l.n[lane]] = e
	l.n[lane]++
	return l, true
}

// model makes a porcupine model of a state and its step.
func model[S comparable](step func(S, *operation) (S, bool)) porcupine.Model {
	return porcupine.Model{
		Init: func() any { var s S; return s },
		Step: func(state, input, _ any) (bool, any) {
			next, ok := step(state.(S), input.(*operation))
			return ok, next
		},
	}
}

func fifoModel(capacity int) porcupine.Model {
	return model(func(q fifo, o *operation) (fifo, bool) { return q.step(capacity, o) })
}

func lanesModel(capacity int) porcupine.Model {
	return model(func(l lanes, o *operation) (lanes, bool) { return l.step(capacity, o) })
}

// linearizable asks porcupine.
func (h history) linearizable(m porcupine.Model) bool {
	ops := make([]porcupine.Operation, len(h))
	for i := range h {
		ops[i] = porcupine.Operation{ClientId: h[i].thread, Input: &h[i], Call: h[i].call, Return: h[i].ret}
	}
	return porcupine.CheckOperations(m, ops)
}

// The models themselves: what they must not accept.
func TestModel(t *testing.T) {
	ok := func(thread int, a action, call, ret int64, e element) operation {
		return operation{thread, a, 1, [most]element{e}, queue.OK, 1, call, ret}
	}
	not := func(thread int, a action, call, ret int64, s queue.Status) operation {
		return operation{thread: thread, action: a, n: 1, status: s, count: 1, call: call, ret: ret}
	}
	for _, tt := range []struct {
		name string
		h    history
		want bool
	}{
		{"in order", history{ok(0, push, 1, 2, 1), ok(0, push, 3, 4, 2), ok(1, pop, 5, 6, 1), ok(1, pop, 7, 8, 2)}, true},
		{"out of order", history{ok(0, push, 1, 2, 1), ok(0, push, 3, 4, 2), ok(1, pop, 5, 6, 2)}, false},
		{"at once", history{ok(0, push, 1, 4, 1), ok(1, push, 2, 3, 2), ok(1, pop, 5, 6, 2)}, true},
		{"empty after a push", history{ok(0, push, 1, 2, 1), not(1, pop, 3, 4, queue.Empty)}, false},
		{"empty beside a push", history{ok(0, push, 1, 3, 1), not(1, pop, 2, 4, queue.Empty)}, true},
		{"Busy after a push", history{ok(0, push, 1, 2, 1), not(1, pop, 3, 4, queue.Busy)}, true},
		{"full with one of two", history{ok(0, push, 1, 2, 1), not(0, push, 3, 4, queue.Full)}, false},
		{"beyond the capacity", history{ok(0, push, 1, 2, 1), ok(0, push, 3, 4, 2), ok(0, push, 5, 6, 3)}, false},
		{"twice", history{ok(0, push, 1, 2, 1), ok(0, pop, 3, 4, 1), ok(1, pop, 3, 5, 1)}, false},
		{"after Close", history{not(0, shut, 1, 2, queue.OK), ok(0, push, 3, 4, 1)}, false},
		{"beside Close", history{not(0, shut, 1, 4, queue.OK), ok(1, push, 2, 3, 1)}, true},
	} {
		if got := tt.h.linearizable(fifoModel(2)); got != tt.want {
			t.Errorf("%s: got %t, want %t", tt.name, got, tt.want)
		}
		if got := tt.h.linearizable(lanesModel(2)); got != (tt.want || tt.name == "empty after a push" || tt.name == "beyond the capacity") {
			t.Errorf("%s, in lanes: got %t, want %t", tt.name, got, tt.want)
		}
	}
}
