//go:build !explore

package frame

import (
	"context"
	"sync/atomic"
)

// What goroutines share in this package, and what they sleep on, is reached through these
// names, so that a build with the tag explore can put instrumented types behind them.
type (
	atomicUint32         = atomic.Uint32
	atomicUint64         = atomic.Uint64
	atomicInt64          = atomic.Int64
	atomicBool           = atomic.Bool
	atomicPointer[T any] = atomic.Pointer[T]
)

// afterFunc is context.AfterFunc.
func afterFunc(ctx context.Context, f func()) (stop func() bool) { return context.AfterFunc(ctx, f) }

// A mailbox holds one message; only the receiver may have to wait.
type mailbox chan bool

func newMailbox() mailbox    { return make(mailbox, 1) }
func (m mailbox) put(b bool) { m <- b }
func (m mailbox) take() bool { return <-m }
