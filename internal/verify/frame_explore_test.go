//go:build explore

package verify_test

import (
	"context"
	"testing"
	"time"

	"github.com/forebay-go/forebay/internal/explore"
	"github.com/forebay-go/forebay/internal/frame"
	"github.com/forebay-go/forebay/internal/sched"
)

// A scene is a frame of a pool without workers, and its home.
type scene struct {
	*explore.Run
	home   *frame.Home
	stop   context.CancelCauseFunc // of the pool
	cancel context.CancelCauseFunc // of the submit ctx
	frame  *frame.Frame
	ended  bool
}

type key struct{}

func newScene(r *explore.Run) *scene {
	s := &scene{Run: r}
	ctx, stop := context.WithCancelCause(context.Background())
	s.stop = stop
	s.home = &frame.Home{Ctx: ctx, Base: context.Background(), Pool: s, Counters: new(frame.Counters)}
	submit, cancel := context.WithCancelCause(context.WithValue(context.Background(), key{}, "value"))
	s.cancel = cancel
	s.frame = s.nested(submit)
	return s
}

func (s *scene) nested(ctx context.Context) *frame.Frame {
	f := new(frame.Frame)
	f.Init(ctx, s.home)
	return f
}

func (s *scene) end() {
	s.Point()
	s.ended = true
	s.frame.End()
}

// wait takes the frame's channel and waits for it: it is closed when the task ends.
func (s *scene) wait() {
	done := s.frame.Done()
	s.Await("the frame's end", func() bool { return closed(done) })
	if s.frame.Err() == nil {
		s.Failf("done, and Err is nil")
	}
}

// ask calls everything that a context has.
func (s *scene) ask() {
	before := s.frame.Err()
	value := s.frame.Value(key{})
	s.frame.Deadline()
	if value != "value" && !s.ended {
		s.Failf("the value is %v", value)
	}
	if after := s.frame.Err(); before != nil && after == nil {
		s.Failf("Err was %v, and is nil", before)
	}
	if s.frame.Value(key{}) != nil && value == nil {
		s.Failf("a value that was gone is back")
	}
}

// child is a task submitted with the frame as its ctx, which starts, and ends after it.
func (s *scene) child() {
	f := s.nested(s.frame)
	dead := f.Dead()
	s.Point()
	if dead != nil && f.Dead() == nil {
		s.Failf("a nested task was dead, %v, and is not", dead)
	}
	done := f.Done()
	s.Await("the nested frame's end", func() bool { return closed(done) })
	f.End()
	if f.Err() == nil {
		s.Failf("a nested task is over, and Err is nil")
	}
}

// lender lends and returns the slot, and may find the task over.
func (s *scene) lender() {
	if slot, ok := s.frame.Lend(); ok {
		s.Point()
		s.frame.Pool()
		s.frame.Return(slot)
	}
}

// What others do with a frame while its task ends: nothing of it is read while it is cleared,
// all who wait for it wake, it stays ended, and nothing is retained.
func TestFrame(t *testing.T) {
	for _, tt := range []struct {
		name        string
		preemptions int
		do          func(s *scene)
	}{
		{"Done", 3, func(s *scene) {
			s.Go("task", s.end)
			s.Go("waiter", s.wait)
			s.Go("waiter", s.wait)
		}},
		{"everything", 2, func(s *scene) {
			s.Go("task", s.end)
			s.Go("asker", s.ask)
			s.Go("waiter", s.wait)
		}},
		{"asking twice", 2, func(s *scene) {
			s.Go("task", s.end)
			s.Go("asker", s.ask)
			s.Go("asker", s.ask)
		}},
		{"Cancel", 2, func(s *scene) {
			s.Go("task", s.end)
			s.Go("canceler", func() { s.frame.Cancel(errTest) })
			s.Go("waiter", s.wait)
		}},
		{"two Cancels", 2, func(s *scene) {
			s.Go("task", s.end)
			s.Go("canceler", func() { s.frame.Cancel(errTest) })
			s.Go("canceler", func() { s.frame.Cancel(errTest) })
			s.Go("asker", s.ask)
		}},
		{"a nested task", 2, func(s *scene) {
			s.Go("task", s.end)
			s.Go("child", s.child)
			s.Go("asker", s.ask)
		}},
		{"a nested task beside Cancel", 2, func(s *scene) {
			s.Go("task", s.end)
			s.Go("child", s.child)
			s.Go("canceler", func() { s.frame.Cancel(errTest) })
		}},
		{"two nested tasks", 2, func(s *scene) {
			s.Go("task", s.end)
			s.Go("child", s.child)
			s.Go("child", s.child)
		}},
		{"the submit ctx ends", 2, func(s *scene) {
			s.Go("submitter", func() { s.Point(); s.cancel(errTest) })
			s.Go("waiter", s.wait)
			s.Go("task", func() { s.wait(); s.end() })
		}},
		{"the pool is stopped", 2, func(s *scene) {
			s.Go("stopper", func() { s.Point(); s.stop(errTest) })
			s.Go("waiter", s.wait)
			s.Go("task", func() { s.wait(); s.end() })
		}},
		{"the pool is stopped meanwhile", 2, func(s *scene) {
			s.Go("stopper", func() { s.Point(); s.stop(errTest) })
			s.Go("asker", s.ask)
			s.Go("task", s.end)
		}},
		{"lends beyond the end", 3, func(s *scene) {
			s.frame.Outside() // so that there is no slot to wait for
			s.Go("task", s.end)
			s.Go("lender", s.lender)
			s.Go("lender", s.lender)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			explored(t, explore.Options{Preemptions: tt.preemptions}, func(r *explore.Run) {
				s := newScene(r)
				tt.do(s)
				r.Wait()
				r.Quiet()
				if frame.Retains(s.frame) || frame.Walks(s.home) {
					r.Failf("the task is over: retained %t, broken frames counted %t", frame.Retains(s.frame), frame.Walks(s.home))
				}
				if s.frame.Err() == nil || s.frame.Value(key{}) != nil {
					r.Failf("the task is over: Err %v, the value %v", s.frame.Err(), s.frame.Value(key{}))
				}
				s.cancel(nil)
				s.stop(nil)
			})
		})
	}
}

