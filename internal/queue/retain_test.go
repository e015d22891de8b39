package queue_test

import (
	"runtime"
	"testing"
	"weak"

	"github.com/forebay-go/forebay/internal/queue"
)

// A thing is an element that the collector is asked about.
type thing struct {
	dead bool
	_    [64]byte
}

// things makes n elements, and weak pointers to them.
func things(n int) ([]*thing, []weak.Pointer[thing]) {
	es, ps := make([]*thing, n), make([]weak.Pointer[thing], n)
	for i := range es {
		es[i] = new(thing)
		ps[i] = weak.Make(es[i])
	}
	return es, ps
}

// wantCollected wants that nothing holds on to what ps point to.
func wantCollected(t *testing.T, what string, ps []weak.Pointer[thing]) {
	t.Helper()
	runtime.GC()
	for i, p := range ps {
		if p.Value() != nil {
			t.Fatalf("%s: element %d of %d is still retained", what, i, len(ps))
		}
	}
}

// wantHeld wants that n elements are in memory, and all else is zero.
func wantHeld(t *testing.T, what string, memory []*thing, n int) {
	t.Helper()
	held := 0
	for _, e := range memory {
		if e != nil {
			held++
		}
	}
	if held != n {
		t.Fatalf("%s: %d slots hold an element, want %d", what, held, n)
	}
}

func TestL14_RingRetainsNothing(t *testing.T) {
	for _, start := range starts {
		r := queue.NewRingAt[*thing](8, start)
		ps := throughRing(t, r)
		wantHeld(t, "after all pops", r.Memory(), 0)
		wantCollected(t, "after all pops", ps)
		runtime.KeepAlive(r)
	}
}

// throughRing sends elements through r, also in batches, and keeps none.
func throughRing(t *testing.T, r *queue.Ring[*thing]) []weak.Pointer[thing] {
	es, ps := things(8)
	dst := make([]*thing, 5)
	for i := range es {
		if st := r.Push(&es[i]); st != queue.OK {
			t.Fatalf("push %d: got %v, want OK", i, st)
		}
	}
	for i := range 3 {
		r.Pop(&dst[0])
		wantHeld(t, "after a pop", r.Memory(), 7-i)
	}
	if n, st := r.PopBatch(dst); n != 5 || st != queue.OK {
		t.Fatalf("PopBatch: got %d, %v, want 5, OK", n, st)
	}
	wantHeld(t, "after PopBatch", r.Memory(), 0)
	if n, st := r.PushBatch(es); n != 8 || st != queue.OK {
		t.Fatalf("PushBatch: got %d, %v, want 8, OK", n, st)
	}
	wantHeld(t, "after PushBatch", r.Memory(), 8)
	for n := 8; n > 0; {
		k, _ := r.PopBatch(dst[:3])
		n -= k
		wantHeld(t, "after PopBatch", r.Memory(), n)
	}
	return ps
}

func TestL14_OverflowRetainsNothing(t *testing.T) {
	const n = 5*queue.ChunkLen + 7
	isDead := func(e *thing) bool { return e.dead }
	for _, tc := range []struct {
		name string
		run  func(q *queue.Queue[*thing], es []*thing) (live int)
	}{
		{"popped", func(q *queue.Queue[*thing], es []*thing) int {
			var e *thing
			for range len(es) + 1 { // the one in the ring too
				q.Pop(&e)
			}
			return 0
		}},
		{"trimmed", func(q *queue.Queue[*thing], es []*thing) int {
			for _, e := range es {
				e.dead = true
			}
			q.PushOver(new(new(thing)))
			return 1
		}},
		{"trimmed behind pops", func(q *queue.Queue[*thing], es []*thing) int {
			var e *thing
			for range 2*queue.ChunkLen + 9 {
				q.Pop(&e)
			}
			for _, e := range es {
				e.dead = true
			}
			q.PushOver(new(new(thing)))
			return 1
		}},
		{"swept", func(q *queue.Queue[*thing], es []*thing) int {
			q.PushOver(new(new(thing))) // stands between the end and the dead ones
			for _, e := range es {
				e.dead = true
			}
			live := 1
			for ; q.OverLen() > live && live < 1<<16; live++ {
				q.PushOver(new(new(thing)))
			}
			return live
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			q := queue.New(1, isDead)
			ps, live := func() ([]weak.Pointer[thing], int) {
				es, ps := things(n)
				q.PushOver(new(new(thing))) // fills the ring
				for i := range es {
					q.PushOver(&es[i])
				}
				return ps, tc.run(q, es)
			}()
			if got := q.OverLen(); got != live {
				t.Fatalf("elements in the overflow: got %d, want %d", got, live)
			}
			wantHeld(t, tc.name, q.OverMemory(), live)
			wantCollected(t, tc.name, ps)
			runtime.KeepAlive(q)
		})
	}
}
