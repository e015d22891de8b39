package promise_test

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// A stage lets actors act at the same time, round after round: they wait for each other by
// looking, for a while, so that they start within nanoseconds, as new goroutines do not.
type stage struct {
	actors  int
	arrived atomic.Int64 // times that an actor has come to a meet
	mu      sync.Mutex
	all     sync.Cond
}

// meet waits until all actors have come to their n-th meet.
func (s *stage) meet(n int) {
	all := int64(n * s.actors)
	if s.arrived.Add(1) == all {
		s.mu.Lock()
		s.all.Broadcast()
		s.mu.Unlock()
		return
	}
	for looks := range 300 {
		if s.arrived.Load() >= all {
			return
		}
		if looks%16 == 15 {
			runtime.Gosched()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.arrived.Load() < all {
		s.all.Wait()
	}
}

// play plays the rounds. The first actor sets the stage, and looks at it afterwards.
func play(rounds int, set func(round int), check func() error, actors ...func()) (err error) {
	s := &stage{actors: len(actors)}
	s.all.L = &s.mu
	over := false
	var wg sync.WaitGroup
	for i, act := range actors {
		wg.Go(func() {
			for round := 0; ; round++ {
				if i == 0 {
					if over = round == rounds || err != nil; !over {
						set(round)
					}
				}
				s.meet(2*round + 1)
				if over {
					return
				}
				act()
				s.meet(2*round + 2)
				if i == 0 {
					if err = check(); err != nil {
						err = fmt.Errorf("round %d: %w", round, err)
					}
				}
			}
		})
	}
	wg.Wait()
	return err
}
