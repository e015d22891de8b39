package promise

// listeners are a cell's callbacks, linked both ways so that removing one is O(1). They
// are our own code only: Fire must not block, and runs no user code on this goroutine.
type listeners struct {
	mu    mutex
	first *Listener
}

// A Listener is called once when a cell is settled.
type Listener struct {
	Fire       func()
	list       *listeners
	next, prev *Listener // guarded by list.mu, like linked
	linked     bool
}

// Listen links l, or returns false if the cell is settled: then l will not be called.
func (c *Cell[R]) Listen(l *Listener) bool {
	list := c.listeners.Load()
	if list == nil {
		list = new(listeners)
		if !c.listeners.CompareAndSwap(nil, list) {
			list = c.listeners.Load()
		}
	}
	list.mu.Lock()
	defer list.mu.Unlock()
	if !c.wait() {
		return false
	}
	l.list, l.linked, l.next = list, true, list.first
	if l.next != nil {
		l.next.prev = l
	}
	list.first = l
	return true
}

// Unlisten removes l. It returns false if l was called, or is about to be, or was never
// linked.
func (l *Listener) Unlisten() bool {
	if l.list == nil {
		return false
	}
	l.list.mu.Lock()
	defer l.list.mu.Unlock()
	if !l.linked {
		return false
	}
	l.linked = false
	if l.next != nil {
		l.next.prev = l.prev
	}
	if l.prev != nil {
		l.prev.next = l.next
	} else {
		l.list.first = l.next
	}
	l.next, l.prev = nil, nil
	return true
}

// fire calls all listeners, the first to be linked first.
func (ls *listeners) fire() {
	ls.mu.Lock()
	var order *Listener
	for l := ls.first; l != nil; {
		next := l.next
		l.linked, l.next, l.prev = false, order, nil
		order, l = l, next
	}
	ls.first = nil
	ls.mu.Unlock()
	for l := order; l != nil; {
		next := l.next
		l.next = nil
		l.Fire()
		l = next
	}
}
