//go:build explore

package frame

import (
	"context"

	"github.com/forebay-go/forebay/internal/explore"
)

type (
	atomicUint32         = explore.Uint32
	atomicUint64         = explore.Uint64
	atomicInt64          = explore.Int64
	atomicBool           = explore.Bool
	atomicPointer[T any] = explore.Pointer[T]
)

func afterFunc(ctx context.Context, f func()) (stop func() bool) { return explore.AfterContext(ctx, f) }

type mailbox struct{ *explore.Mailbox[bool] }

func newMailbox() mailbox    { return mailbox{explore.NewMailbox[bool]()} }
func (m mailbox) put(b bool) { m.Put(b) }
func (m mailbox) take() bool { return m.Take() }

// Retains reports whether f refers to anything, and Walks whether broken frames are counted: for
// internal/verify.
func Retains(f *Frame) bool {
	return f.ctx != nil || f.parent != nil || f.home != nil || f.made.Load() != nil
}

// Walks is explained at Retains.
func Walks(h *Home) bool { return h.broken.Load() != 0 }
