package promise_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/internal/promise"
)

// L1: several claim, one wins, and only the winner's result is there. What others do to the
// word meanwhile makes nobody lose who should have won.
func TestL1_ClaimIsWonOnce(t *testing.T) {
	var c *promise.Cell[int]
	var won [2]bool
	claim := func(i int, to promise.State) func() {
		return func() {
			if won[i] = c.Claim(to); won[i] {
				c.Settle(promise.Succeeded, i, nil)
			}
		}
	}
	if err := play(scaled(2000),
		func(int) { c, won = new(promise.Cell[int]), [2]bool{} },
		func() error {
			if won[0] == won[1] {
				return fmt.Errorf("claims that won: %v, want one", won)
			}
			if v, err := c.Result(); !won[v] || err != nil || c.State() != promise.Succeeded {
				return fmt.Errorf("state %d, result %d, %v; claims that won: %v", c.State(), v, err, won)
			}
			return nil
		},
		claim(0, promise.Running), claim(1, promise.Claimed), func() { c.Done(); c.Sweep() },
	); err != nil {
		t.Fatal(err)
	}
}

// A claim fails for no other reason than another claim.
func TestCell_ClaimAloneSucceeds(t *testing.T) {
	var c *promise.Cell[int]
	var won bool
	if err := play(scaled(2000),
		func(int) { c = new(promise.Cell[int]) },
		func() error {
			if !won || c.State() != promise.Running {
				return fmt.Errorf("the only claim: won %t, state %d", won, c.State())
			}
			return nil
		},
		func() { won = c.Claim(promise.Running) }, func() { c.Sweep() }, func() { c.Done() },
	); err != nil {
		t.Fatal(err)
	}
}

// The queue's entry for a task that its awaiter runs is swept out when it comes up, and the
// end of the task is counted once: by who sweeps, if it has ended, or else by who settles.
func TestCell_SweepAndSettleCountOnce(t *testing.T) {
	var c *promise.Cell[int]
	var seen promise.State
	var wasSwept bool
	if err := play(scaled(2000),
		func(int) {
			c = new(promise.Cell[int])
			c.Claim(promise.Running)
		},
		func() error {
			if seen.Settled() == wasSwept {
				return fmt.Errorf("Sweep saw it settled: %t; Settle saw it swept: %t; want one of them", seen.Settled(), wasSwept)
			}
			if seen != promise.Running && seen != promise.Failed {
				return fmt.Errorf("Sweep: got state %d", seen)
			}
			return nil
		},
		func() { _, wasSwept = c.Settle(promise.Failed, 0, nil) }, func() { seen = c.Sweep() },
	); err != nil {
		t.Fatal(err)
	}
}

// L15: what came before Settle is seen behind Done, and by whoever finds the cell settled.
// In a bubble, because a waiter that Settle forgets is found at once there.
func TestL15_SettleSynchronizesBeforeDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type result [2]int
		var (
			c       *promise.Cell[result]
			written int // by who settles, before
			want    int
			read    [2]int
			got     [2]result
			errs    [2]error
		)
		look := func(i int) {
			read[i] = written
			got[i], errs[i] = c.Result()
		}
		if err := play(scaled(2000),
			func(round int) {
				c, want = new(promise.Cell[result]), round+1
				c.Claim(promise.Claimed)
			},
			func() error {
				for i := range read {
					if read[i] != want || got[i] != (result{want, -want}) || !errors.Is(errs[i], errTest) {
						return fmt.Errorf("reader %d: got %d, %v, %v, want %d", i, read[i], got[i], errs[i], want)
					}
				}
				return nil
			},
			func() {
				written = want
				c.Settle(promise.Failed, result{want, -want}, errTest)
			},
			func() {
				<-c.Done()
				look(0)
			},
			func() {
				for range 50 {
					if c.Settled() {
						break
					}
				}
				if !c.Settled() {
					<-c.Done()
				}
				look(1)
			},
		); err != nil {
			t.Fatal(err)
		}
	})
}

// Whoever asks, and whenever, gets a channel that is closed once Settle has returned.
func TestDone_RacesSettle(t *testing.T) {
	var c *promise.Cell[int]
	var chs [2]<-chan struct{}
	ask := func(i int) func() { return func() { chs[i] = c.Done() } }
	if err := play(scaled(2000),
		func(int) {
			c = new(promise.Cell[int])
			c.Claim(promise.Running)
		},
		func() error {
			for i, ch := range append(chs[:], c.Done()) {
				if !isClosed(ch) {
					return fmt.Errorf("settled, and channel %d is open", i)
				}
			}
			return nil
		},
		func() { c.Settle(promise.Succeeded, 0, nil) }, ask(0), ask(1),
	); err != nil {
		t.Fatal(err)
	}
}

// Two ask at once: they get the same channel, and Settle closes it.
func TestDone_RacesDone(t *testing.T) {
	var c *promise.Cell[int]
	var chs [2]<-chan struct{}
	ask := func(i int) func() { return func() { chs[i] = c.Done() } }
	if err := play(scaled(2000),
		func(int) { c = new(promise.Cell[int]) },
		func() error {
			if chs[0] != chs[1] || isClosed(chs[0]) {
				return fmt.Errorf("channels of a pending cell: %v and %v, closed %t", chs[0], chs[1], isClosed(chs[0]))
			}
			c.Claim(promise.Running)
			c.Settle(promise.Succeeded, 0, nil)
			if !isClosed(chs[0]) {
				return errors.New("settled, and the channel is open")
			}
			return nil
		},
		ask(0), ask(1),
	); err != nil {
		t.Fatal(err)
	}
}

// A listener fires exactly once, or Listen said false, or Unlisten said true, and never two
// of these. When it fires, the result is there.
func TestListen_RacesSettle(t *testing.T) {
	type listener struct {
		promise.Listener
		fired int
		want  int
	}
	var c *promise.Cell[int]
	var ls [3]*listener
	var now int
	listen := func(i int, goes bool) func() {
		return func() {
			if !c.Listen(&ls[i].Listener) {
				return
			}
			if ls[i].want = 1; goes && ls[i].Unlisten() {
				ls[i].want = 0
			}
		}
	}
	if err := play(scaled(2000),
		func(round int) {
			now, c = round, new(promise.Cell[int])
			for i := range ls {
				l := new(listener)
				l.Target = call(func() {
					if v, _ := c.Result(); v == now {
						l.fired++
					}
				})
				ls[i] = l
			}
			if round%2 == 0 {
				c.Listen(&ls[2].Listener) // so that the list is there, and not empty
				ls[2].want = 1
			}
			c.Claim(promise.Running)
		},
		func() error {
			for i, l := range ls {
				if l.fired != l.want {
					return fmt.Errorf("listener %d fired %d times with the result, want %d", i, l.fired, l.want)
				}
			}
			return nil
		},
		func() { c.Settle(promise.Succeeded, now, nil) }, listen(0, false), listen(1, true),
	); err != nil {
		t.Fatal(err)
	}
}

// Two listen first at once: neither's list gets lost.
func TestListen_RacesListen(t *testing.T) {
	var c *promise.Cell[int]
	var ls [2]promise.Listener
	if err := play(scaled(2000),
		func(int) { c, ls = new(promise.Cell[int]), [2]promise.Listener{} },
		func() error {
			if got := len(c.Listeners()); got != 2 {
				return fmt.Errorf("linked listeners: got %d, want 2", got)
			}
			return nil
		},
		func() { c.Listen(&ls[0]) }, func() { c.Listen(&ls[1]) },
	); err != nil {
		t.Fatal(err)
	}
}
