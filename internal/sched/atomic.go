//go:build !explore

package sched

import (
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// Everything in this package that goroutines share, everything they park on, and what
// starts them, is reached through these names, so that a build with the tag explore can put
// instrumented types behind them. Here they cost nothing.
type (
	atomicUint64 = atomic.Uint64
	mutex        = sync.Mutex
	goroutines   = errgroup.Group
	timer        = time.Timer
)

func afterFunc(d time.Duration, f func()) *timer { return time.AfterFunc(d, f) }

// spinRounds is how often a worker looks at an empty queue before it parks: less than a
// microsecond. Longer makes it steal the processor from whoever would fill the queue; none
// costs a sleep and a wake-up whenever a producer pauses between two submits.
const spinRounds = 200

// A parker is where one goroutine sleeps until another gives it a token. It holds one
// token, so wake never blocks, and it may come before wait. A receive on a channel of
// the bubble is what testing/synctest calls durably blocked.
type parker chan token

func newParker() parker       { return make(parker, 1) }
func (p parker) wait() token  { return <-p }
func (p parker) wake(t token) { p <- t }
