//go:build !explore

package sched

import (
	"sync"
	"sync/atomic"
)

// Everything in this package that goroutines share, and everything they park on, is
// reached through these names, so that a build with the tag explore can put
// instrumented types behind them. Here they cost nothing.
type (
	atomicUint64 = atomic.Uint64
	mutex        = sync.Mutex
)

// A parker is where one goroutine sleeps until another gives it a token. It holds one
// token, so wake never blocks, and it may come before wait. A receive on a channel of
// the bubble is what testing/synctest calls durably blocked.
type parker chan token

type token bool

const (
	run  token = true  // to a worker: a slot and the searching bit are yours
	exit token = false // to a worker: you are counted out
)

func newParker() parker       { return make(parker, 1) }
func (p parker) wait() token  { return <-p }
func (p parker) wake(t token) { p <- t }