// A task's goroutines that lend its slot, at once and beyond its end, on a real scheduler with one
// slot: the slot is taken and given back once.
func TestFrameSlots(t *testing.T) {
	for _, tt := range []struct {
		name        string
		preemptions int
		others      []func(c *crew, f *frame.Frame)
		joins       bool // the task waits for the others before it ends
	}{
		{"a stray wait", 2, []func(*crew, *frame.Frame){block}, false},
		{"a wait that is joined", 2, []func(*crew, *frame.Frame){block}, true},
		{"two strays", 2, []func(*crew, *frame.Frame){block, block}, false},
		{"two that are joined", 2, []func(*crew, *frame.Frame){block, block}, true},
		{"in hand", 2, []func(*crew, *frame.Frame){inHand, block}, true},
		{"passed to another goroutine", 2, []func(*crew, *frame.Frame){loan}, true},
		{"passed on, and given up", 2, []func(*crew, *frame.Frame){loanGivenUp}, true},
		{"passed on, beyond the end", 2, []func(*crew, *frame.Frame){loan, block}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			processors(t, false)
			explored(t, explore.Options{Preemptions: tt.preemptions, Merge: true}, func(r *explore.Run) {
				c := newCrew(r, form{limit: 1, idle: time.Second})
				home := &frame.Home{
					Sched: c.sched, Ctx: context.Background(), Base: context.Background(),
					Counters: new(frame.Counters),
				}
				f := new(frame.Frame)
				f.Init(context.Background(), home)
				left := len(tt.others)
				c.submit(func(w *sched.Worker) {
					for _, do := range tt.others {
						r.Go("other", func() {
							do(c, f)
							r.Point()
							left--
						})
					}
					if tt.joins {
						_ = f.Block(func() error {
							r.Await("the others", func() bool { return left == 0 })
							return nil
						})
						if n := c.sched.Counts().Active; n != 1 {
							r.Failf("the task goes on, and %d slots are in use", n)
						}
					}
					w.Return(f.End())
				})
				c.running = 0
				r.Go("submitter", func() { c.submit(c.short) })
				c.limit = 2 // the crew cannot know which of the task's goroutines have the slot
				c.done()
				if n := home.Lent.Load(); n != 0 || frame.Retains(f) {
					r.Failf("down: Lent is %d, the frame is retained: %t", n, frame.Retains(f))
				}
			})
		})
	}
}

func block(c *crew, f *frame.Frame) {
	_ = f.Block(func() error { c.x.Point(); return nil })
}

func inHand(c *crew, f *frame.Frame) {
	if slot, ok := f.Lend(); ok {
		c.x.Point()
		f.Return(slot)
	}
}

func loan(c *crew, f *frame.Frame)        { lendOut(c, f, true) }
func loanGivenUp(c *crew, f *frame.Frame) { lendOut(c, f, false) }

// lendOut passes the slot in hand to another worker, as a wait does whose ctx can end sooner than
// the awaited task.
func lendOut(c *crew, f *frame.Frame, waits bool) {
	slot, ok := f.Lend()
	if !ok {
		return
	}
	if !slot {
		f.Return(false)
		return
	}
	l, settled := frame.NewLoan(), false
	c.sched.Run(func(w *sched.Worker) {
		c.x.Point()
		settled = true
		w.Return(l.Return(true))
	})
	_ = f.Park(false, func() (bool, error) {
		if waits {
			c.x.Await("the loan's end", func() bool { return settled })
		}
		return l.GiveUp(settled), nil
	})
}
