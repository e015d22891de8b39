package promise

// HasChannel reports whether a channel was made for Done.
func (c *Cell[R]) HasChannel() bool { return c.done.Load() != nil }

// HasListeners reports whether a list was made for Listen.
func (c *Cell[R]) HasListeners() bool { return c.listeners.Load() != nil }

// Listeners returns the linked listeners, the one that would fire first in front. It checks
// the links both ways.
func (c *Cell[R]) Listeners() []*Listener {
	list := c.listeners.Load()
	if list == nil {
		return nil
	}
	list.mu.Lock()
	defer list.mu.Unlock()
	var ls []*Listener
	for l, prev := list.first, (*Listener)(nil); l != nil; l, prev = l.next, l {
		if l.prev != prev || !l.linked || l.list != list {
			panic("Listeners: broken links")
		}
		ls = append([]*Listener{l}, ls...)
	}
	return ls
}

// Alone reports whether l is linked to nothing.
func (l *Listener) Alone() bool { return !l.linked && l.next == nil && l.prev == nil }

// Cut unlinks l from its neighbours, but not them from it, until mend is called.
func (l *Listener) Cut() (mend func()) {
	next, prev := l.next, l.prev
	l.next, l.prev = nil, nil
	return func() { l.next, l.prev = next, prev }
}

// Looked reports whether somebody has asked for a failed cell's result since it was settled.
func (c *Cell[R]) Looked() bool { return c.failure != nil && c.failure.looked.Load() }
