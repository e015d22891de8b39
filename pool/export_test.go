package pool

import "unsafe"

// Doors for the tests.

// TaskSize returns the size of the one object that a Submit allocates.
func TaskSize[T, R any]() uintptr { return unsafe.Sizeof(task[T, R]{}) }
