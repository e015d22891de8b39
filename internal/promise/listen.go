package promise

// listeners are a cell's callbacks, linked both ways so that removing one is O(1). They
// are our own code only: Fire must not block, and runs no user code on this goroutine. The one
// thing of the user's that it waits for is a pool's hook, which has a goroutine of its own: SubmitAfter
// queues a task when its argument settles.
type listeners struct {
	mu    mutex
	first *Listener // the latest
	held  bool      // the settler fires them itself; nobody else reads or writes this
}

// A Target is told when a cell is settled.
type Target interface {
	// Fire is called once for each listener, with its Index, on the goroutine that settles
	// the cell. A target that settles another cell for it does so with SettleChained, and
	// returns what that returns, so that a chain of cells needs no stack.
	Fire(index int) Chain
}

// A Listener tells its target, once, when a cell is settled.
type Listener struct {
	Target     Target
	Index      int // for a target with several listeners
	list       *listeners
	next, prev *Listener // guarded by list.mu, like linked
	linked     bool
}

// A Chain is listeners that are linked to no cell any more and wait to be fired, in order.
type Chain struct{ first, last *Listener }

// list returns the cell's listeners, and makes the list if nobody has.
func (c *Cell[R]) list() *listeners {
	if list := c.listeners.Load(); list != nil {
		return list
	}
	c.listeners.CompareAndSwap(nil, new(listeners))
	return c.listeners.Load()
}

// Listen links l, or returns false if the cell is settled: then l will not be called.
func (c *Cell[R]) Listen(l *Listener) bool {
	if c.Settled() {
		return false // and needs no list
	}
	list := c.list()
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

// SettleChained is Settle for a target that is being fired: the listeners are not called from
// here, one inside the other, but returned for whoever fires the target to call.
func (c *Cell[R]) SettleChained(to State, v R, err error) Chain {
	list := c.list() // also if it is empty: somebody may be about to listen
	list.held = true
	c.Settle(to, v, err)
	return list.take()
}

// fire calls all listeners, the first to be linked first, and behind them those that come
// back from them.
func (ls *listeners) fire() {
	if ls.held {
		return
	}
	for chain := ls.take(); chain.first != nil; {
		l := chain.first
		chain.first, l.next = l.next, nil
		chain.add(l.Target.Fire(l.Index))
	}
}

// take unlinks all listeners.
func (ls *listeners) take() Chain {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	chain := Chain{last: ls.first}
	for l := ls.first; l != nil; {
		next := l.next
		l.linked, l.next, l.prev = false, chain.first, nil
		chain.first, l = l, next
	}
	ls.first = nil
	return chain
}

func (c *Chain) add(more Chain) {
	switch {
	case more.first == nil:
	case c.first == nil:
		*c = more
	default:
		c.last.next, c.last = more.first, more.last
	}
}
