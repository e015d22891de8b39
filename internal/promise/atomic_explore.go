//go:build explore

package promise

import "github.com/forebay-go/forebay/internal/explore"

type (
	atomicUint32         = explore.Uint32
	atomicBool           = explore.Bool
	atomicValue          = explore.Value
	atomicPointer[T any] = explore.Pointer[T]
	mutex                = explore.Mutex
)
