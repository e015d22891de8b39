package seats_test

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/forebay-go/forebay/internal/seats"
)

// TestRace lets goroutines be tasks of nested seats, while the seats are resized and others drop
// what is held. No task runs without its seats, all come to an end, and no seat is left.
func TestRace(t *testing.T) {
	seed := rand.Uint64()
	rounds := 300
	if testing.Short() {
		rounds = 60
	}
	root := seats.New(3, nil)
	view := seats.New(2, root)
	all := []*seats.Seats{root, view, seats.New(1, view), seats.New(-1, root)}
	const most = 3 // seats that Resize gives
	var running [4]atomic.Int64
	enter := func(s *seats.Seats, by int64) {
		for i, o := range all {
			if s.Within(o) {
				if n := running[i].Add(by); i < 3 && n > most {
					t.Errorf("seed %d: %d tasks run in seats %d, want %d at most", seed, n, i, most)
				}
			}
		}
	}
	var tasks, resizers sync.WaitGroup
	for i := range 6 {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		tasks.Go(func() {
			for range rounds {
				s := all[rng.IntN(len(all))]
				there := make(chan struct{}, 1)
				w := s.NewWaiter(nil, func() { there <- struct{}{} })
				if in, _ := w.Hold(0); !in {
					if rng.IntN(3) == 0 {
						w.Quit()
						continue
					}
					<-there
				}
				if rng.IntN(5) == 0 {
					w.Quit()
					continue
				}
				for !w.Start() {
					<-there
				}
				enter(s, 1)
				runtime.Gosched()
				enter(s, -1)
				if rng.IntN(2) == 0 { // a wait
					s.Give()
					runtime.Gosched()
					if !s.TrySit() {
						s.Sit()
					}
					enter(s, 1)
					enter(s, -1)
				}
				if rng.IntN(4) == 0 {
					w.Quit()
				} else {
					s.Give()
				}
			}
		})
	}
	stop := make(chan struct{})
	resizers.Go(func() {
		rng := rand.New(rand.NewPCG(seed, 99))
		for {
			select {
			case <-stop:
				return
			default:
			}
			all[rng.IntN(3)].Resize(1 + rng.IntN(most))
			runtime.Gosched()
		}
	})
	tasks.Wait()
	close(stop)
	resizers.Wait()
	for i, s := range all {
		if c := s.Count(); c != (seats.Count{}) {
			t.Errorf("seed %d: seats %d at the end: got %+v, want none in use", seed, i, c)
		}
	}
}
