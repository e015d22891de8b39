//go:build explore

package verify_test

import (
	"slices"
	"testing"

	"github.com/anishathalye/porcupine"

	"github.com/forebay-go/forebay/internal/explore"
	"github.com/forebay-go/forebay/internal/queue"
)

// A script is what one thread does.
type script []operation

// acts makes a script. The elements are numbered when the script is run.
func acts(as ...action) (s script) {
	for _, a := range as {
		n := 1
		if a == pushBatch || a == popBatch {
			n = 2
		}
		s = append(s, operation{action: a, n: n})
	}
	return s
}

// A play is scripts that run at once on a ring or a queue.
type play struct {
	name     string
	capacity int
	before   script // by main, alone
	scripts  []script
	options  explore.Options
}

// run plays, drains, and checks the history unless it was seen before.
func (p play) run(t *testing.T, open func() target, m porcupine.Model) {
	t.Run(p.name, func(t *testing.T) {
		seen := map[string]bool{}
		explored(t, p.options, func(r *explore.Run) {
			q := open()
			var h history
			act := func(thread int, s script) {
				pushed := element(0)
				for _, o := range s {
					o.thread = thread
					if o.action <= pushBatch {
						for i := range o.n {
							pushed++
							o.elems[i] = element(16*thread) + pushed
						}
					}
					r.Mark(&o.call)
					o.do(q)
					o.ret = r.Now()
					r.Notef("%v", o)
					h = append(h, o)
				}
			}
			act(0, p.before)
			for i, s := range p.scripts {
				r.Go("thread", func() { act(i+1, s) })
			}
			r.Wait()
			for {
				act(0, acts(pop))
				if last := h[len(h)-1]; last.status != queue.OK {
					if last.status == queue.Busy || q.Len() > 0 {
						r.Failf("drained: %v, %d left", last.status, q.Len())
					}
					break
				}
			}
			key := h.key()
			good, was := seen[key]
			if !was {
				good = h.linearizable(m)
				seen[key] = good
				total.histories++
			}
			if !good {
				r.Failf("not linearizable:\n%v", h)
			}
		})
		t.Logf("%d different histories", len(seen))
	})
}

// key is the same for histories that differ only in their times, not in their order.
func (h history) key() string {
	type event struct {
		at   int64
		op   int
		call bool
	}
	events := make([]event, 0, 64)
	for i, o := range h {
		events = append(events, event{o.call, i, true}, event{o.ret, i, false})
	}
	slices.SortFunc(events, func(a, b event) int { return int(a.at - b.at) })
	key := make([]byte, 0, 256)
	for _, e := range events {
		o := &h[e.op]
		if e.call {
			key = append(key, 'c', byte(o.thread))
			continue
		}
		key = append(key, 'r', byte(o.thread), byte(o.action), byte(o.n), byte(o.status), byte(o.count))
		key = append(key, o.elems[:]...)
	}
	return string(key)
}

// wrap is where the third push gets position 0.
const wrap = ^uint64(0) - 3

// Whatever producers and consumers do to a ring at once, the answers are those that a FIFO
// queue would give that does one thing at a time.
func TestRing(t *testing.T) {
	three := explore.Options{Preemptions: 3}
	two := explore.Options{Preemptions: 2}
	after := explore.Options{Preemptions: 2, AfterWrites: true}
	for _, p := range []play{
		{"2 producers and a consumer", 2, nil, []script{acts(push, push), acts(push), acts(pop, pop)}, three},
		{"2 producers and 2 consumers", 2, acts(push), []script{acts(push, push), acts(push), acts(pop, pop), acts(pop)}, two},
		{"3 producers and a consumer", 4, acts(push, push), []script{acts(push), acts(push), acts(push), acts(pop, pop)}, two},
		{"3 producers and 2 consumers", 2, nil, []script{acts(push), acts(push), acts(push), acts(pop), acts(pop, pop)}, two},
		{"2 producers and 2 consumers, capacity 4", 4, acts(push, push, push), []script{acts(push, push), acts(push), acts(pop, pop), acts(pop)}, two},
		{"a lap", 2, acts(push, push), []script{acts(pop, push, pop), acts(pop, push, pop)}, three},
		{"capacity 1", 1, nil, []script{acts(push, pop), acts(push, push), acts(pop, pop)}, three},
		{"capacity 3", 3, acts(push, push), []script{acts(push, push), acts(push), acts(pop, pop)}, three},
		{"batches", 4, acts(push), []script{acts(pushBatch, pushBatch), acts(pushBatch), acts(popBatch, popBatch)}, two},
		{"batches beside single ones", 2, acts(push), []script{acts(pushBatch, push), acts(push, pop), acts(popBatch, pop)}, two},
		{"batches, capacity 3", 3, acts(push), []script{acts(pushBatch), acts(pushBatch), acts(popBatch, pop)}, two},
		{"close", 2, nil, []script{acts(push, push), acts(push), acts(shut), acts(pop, pop)}, two},
		{"close and batches", 4, nil, []script{acts(pushBatch, push), acts(shut), acts(popBatch, pop)}, three},
		{"close a full one", 2, acts(push, push), []script{acts(push, push), acts(shut, pop), acts(pop, pop)}, two},
		{"looks", 2, acts(push), []script{acts(push, pop), acts(length, length), acts(ready, pop), acts(push)}, two},
		{"with plain writes apart", 2, acts(push), []script{acts(push, push), acts(pop), acts(pop, push)}, after},
		{"batches with plain writes apart", 2, nil, []script{acts(pushBatch), acts(popBatch, pop), acts(push)}, after},
	} {
		p.run(t, func() target { return queue.Start[element](p.capacity, wrap) }, fifoModel(p.capacity))
	}
}

// A queue that overflows is first in, first out for each producer, refuses nothing without
// need, and neither loses nor repeats anything.
func TestQueue(t *testing.T) {
	two := explore.Options{Preemptions: 2}
	for _, p := range []play{
		{"over", 2, acts(push, push), []script{acts(pushOver, pushOver), acts(push, push), acts(pop, pop, pop)}, two},
		{"over and back", 2, acts(push, push, pushOver), []script{acts(pop, pushOver, pop), acts(pop, pushOver, pop)}, two},
		{"two over", 2, acts(push), []script{acts(pushOver, pushOver), acts(pushOver, pushOver), acts(pop, pop)}, two},
		{"two consumers", 2, acts(push, push), []script{acts(pushOver, push), acts(pop, pop), acts(pop, pop)}, two},
		{"close", 2, acts(push, push), []script{acts(pushOver, pushOver), acts(push), acts(shut), acts(pop, pop)}, two},
		{"capacity 1", 1, nil, []script{acts(pushOver, pushOver), acts(push, pop), acts(pop, pop)}, two},
	} {
		open := func() target { return queue.New(p.capacity, func(element) bool { return false }) }
		p.run(t, open, lanesModel(p.capacity))
	}
}
