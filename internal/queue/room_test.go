package queue_test

import (
	"testing"

	"github.com/forebay-go/forebay/internal/queue"
)

// token receives w's token, if it has one.
func token(w *queue.Waiter) bool {
	select {
	case <-w.C:
		return true
	default:
		return false
	}
}

// join makes n waiters join the room, in order.
func join(r *queue.Room, n int) []*queue.Waiter {
	var ws []*queue.Waiter
	for range n {
		ws = append(ws, r.Join())
	}
	return ws
}

// wantTokens wants a token for exactly those waiters, and takes it.
func wantTokens(t *testing.T, ws []*queue.Waiter, want ...int) {
	t.Helper()
	for i, w := range ws {
		wanted := false
		for _, j := range want {
			wanted = wanted || i == j
		}
		if got := token(w); got != wanted {
			t.Fatalf("waiter %d of %d: token %t, want %t", i, len(ws), got, wanted)
		}
	}
}

func wantFreed(t *testing.T, r *queue.Room, woke bool) {
	t.Helper()
	if got := r.Freed(); got != woke {
		t.Fatalf("Freed: woke somebody: got %t, want %t", got, woke)
	}
}

func wantWaiting(t *testing.T, r *queue.Room, n int) {
	t.Helper()
	if listed, counted := r.Waiting(); listed != n || counted != n {
		t.Fatalf("waiters without a token: %d are listed and %d counted, want %d", listed, counted, n)
	}
}

func TestRoom_FirstComeFirstServed(t *testing.T) {
	var r queue.Room
	ws := join(&r, 4)
	wantTokens(t, ws)
	for i := range ws {
		wantWaiting(t, &r, 4-i)
		wantFreed(t, &r, true)
		wantTokens(t, ws, i)
	}
	wantFreed(t, &r, false)
	wantTokens(t, ws)
	// The room can be used again.
	ws = join(&r, 1)
	wantFreed(t, &r, true)
	wantTokens(t, ws, 0)
}

func TestRoom_FreedCostsNothingWhenEmpty(t *testing.T) {
	var r queue.Room
	if n := testing.AllocsPerRun(100, func() { r.Freed() }); n != 0 {
		t.Errorf("allocations: got %v, want 0", n)
	}
	wantFreed(t, &r, false)
	// No token is kept for later: who joins then looks at the queue himself.
	ws := join(&r, 1)
	wantTokens(t, ws)
	r.Quit(ws[0])
	wantFreed(t, &r, false)
	wantWaiting(t, &r, 0)
}

func TestRoom_QuitLeavesTheLine(t *testing.T) {
	for quitter := range 3 {
		var r queue.Room
		ws := join(&r, 3)
		r.Quit(ws[quitter])
		wantWaiting(t, &r, 2)
		for i := range ws {
			if i != quitter {
				wantFreed(t, &r, true)
				wantTokens(t, ws, i)
			}
		}
		wantFreed(t, &r, false)
		wantTokens(t, ws)
	}
}

// Field bug 4: a waiter that is woken and goes away all the same takes the wake-up with it,
// and the others sleep beside the room that was meant for them.
func TestField04_QuitPassesTheTokenOn(t *testing.T) {
	var r queue.Room
	ws := join(&r, 3)
	wantFreed(t, &r, true) // to 0, who does not look
	r.Quit(ws[0])
	wantTokens(t, ws[1:], 0)
	wantFreed(t, &r, true)
	r.Quit(ws[2]) // goes just when its token comes
	wantTokens(t, ws[1:2])
	wantWaiting(t, &r, 0)
	wantFreed(t, &r, false) // there was nobody to pass it on to
}

func TestRoom_RejoinGoesToTheFront(t *testing.T) {
	var r queue.Room
	ws := join(&r, 3)
	wantFreed(t, &r, true)
	wantTokens(t, ws, 0)
	wantWaiting(t, &r, 2)
	r.Rejoin(ws[0]) // somebody took the room
	wantWaiting(t, &r, 3)
	wantFreed(t, &r, true)
	wantTokens(t, ws, 0) // again
	wantFreed(t, &r, true)
	wantTokens(t, ws, 1)
	r.Rejoin(ws[0])
	r.Quit(ws[0]) // gives up without a token: nothing to pass on
	wantTokens(t, ws)
	wantFreed(t, &r, true)
	wantTokens(t, ws, 2)
	r.Rejoin(ws[1])
	wantFreed(t, &r, true)
	r.Quit(ws[1]) // with a token, and nobody there
	wantFreed(t, &r, false)
	wantWaiting(t, &r, 0)
}

func TestRoom_OpenWakesAll(t *testing.T) {
	var r queue.Room
	r.Open() // nobody
	ws := join(&r, 5)
	wantFreed(t, &r, true) // 0 has a token already
	r.Quit(ws[3])
	r.Open()
	wantTokens(t, ws, 0, 1, 2, 4)
	wantWaiting(t, &r, 0)
	r.Open()
	wantTokens(t, ws)
	wantFreed(t, &r, false)
}
