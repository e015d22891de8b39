package explore

import "sync"

// The words stand for the types of sync/atomic. Outside of an exploration they work too, by
// means of a mutex, so that a program built for it can run its ordinary tests.
type (
	// Uint32 stands for atomic.Uint32.
	Uint32 = Integer[uint32]
	// Uint64 stands for atomic.Uint64.
	Uint64 = Integer[uint64]
	// Int64 stands for atomic.Int64.
	Int64 = Integer[int64]
	// Bool stands for atomic.Bool.
	Bool = Word[bool]
	// Value stands for atomic.Value.
	Value = Word[any]
)

// A Pointer stands for atomic.Pointer.
type Pointer[T any] struct{ Word[*T] }

// A Word is a variable with atomic operations.
type Word[T comparable] struct {
	mu sync.Mutex
	v  T
	object
}

// begin is what comes before every operation, end is what comes after.
func (w *Word[T]) begin() *Run {
	r := active.Load()
	if r != nil {
		r.point(nil)
	} else {
		w.mu.Lock()
	}
	return r
}

func (w *Word[T]) end(r *Run, wrote bool) {
	if r == nil {
		w.mu.Unlock()
		return
	}
	if r.did(&w.object, wrote); wrote && r.AfterWrites {
		r.point(nil)
	}
}

// Load is an atomic load.
func (w *Word[T]) Load() T {
	r := w.begin()
	v := w.v
	if r.tracing() {
		r.note("Load = ", v)
	}
	w.end(r, false)
	return v
}

// Store is an atomic store.
func (w *Word[T]) Store(v T) {
	r := w.begin()
	if w.v = v; r.tracing() {
		r.note("Store ", v)
	}
	w.end(r, true)
}

// Swap is an atomic exchange.
func (w *Word[T]) Swap(v T) (old T) {
	r := w.begin()
	if old, w.v = w.v, v; r.tracing() {
		r.note("Swap ", v, " for ", old)
	}
	w.end(r, true)
	return old
}

// CompareAndSwap is an atomic comparison and exchange.
func (w *Word[T]) CompareAndSwap(old, v T) bool {
	r := w.begin()
	was := w.v
	ok := was == old
	if ok {
		w.v = v
	}
	if r.tracing() {
		r.note("CompareAndSwap ", old, " for ", v, ", it is ", was, ": ", ok)
	}
	w.end(r, ok)
	return ok
}

// An Integer is a Word with arithmetic.
type Integer[T uint32 | uint64 | int64] struct{ Word[T] }

// Add is an atomic addition. It returns the sum.
func (w *Integer[T]) Add(delta T) T {
	_, sum := w.update("Add ", delta, func(v T) T { return v + delta })
	return sum
}

// Or is an atomic or. It returns what was there before.
func (w *Integer[T]) Or(mask T) T {
	old, _ := w.update("Or ", mask, func(v T) T { return v | mask })
	return old
}

// And is an atomic and. It returns what was there before.
func (w *Integer[T]) And(mask T) T {
	old, _ := w.update("And ", mask, func(v T) T { return v & mask })
	return old
}

func (w *Integer[T]) update(what string, by T, f func(T) T) (before, after T) {
	r := w.begin()
	before = w.v
	after = f(before)
	if w.v = after; r.tracing() {
		r.note(what, by, " to ", before, " = ", after)
	}
	w.end(r, true)
	return before, after
}
