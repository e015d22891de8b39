package promise_test

import (
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/internal/promise"
)

func TestDone_ClosedWhenSettled(t *testing.T) {
	for _, to := range final {
		var c promise.Cell[int]
		before := c.Done()
		if before == nil || isClosed(before) {
			t.Fatalf("Done of a pending cell: %v, closed", before)
		}
		if again := c.Done(); again != before {
			t.Fatalf("Done twice: got %v and %v, want the same", before, again)
		}
		c.Claim(promise.Running)
		if running := c.Done(); running != before || isClosed(running) {
			t.Fatalf("Done of a running cell: got %v, closed %t, want %v, open", running, isClosed(running), before)
		}
		if woke, _ := c.Settle(to, 0, nil); !woke {
			t.Fatalf("Settle(%d) woke nobody, and somebody has the channel", to)
		}
		if !isClosed(before) {
			t.Fatalf("state %d: the channel that Done returned before is open", to)
		}
		if !isClosed(c.Done()) {
			t.Fatalf("state %d: the channel that Done returns after is open", to)
		}
	}
}

// Like a context's, a future's Done is one channel: a select or a map that knows it by its
// identity finds it again.
func TestDone_SameBeforeAndAfter(t *testing.T) {
	var c promise.Cell[int]
	before := c.Done()
	c.Claim(promise.Running)
	c.Settle(promise.Succeeded, 0, nil)
	if after := c.Done(); after != before {
		t.Errorf("Done: got %v before the cell was settled, and %v after", before, after)
	}
}

// Field bug 11: readiness works only after somebody has asked for it.
func TestField11_DoneWithoutAnybodyAskingBefore(t *testing.T) {
	c := settledAs(t, promise.Succeeded, nil)
	if !isClosed(c.Done()) {
		t.Error("Done of a settled cell that nobody waited for: open")
	}
	if c.HasChannel() {
		t.Error("Done of a settled cell made a channel")
	}
}

// L16: a wait for Done is durable, in any bubble, also when the cell was settled outside.
func TestL16_DoneInTwoBubbles(t *testing.T) {
	outside := settledAs(t, promise.Succeeded, nil)
	for range 2 {
		synctest.Test(t, func(t *testing.T) {
			<-outside.Done()
			var c promise.Cell[int]
			through := false
			go func() {
				<-c.Done()
				through = true
			}()
			synctest.Wait()
			if through {
				t.Fatal("Done of a pending cell let somebody through")
			}
			c.Claim(promise.Running)
			c.Settle(promise.Succeeded, 1, nil)
			synctest.Wait()
			if !through {
				t.Fatal("Done of a settled cell held somebody up")
			}
		})
	}
}
