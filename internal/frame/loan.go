package frame

// A Loan is a slot that a waiting task has lent to the task it waits for, which runs on
// another goroutine. When that task has ended, the slot goes back to the lender if it is
// still waiting, and stays with the borrower's worker if it has given up. Both may happen
// at once, and one of them wins.
type Loan struct {
	over atomicBool
	back mailbox // the slot, or that it is not there any more
}

// NewLoan returns a loan that is running.
func NewLoan() *Loan { return &Loan{back: newMailbox()} }

// Return gives the slot back, unless the lender has given up. It reports whether the slot is
// still with the borrower.
func (l *Loan) Return(slot bool) bool {
	if !l.over.CompareAndSwap(false, true) {
		return slot
	}
	l.back.put(slot)
	return false
}

// GiveUp ends the loan for the lender, and reports whether it has the slot again. settled:
// the awaited task is, so that the slot is on its way and is waited for.
func (l *Loan) GiveUp(settled bool) (slot bool) {
	if !settled && l.over.CompareAndSwap(false, true) {
		return false
	}
	return l.back.take()
}
