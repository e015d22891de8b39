//go:build unix

package scale

import (
	"syscall"
	"time"
)

// cpuTime is the processor time of this process so far, user and system; ok is false where
// nobody knows. Package runtime/metrics has it as of the last collection only.
func cpuTime() (used time.Duration, ok bool) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0, false
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), true
}
