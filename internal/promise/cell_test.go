package promise_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"unsafe"
	"weak"

	"github.com/forebay-go/forebay/internal/promise"
)

var errTest = errors.New("a test's error")

// All states, and those that a claim may lead to.
var (
	states = []promise.State{
		promise.Pending, promise.Claimed, promise.Running, promise.Succeeded, promise.Failed,
		promise.Panicked, promise.Canceled, promise.Dropped,
	}
	final = states[3:]
)

// settledAs returns a cell in state to, with value 7 and error err.
func settledAs(t *testing.T, to promise.State, err error) *promise.Cell[int] {
	t.Helper()
	c := new(promise.Cell[int])
	if !c.Claim(promise.Running) {
		t.Fatal("Claim of a new cell: got false")
	}
	c.Settle(to, 7, err)
	return c
}

// isClosed reports whether ch is closed.
func isClosed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

func TestState_Settled(t *testing.T) {
	for i, s := range states {
		if got, want := s.Settled(), i >= 3; got != want {
			t.Errorf("state %d: Settled: got %t, want %t", s, got, want)
		}
	}
}

func TestCell_LivesOnce(t *testing.T) {
	for _, claim := range []promise.State{promise.Claimed, promise.Running} {
		for _, to := range final {
			for _, err := range []error{nil, errTest} {
				var c promise.Cell[int]
				if c.State() != promise.Pending || c.Settled() {
					t.Fatalf("new: state %d, settled %t, want pending", c.State(), c.Settled())
				}
				if !c.Claim(claim) {
					t.Fatalf("Claim(%d): got false", claim)
				}
				if c.State() != claim || c.Settled() {
					t.Fatalf("claimed: state %d, settled %t, want %d, false", c.State(), c.Settled(), claim)
				}
				if c.Claim(promise.Claimed) || c.Claim(promise.Running) {
					t.Fatalf("a second Claim of a cell in state %d: got true", claim)
				}
				if woke, swept := c.Settle(to, 7, err); woke || swept {
					t.Fatalf("Settle(%d): woke %t, swept %t, want neither", to, woke, swept)
				}
				if c.State() != to || !c.Settled() {
					t.Fatalf("settled: state %d, settled %t, want %d, true", c.State(), c.Settled(), to)
				}
				if c.Claim(promise.Claimed) || c.Claim(promise.Running) {
					t.Fatalf("Claim of a cell settled as %d: got true", to)
				}
				if v, e := c.Result(); v != 7 || !errors.Is(e, err) {
					t.Fatalf("Result: got %d, %v, want 7, %v", v, e, err)
				}
			}
		}
	}
}

// Claim, Done and Sweep set different bits of one word: none disturbs another.
func TestCell_BitsOfTheWord(t *testing.T) {
	for _, to := range final {
		for mask := range 4 {
			var c promise.Cell[int]
			waited, swept := mask&1 != 0, mask&2 != 0
			if waited {
				c.Done()
			}
			if swept {
				if got := c.Sweep(); got != promise.Pending {
					t.Fatalf("Sweep of a pending cell: got state %d", got)
				}
			}
			if c.State() != promise.Pending || !c.Claim(promise.Running) || c.State() != promise.Running {
				t.Fatalf("waited %t, swept %t: state %d after Claim", waited, swept, c.State())
			}
			if w, s := c.Settle(to, 7, nil); w != waited || s != swept {
				t.Fatalf("Settle(%d): woke %t, swept %t, want %t, %t", to, w, s, waited, swept)
			}
			if c.State() != to {
				t.Fatalf("waited %t, swept %t: state %d, want %d", waited, swept, c.State(), to)
			}
			if got := c.Sweep(); got != to {
				t.Fatalf("Sweep of a settled cell: got state %d, want %d", got, to)
			}
			if c.Done(); c.State() != to {
				t.Fatalf("state after Sweep and Done: got %d, want %d", c.State(), to)
			}
		}
	}
}

// L20: a task and its future are one object, of at most 128 bytes for word-sized T and R.
// The cell is its greater part: two 32-bit words, the atomic.Value of the channel, the
// listeners, the result, the failure behind a pointer and the owner.
func TestL20_CellIsSmall(t *testing.T) {
	const word = unsafe.Sizeof(uintptr(0))
	if got, want := unsafe.Sizeof(promise.Cell[int]{}), 8+7*word; got != want {
		t.Errorf("size of a Cell[int]: got %d, want %d", got, want)
	}
	if got, want := unsafe.Sizeof(promise.Cell[struct{}]{}), 8+6*word; got != want {
		t.Errorf("size of a Cell[struct{}]: got %d, want %d: a result of no size costs nothing", got, want)
	}
}

func TestL20_LifeCostsNoAllocation(t *testing.T) {
	cells := make([]promise.Cell[int], 102)
	next := 0
	if n := testing.AllocsPerRun(100, func() {
		c := &cells[next]
		next++
		c.Claim(promise.Running)
		c.Settle(promise.Succeeded, 1, nil)
		c.State()
		c.Sweep()
		<-c.Done()
		_, _ = c.Result()
	}); n != 0 {
		t.Errorf("allocations when nobody waits: got %v, want 0", n)
	}
	if c := &cells[0]; c.HasChannel() || c.HasListeners() {
		t.Errorf("nobody waited: channel %t, listeners %t, want neither", c.HasChannel(), c.HasListeners())
	}
}

// L14: a settled cell keeps the result, and nothing of those who waited.
func TestL14_SettledCellKeepsOnlyItsResult(t *testing.T) {
	var c promise.Cell[*int]
	v := 7
	captured := func() weak.Pointer[[1 << 10]byte] {
		big := new([1 << 10]byte)
		c.Listen(&promise.Listener{Target: call(func() { big[0]++ })})
		return weak.Make(big)
	}()
	runtime.GC()
	if captured.Value() == nil {
		t.Fatal("a pending cell has lost its listener")
	}
	c.Claim(promise.Running)
	c.Settle(promise.Succeeded, &v, nil)
	runtime.GC()
	if captured.Value() != nil {
		t.Error("a settled cell retains what its listener captured")
	}
	if got, err := c.Result(); got != &v || err != nil {
		t.Errorf("Result: got %v, %v, want %v, nil", got, err, &v)
	}
}

// An owner stands for a task.
type owner struct{}

func (owner) Cancel(error) bool                                  { return true }
func (owner) RunHere(context.Context, promise.SlotHolder) bool   { return false }
func (owner) RunElsewhere(context.Context, func(bool) bool) bool { return false }

func TestCell_OwnerAndHomeAreOnlyKept(t *testing.T) {
	var c promise.Cell[string]
	c.Own(owner{}, 1<<32-1)
	c.Claim(promise.Running)
	c.Done()
	c.Settle(promise.Succeeded, "v", nil)
	if c.Owner() != (owner{}) || c.Home() != 1<<32-1 {
		t.Errorf("after Settle: owner %v, home %d", c.Owner(), c.Home())
	}
}
