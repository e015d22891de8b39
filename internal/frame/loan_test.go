package frame_test

import (
	"sync"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/internal/frame"
)

// The borrower has ended, and its lender still waits: the slot goes back, if it is there.
func TestLoan_BackToTheLender(t *testing.T) {
	for _, slot := range []bool{true, false} {
		for _, settled := range []bool{true, false} {
			l := frame.NewLoan()
			if l.Return(slot) {
				t.Errorf("slot %t: Return says that the borrower has it", slot)
			}
			if got := l.GiveUp(settled); got != slot {
				t.Errorf("slot %t, settled %t: GiveUp %t, want %t", slot, settled, got, slot)
			}
		}
	}
}

// The lender has given up before: the borrower keeps what it has.
func TestLoan_StaysWithTheBorrower(t *testing.T) {
	for _, slot := range []bool{true, false} {
		l := frame.NewLoan()
		if l.GiveUp(false) {
			t.Errorf("slot %t: GiveUp says that the lender has it", slot)
		}
		if got := l.Return(slot); got != slot {
			t.Errorf("slot %t: Return %t, want %t", slot, got, slot)
		}
	}
}

// A future is settled before the slot goes back: the lender that has seen it settled waits.
func TestLoan_SettledIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := frame.NewLoan()
		over, got := false, false
		go func() {
			got = l.GiveUp(true)
			over = true
		}()
		synctest.Wait()
		if over {
			t.Error("GiveUp did not wait for the slot")
		}
		if l.Return(true) {
			t.Error("Return says that the borrower has it")
		}
		synctest.Wait()
		if !over || !got {
			t.Errorf("GiveUp returned: %t, with the slot: %t; want both", over, got)
		}
	})
}

// Both at once: one of them has the slot.
func TestLoan_OneHasTheSlot(t *testing.T) {
	for range scaled(1000) {
		l := frame.NewLoan()
		var lender, borrower bool
		var wg sync.WaitGroup
		wg.Go(func() { lender = l.GiveUp(false) })
		wg.Go(func() { borrower = l.Return(true) })
		wg.Wait()
		if lender == borrower {
			t.Fatalf("the lender has the slot: %t, the borrower: %t; want one", lender, borrower)
		}
	}
}
