package queue

// A Status is the answer of a push or a pop.
type Status uint8

const (
	OK     Status = iota // done
	Full                 // push: exactly the capacity was queued at one instant of the call
	Empty                // pop: nothing was queued at one instant of the call
	Busy                 // the slot that is next is still in the hands of a stalled push or pop
	Closed               // push: Close came before
)

func (s Status) String() string {
	return [...]string{"OK", "Full", "Empty", "Busy", "Closed"}[s]
}
