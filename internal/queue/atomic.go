//go:build !explore

package queue

import (
	"sync"
	"sync/atomic"
)

// Everything in this package that goroutines share is reached through these
// names, so that a build with the tag explore can put instrumented types behind
// them. Here they are aliases and cost nothing.
type (
	atomicUint64 = atomic.Uint64
	mutex        = sync.Mutex
)
