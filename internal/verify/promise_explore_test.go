//go:build explore

package verify_test

import (
	"errors"
	"testing"

	"github.com/forebay-go/forebay/internal/explore"
	"github.com/forebay-go/forebay/internal/promise"
)

var errTest = errors.New("test")

// A stage is a cell, and what its threads have seen. Fields are changed between operations only.
type stage struct {
	*explore.Run
	cell    promise.Cell[int]
	claims  int
	settles int
	woke    bool
	swept   []bool // what Settle and Sweep have said: exactly one must be true
	fired   map[int]int
	chained map[int]bool // threads that are in SettleChained; of all stages together
}

// another makes a stage for another cell of the same run.
func (s *stage) another() *stage {
	return &stage{Run: s.Run, fired: map[int]int{}, chained: s.chained}
}

// settle claims the cell and settles it with 7, or with an error.
func (s *stage) settle(claim, to promise.State) {
	if !s.cell.Claim(claim) {
		return
	}
	s.claims++
	if s.cell.Settled() {
		s.Failf("settled by somebody else")
	}
	s.finish(to)
}

func (s *stage) finish(to promise.State) {
	var err error
	if to != promise.Succeeded {
		err = errTest
	}
	woke, swept := s.cell.Settle(to, 7, err)
	s.settles++
	s.woke = woke
	s.swept = append(s.swept, swept)
}

// result checks what is there when the cell looks settled.
func (s *stage) result() {
	if state := s.cell.State(); !state.Settled() {
		s.Failf("awake, and the state is %d", state)
	} else if v, err := s.cell.Result(); v != 7 || (state == promise.Succeeded) != (err == nil) {
		s.Failf("state %d, result %d, %v", state, v, err)
	}
}

// await waits as package future does.
func (s *stage) await() {
	if !s.cell.Settled() {
		done := s.cell.Done()
		s.Await("the cell", func() bool { return closed(done) })
	}
	s.result()
}

// look is Try: it never waits.
func (s *stage) look() {
	if s.cell.Settled() {
		s.result()
	}
}

// done checks that the channel is one, and closed when the cell is settled.
func (s *stage) done() {
	first := s.cell.Done()
	second := s.cell.Done()
	s.Await("the channel", func() bool { return closed(first) && closed(second) })
	s.result()
	if third := s.cell.Done(); !closed(third) {
		s.Failf("Done of a settled cell is open")
	}
}

func (s *stage) sweep() { s.swept = append(s.swept, s.cell.Sweep().Settled()) }

// Fire is for listeners of the stage.
func (s *stage) Fire(index int) promise.Chain {
	if s.fired[index]++; s.chained[s.Thread()] {
		s.Failf("a listener is called by one that was called, inside of it")
	}
	s.result()
	return promise.Chain{}
}

// listen links a listener and waits for it.
func (s *stage) listen(index int) {
	if s.cell.Listen(&promise.Listener{Target: s, Index: index}) {
		s.Await("the call", func() bool { return s.fired[index] > 0 })
	}
	s.result()
}

// leave links a listener and takes it out again: it is called, or taken out.
func (s *stage) leave(index int) {
	l := &promise.Listener{Target: s, Index: index}
	if !s.cell.Listen(l) {
		s.result()
		return
	}
	if !l.Unlisten() {
		s.Await("the call", func() bool { return s.fired[index] > 0 })
	} else {
		s.fired[index] += 10 // must stay at that
	}
}

// A link settles another cell when one is settled, as Then does.
type link struct {
	*stage
	next *promise.Cell[int]
}

func (l link) Fire(int) promise.Chain {
	if !l.next.Claim(promise.Claimed) {
		return promise.Chain{}
	}
	v, err := l.cell.Result()
	l.chained[l.Thread()] = true
	defer delete(l.chained, l.Thread())
	return l.next.SettleChained(l.cell.State(), v, err)
}

