package queue_test

import (
	"slices"
	"testing"
	"unsafe"

	"github.com/forebay-go/forebay/internal/queue"
)

// A graveyard answers for elements whether they are dead, and keeps the order of those that
// are not.
type graveyard struct {
	t      *testing.T
	q      *queue.Queue[int]
	in     []bool // by element: dead
	told   []bool // by element: the queue was told so
	asked  int
	popped int // elements below this are popped or dropped
}

// newGraveyard returns a graveyard and its queue, whose ring is full: with element 0.
func newGraveyard(t *testing.T) *graveyard {
	t.Helper()
	g := &graveyard{t: t}
	g.q = queue.New(1, func(e int) bool {
		g.asked++
		if g.told[e] {
			t.Errorf("element %d: asked again about it, after the answer that it is dead", e)
		}
		g.told[e] = g.in[e]
		return g.in[e]
	})
	g.push()
	return g
}

// push pushes the next element and returns it.
func (g *graveyard) push() int {
	g.t.Helper()
	e := len(g.in)
	g.in, g.told = append(g.in, false), append(g.told, false)
	wantPushOver(g.t, g.q, e, queue.OK)
	return e
}

func (g *graveyard) kill(es ...int) {
	for _, e := range es {
		g.in[e] = true
	}
}

// drain wants every element that was not dropped, in order.
func (g *graveyard) drain() {
	g.t.Helper()
	for ; g.popped < len(g.in); g.popped++ {
		if !g.told[g.popped] {
			wantPop(g.t, g.q, g.popped)
		}
	}
	wantNoPop(g.t, g.q, queue.Empty)
}

// wantChunks wants no more than max chunks in use.
func wantChunks(t *testing.T, q *queue.Queue[int], max int) {
	t.Helper()
	if got := q.OverChunks(); got > max {
		t.Fatalf("chunks for %d elements: got %d, want at most %d", q.OverLen(), got, max)
	}
}

func TestOverflow_HoldsAnyNumberOfChunks(t *testing.T) {
	for _, n := range []int{1, queue.ChunkLen - 1, queue.ChunkLen, queue.ChunkLen + 1, 4 * queue.ChunkLen} {
		q := overfull(t, 1, 0, n)
		wantChunks(t, q, (n+queue.ChunkLen-1)/queue.ChunkLen)
		wantPop(t, q, count(0, n+1)...)
		wantNoPop(t, q, queue.Empty)
		wantChunks(t, q, 1)
	}
}

// A queue that stays about as long uses the memory it has: the chunk that pops give back
// becomes the one that pushes need.
func TestOverflow_SpareChunkGoesRound(t *testing.T) {
	q := overfull(t, 1, 0, queue.ChunkLen)
	wantPop(t, q, 0)
	first := unsafe.SliceData(q.OverLast())
	wantPop(t, q, count(1, queue.ChunkLen+1)...)
	if got := unsafe.SliceData(q.OverSpare()); got != first {
		t.Fatalf("the spare chunk after the first was popped: got %p, want that one, %p", got, first)
	}
	wantPush(t, q, 0, queue.OK) // in the ring
	for v := range queue.ChunkLen {
		wantPushOver(t, q, v+1, queue.OK)
	}
	if got := unsafe.SliceData(q.OverLast()); got != first {
		t.Fatalf("the chunk of the next pushes: got %p, want the spare one, %p", got, first)
	}
	if q.OverSpare() != nil {
		t.Fatal("the spare chunk is in use, and still the spare")
	}
	wantPushOver(t, q, queue.ChunkLen+1, queue.OK)
	wantPop(t, q, count(0, queue.ChunkLen+2)...)
}

// Tasks run by their awaiters die at the end, last in first out: then a push only replaces.
func TestOverflow_TrimsTheDeadAtItsEnd(t *testing.T) {
	g := newGraveyard(t)
	for range 20 {
		var es []int
		for range 3*queue.ChunkLen + 1 {
			es = append(es, g.push())
		}
		wantOver(t, g.q, 3*queue.ChunkLen+1)
		wantChunks(t, g.q, 4)
		g.kill(es...)
		e := g.push() // takes the place of them all
		wantOver(t, g.q, 1)
		wantChunks(t, g.q, 1)
		g.kill(e)
		g.kill(g.push()) // and of this one, which is the last of a kind: dropped by the next
	}
	g.push()
	wantOver(t, g.q, 1)
	g.drain()
}

func TestOverflow_TrimStopsAtTheLiving(t *testing.T) {
	for _, n := range []int{1, 5, queue.ChunkLen, queue.ChunkLen + 1, 2*queue.ChunkLen - 1} {
		g := newGraveyard(t)
		front := g.push()
		g.push()
		g.kill(front) // dead, but in front of a live one
		for range n {
			g.kill(g.push())
		}
		last := g.push()
		if !g.told[last-1] || g.told[front] {
			t.Fatalf("%d dead: asked about the last: %t, want true; about one in front: %t, want false", n, g.told[last-1], g.told[front])
		}
		wantOver(t, g.q, 3)
		g.drain()
	}
}

