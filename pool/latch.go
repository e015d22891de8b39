package pool

import "sync"

// A latch counts those inside, and tells when it has been closed and the last one has left.
// The zero latch is open.
type latch struct {
	mu     sync.Mutex
	inside int
	shut   bool          // nobody enters any more
	last   bool          // shut it when the last one leaves
	empty  chan struct{} // made when somebody waits; closed when shut and nobody is inside
}

// enter counts one more, who must leave, and reports whether the latch was open.
func (l *latch) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inside++
	return !l.shut
}

// count is the number of those inside.
func (l *latch) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.inside
}

// leave ends what enter began, whatever that said.
func (l *latch) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inside--
	l.check()
}

// close shuts the latch: at once, or when nobody is inside, so that those inside can let others
// in. The channel is closed when it is shut and empty.
func (l *latch) close(atOnce bool) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.empty == nil {
		l.empty = make(chan struct{})
	}
	l.last = true
	l.shut = l.shut || atOnce
	l.check()
	return l.empty
}

// check tells those who wait, if it is time. The mutex is held.
func (l *latch) check() {
	if !l.last || l.inside > 0 {
		return
	}
	l.shut = true
	select {
	case <-l.empty:
	default:
		close(l.empty)
	}
}

// closed reports whether nobody enters any more.
func (l *latch) closed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.shut
}
