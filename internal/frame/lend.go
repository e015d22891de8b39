package frame

// Lend begins a wait of one of the task's goroutines. slot: it is the first, and has the
// task's slot in its hand. Without ok the task is over, and nothing has begun.
func (f *Frame) Lend() (slot, ok bool) {
	for {
		old := f.word.Load()
		if old&over != 0 {
			return false, false
		}
		if f.word.CompareAndSwap(old, old+oneLend) {
			return holdsSlot(old), true
		}
	}
}

// Return ends a wait. slot tells whether the caller has a slot in its hand. If the task
// then holds a slot, the function may go on; Return sleeps until one is free.
func (f *Frame) Return(slot bool) {
	home := f.home
	for {
		old := f.word.Load()
		last := lends(old) == 1 && old&(over|outside) == 0
		if last && !slot {
			home.acquire()
			slot = true
			continue // another wait may have begun
		}
		if f.word.CompareAndSwap(old, old-oneLend) {
			if slot && !last {
				home.release()
			}
			if forgettable(old - oneLend) {
				f.forget()
			}
			return
		}
	}
}

// Park gives the slot in the caller's hand up, if there is one, and calls wait; then it ends
// the wait that Lend began, also when wait panics or ends the goroutine. wait returns
// whether a slot is in the caller's hand again.
func (f *Frame) Park(slot bool, wait func() (slot bool, err error)) (err error) {
	home := f.home
	if slot {
		home.release()
	}
	home.Lent.Add(1)
	slot = false
	defer func() {
		f.Return(slot)
		home.Lent.Add(-1)
	}()
	slot, err = wait()
	return err
}

// Block lends the task's slot while wait runs.
func (f *Frame) Block(wait func() error) error {
	slot, ok := f.Lend()
	if !ok {
		return wait()
	}
	return f.Park(slot, func() (bool, error) { return false, wait() })
}
