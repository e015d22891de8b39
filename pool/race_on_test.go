//go:build race

package pool_test

// raceEnabled: the race detector makes everything some ten times as slow.
const raceEnabled = true
