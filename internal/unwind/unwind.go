// Package unwind tells a deferred function why it runs, without recovering anything.
package unwind

import "runtime"

// ByPanic reports whether the deferred function that calls it runs because of a panic,
// rather than a return or [runtime.Goexit]. recover would tell too, but it would also end
// the panic, and a panic that is meant to crash the process must keep its own stack.
//
// A function deferred is called by the function that returns, or by runtime.gopanic, or by
// runtime.Goexit: the caller's name is the answer.
func ByPanic() bool {
	var pc [1]uintptr
	n := runtime.Callers(3, pc[:]) // of ByPanic, of the deferred function: its caller
	caller, _ := runtime.CallersFrames(pc[:n]).Next()
	return caller.Function == "runtime.gopanic"
}