// A cell is settled once, by the one who claimed it; everybody who waits wakes, and finds the
// result.
func TestPromise(t *testing.T) {
	for _, tt := range []struct {
		name        string
		preemptions int
		afterWrites bool
		do          func(s *stage)
	}{
		{"2 awaiters, 2 settlers", 2, false, func(s *stage) {
			s.Go("runner", func() { s.settle(promise.Running, promise.Succeeded) })
			s.Go("canceler", func() { s.settle(promise.Claimed, promise.Canceled) })
			s.Go("awaiter", s.await)
			s.Go("awaiter", s.await)
		}},
		{"2 awaiters", 3, false, func(s *stage) {
			s.Go("runner", func() { s.settle(promise.Running, promise.Failed) })
			s.Go("awaiter", s.await)
			s.Go("awaiter", s.await)
		}},
		{"3 claims", 3, false, func(s *stage) {
			s.Go("runner", func() { s.settle(promise.Running, promise.Succeeded) })
			s.Go("inline", func() { s.settle(promise.Running, promise.Succeeded) })
			s.Go("canceler", func() { s.settle(promise.Claimed, promise.Canceled) })
			s.Go("looker", s.look)
		}},
		{"channels", 3, false, func(s *stage) {
			s.Go("runner", func() { s.settle(promise.Running, promise.Failed) })
			s.Go("done", s.done)
			s.Go("done", s.done)
		}},
		{"plain writes apart", 3, true, func(s *stage) {
			s.Go("runner", func() { s.settle(promise.Running, promise.Failed) })
			s.Go("awaiter", s.await)
			s.Go("looker", s.look)
		}},
		{"swept", 3, false, func(s *stage) {
			s.Go("runner", func() { s.settle(promise.Claimed, promise.Canceled) })
			s.Go("sweeper", s.sweep)
			s.Go("awaiter", s.await)
		}},
		{"listeners", 2, false, func(s *stage) {
			s.Go("runner", func() { s.settle(promise.Running, promise.Succeeded) })
			s.Go("listener", func() { s.listen(1) })
			s.Go("listener", func() { s.listen(2) })
			s.Go("awaiter", s.await)
		}},
		{"listeners that leave", 3, false, func(s *stage) {
			s.Go("runner", func() { s.settle(promise.Running, promise.Succeeded) })
			s.Go("leaver", func() { s.leave(1) })
			s.Go("leaver", func() { s.leave(2) })
		}},
		{"leaving beside staying", 2, false, func(s *stage) {
			s.Go("runner", func() { s.settle(promise.Claimed, promise.Dropped) })
			s.Go("leaver", func() { s.leave(1); s.leave(2) })
			s.Go("listener", func() { s.listen(3) })
		}},
		{"a chain", 2, false, func(s *stage) {
			second := s.another()
			third := s.another()
			second.cell.Listen(&promise.Listener{Target: link{second, &third.cell}})
			s.cell.Listen(&promise.Listener{Target: link{s, &second.cell}})
			s.Go("runner", func() { s.settle(promise.Running, promise.Succeeded) })
			s.Go("awaiter", second.await)
			s.Go("listener", func() { third.listen(1) })
			s.Go("late", func() { second.listen(2) })
		}},
		{"a chain beside a cancel", 2, false, func(s *stage) {
			second := s.another()
			s.cell.Listen(&promise.Listener{Target: link{s, &second.cell}})
			s.Go("runner", func() { s.settle(promise.Running, promise.Succeeded) })
			s.Go("canceler", func() { second.settle(promise.Claimed, promise.Canceled) })
			s.Go("listener", func() { second.listen(1) })
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := explore.Options{Preemptions: tt.preemptions, AfterWrites: tt.afterWrites}
			explored(t, o, func(r *explore.Run) {
				s := &stage{Run: r, fired: map[int]int{}, chained: map[int]bool{}}
				tt.do(s)
				r.Wait()
				s.result()
				if s.claims != 1 || s.settles != 1 {
					r.Failf("%d claims, %d settled", s.claims, s.settles)
				}
				if len(s.swept) == 2 && s.swept[0] == s.swept[1] {
					r.Failf("Settle and Sweep: %t", s.swept)
				}
				for i, n := range s.fired {
					if n != 1 && n != 10 {
						r.Failf("listener %d: called %d times (10: was taken out)", i, n)
					}
				}
				if s.woke && !s.cell.Waited() {
					r.Failf("woke somebody, and nobody waited")
				}
			})
		})
	}
}
