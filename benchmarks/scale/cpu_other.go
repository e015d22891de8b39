//go:build !unix

package scale

import "time"

func cpuTime() (used time.Duration, ok bool) { return 0, false }
