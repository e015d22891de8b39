package main

import (
	"context"
	"sync"
)

// counters owns the counters of one pass: as many as there are workers, however many files.
type counters struct {
	mu   sync.Mutex
	all  []*counter
	free []*counter
}

// get returns a counter for the caller alone, a used one if there is one.
func (cs *counters) get() *counter {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if last := len(cs.free) - 1; last >= 0 {
		c := cs.free[last]
		cs.free = cs.free[:last]
		return c
	}
	c := newCounter(bufferSize)
	cs.all = append(cs.all, c)
	return c
}

func (cs *counters) put(c *counter) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.free = append(cs.free, c)
}

// merged returns the words of all counters, once nobody uses them any more. It takes them apart.
func (cs *counters) merged() vocabulary {
	total := newVocabulary()
	for i, c := range cs.all {
		if i == 0 {
			total = c.words.vocab
		} else {
			total.merge(c.words.vocab)
		}
	}
	cs.all, cs.free = nil, nil
	return total
}

type counterKey struct{}

// attach is the pool's worker init: each worker takes a counter for as long as it lives, and its
// tasks find it in their ctx.
func (cs *counters) attach(ctx context.Context) (context.Context, func()) {
	c := cs.get()
	return context.WithValue(ctx, counterKey{}, c), func() { cs.put(c) }
}

func attached(ctx context.Context) *counter { return ctx.Value(counterKey{}).(*counter) }
