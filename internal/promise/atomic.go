//go:build !explore

package promise

import (
	"sync"
	"sync/atomic"
)

// What goroutines share in this package is reached through these names, so that a build
// with the tag explore can put instrumented types behind them.
type (
	atomicUint32         = atomic.Uint32
	atomicBool           = atomic.Bool
	atomicValue          = atomic.Value
	atomicPointer[T any] = atomic.Pointer[T]
	mutex                = sync.Mutex
)