// With pops in between, the first chunk is in use from its middle.
func TestOverflow_TrimsBehindPops(t *testing.T) {
	for _, pops := range []int{1, queue.ChunkLen - 1, queue.ChunkLen, queue.ChunkLen + 1} {
		g := newGraveyard(t)
		for range 3 * queue.ChunkLen {
			g.push()
		}
		wantPop(t, g.q, count(0, pops+1)...) // the one in the ring too
		g.popped = pops + 1
		g.kill(count(g.popped, len(g.in))...)
		g.push()
		wantOver(t, g.q, 1)
		g.push()
		g.drain()
	}
}

// Tasks that are cancelled die anywhere. Here the last ten of every thousand live, so that
// trimming alone would not help.
func TestOverflow_SweepsTheDeadBeforeItGrows(t *testing.T) {
	g := newGraveyard(t)
	n := scaled(20_000)
	for v := 1; v <= n; v++ {
		if e := g.push(); e > 1 && (e-1)%1000 < 990 {
			g.kill(e - 1) // the newest lives
		}
		// At the moment of a sweep, the elements have doubled at most since the last one.
		live := 10*(v/1000) + 11
		wantChunks(t, g.q, 2*live/queue.ChunkLen+3)
	}
	if g.asked > 5*n {
		t.Errorf("questions about %d elements: got %d, want a few each", n, g.asked)
	}
	g.drain()
}

// With everything alive, sweeping must not make pushes quadratic.
func TestOverflow_SweepsInVainOnlyWhenTheLengthHasDoubled(t *testing.T) {
	g := newGraveyard(t)
	n := scaled(6000)
	for range n {
		g.push()
	}
	if g.asked > 4*n {
		t.Errorf("questions about %d live elements: got %d, want at most 4 each", n, g.asked)
	}
	wantOver(t, g.q, n)
	g.drain()
}

// A backlog that is over must not count: what dies after it is swept as if it had never
// been.
func TestOverflow_SweepsAfterABacklog(t *testing.T) {
	for _, tc := range []struct {
		name string
		end  func(g *graveyard) // of the backlog, but for element 0
	}{
		{"popped", func(g *graveyard) {
			wantPop(t, g.q, count(0, len(g.in))...)
			g.popped = len(g.in)
			g.push() // in the ring
		}},
		{"dead at the end", func(g *graveyard) { g.kill(count(1, len(g.in))...) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := newGraveyard(t)
			for range 50 * queue.ChunkLen {
				g.push()
			}
			tc.end(g)
			first := g.push()
			for range 40 * queue.ChunkLen {
				if e := g.push(); e-1 > first {
					g.kill(e - 1) // the first and the newest live
				}
				wantChunks(t, g.q, 3)
			}
			g.drain()
		})
	}
}

// The same with what is killed in the order of its birth, and the newest ones alive.
func TestOverflow_MemoryFollowsTheLiving(t *testing.T) {
	g := newGraveyard(t)
	const live = 3 * queue.ChunkLen
	for range scaled(40) * queue.ChunkLen {
		if e := g.push(); e > live {
			g.kill(e - live)
		}
		wantChunks(t, g.q, 2*3+2)
	}
	held := 0
	for _, e := range g.q.OverMemory() {
		if e != 0 {
			held++
		}
	}
	if n := g.q.OverLen(); held != n {
		t.Errorf("elements in memory: got %d, want the %d in the overflow", held, n)
	}
	g.drain()
}

func TestOverflow_KeepsOrderThroughSweeps(t *testing.T) {
	seed := newSeed(t)
	rnd := random(seed, 0)
	g := newGraveyard(t)
	alive := []int{0}
	for range scaled(8000) {
		switch rnd.IntN(8) {
		case 0:
			if len(alive) > 0 {
				wantPopPast(g, alive[0])
				alive = alive[1:]
			}
		case 1, 2:
			if i := rnd.IntN(len(alive) + 1); 0 < i && i < len(alive) {
				g.kill(alive[i])
				alive = slices.Delete(alive, i, i+1)
			}
		default:
			alive = append(alive, g.push())
		}
	}
	g.drain()
}

// wantPopPast wants element e next, behind nothing but dead ones.
func wantPopPast(g *graveyard, e int) {
	g.t.Helper()
	for ; g.popped < e; g.popped++ {
		if !g.told[g.popped] {
			wantPop(g.t, g.q, g.popped)
		}
	}
	wantPop(g.t, g.q, e)
	g.popped = e + 1
}
