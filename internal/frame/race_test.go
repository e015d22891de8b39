//go:build race

package frame_test

// million is enough to tell a recursion from a loop. The race detector makes ten
// microseconds of each.
const million = 20_000
