//go:build !explore

package frame

import "sync/atomic"

// The one word that goroutines share here is reached through this name, so that a build
// with the tag explore can put an instrumented type behind it.
type atomicUint64 = atomic.Uint64
