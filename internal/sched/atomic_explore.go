//go:build explore

package sched

import (
	"time"

	"github.com/forebay-go/forebay/internal/explore"
)

type (
	atomicUint64 = explore.Uint64
	mutex        = explore.Mutex
	goroutines   = explore.Group
	timer        = explore.Timer
)

func afterFunc(d time.Duration, f func()) *timer { return explore.AfterFunc(d, f) }

// spinRounds: the first look is like all the others.
const spinRounds = 1

type parker = *mailbox

type mailbox struct{ *explore.Mailbox[token] }

func newParker() parker         { return &mailbox{explore.NewMailbox[token]()} }
func (m *mailbox) wait() token  { return m.Take() }
func (m *mailbox) wake(t token) { m.Put(t) }
