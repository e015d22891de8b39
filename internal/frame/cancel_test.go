package frame_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/internal/frame"
)

// A scene is a running task, nested twice, and what can end its context.
type scene struct {
	grandparent, parent, task *frame.Frame
	cancelSubmit              context.CancelCauseFunc
	stop                      context.CancelCauseFunc
}

func newScene(t *testing.T) *scene {
	home, stop := newHome()
	deadline, cancel := context.WithTimeout(t.Context(), time.Hour)
	t.Cleanup(cancel)
	submit, cancelSubmit := context.WithCancelCause(deadline)
	s := &scene{cancelSubmit: cancelSubmit, stop: stop}
	s.grandparent = newFrame(submit, home)
	s.parent = newFrame(s.grandparent, home)
	s.task = newFrame(s.parent, home)
	return s
}

// close ends what is not over.
func (s *scene) close(over ...*frame.Frame) {
	for _, f := range []*frame.Frame{s.task, s.parent, s.grandparent} {
		done := false
		for _, o := range over {
			done = done || o == f
		}
		if !done {
			f.End()
		}
	}
	s.stop(nil)
	s.cancelSubmit(nil)
}

// What ends a task's context, and how that looks from inside the task.
var ends = []struct {
	name       string
	end        func(*scene) (over []*frame.Frame)
	err, cause error
}{
	{
		"submit ctx cancelled",
		func(s *scene) []*frame.Frame { s.cancelSubmit(errSubmit); return nil },
		context.Canceled, errSubmit,
	},
	{
		"submit ctx's deadline",
		func(*scene) []*frame.Frame { time.Sleep(time.Hour); synctest.Wait(); return nil },
		context.DeadlineExceeded, context.DeadlineExceeded,
	},
	{
		"pool stopped",
		func(s *scene) []*frame.Frame { s.stop(errStopped); return nil },
		context.Canceled, errStopped,
	},
	{
		"task cancelled",
		func(s *scene) []*frame.Frame { s.task.Cancel(errCanceled); return nil },
		context.Canceled, errCanceled,
	},
	{
		"parent cancelled",
		func(s *scene) []*frame.Frame { s.parent.Cancel(errCanceled); return nil },
		context.Canceled, errCanceled,
	},
	{
		"grandparent cancelled",
		func(s *scene) []*frame.Frame { s.grandparent.Cancel(errCanceled); return nil },
		context.Canceled, errCanceled,
	},
	{
		"parent over",
		func(s *scene) []*frame.Frame { s.parent.End(); return []*frame.Frame{s.parent} },
		context.Canceled, context.Canceled,
	},
	{
		"grandparent over",
		func(s *scene) []*frame.Frame { s.grandparent.End(); return []*frame.Frame{s.grandparent} },
		context.Canceled, context.Canceled,
	},
}

// Asked through Err and Dead, whether or not somebody has asked for Done before. Once Err
// says that it has ended, Done is closed.
func TestL8_EndIsSeenByErr(t *testing.T) {
	for _, tt := range ends {
		for _, asked := range []bool{false, true} {
			t.Run(tt.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newScene(t)
					if asked {
						s.task.Done()
					}
					over := tt.end(s)
					if err := s.task.Err(); !errors.Is(err, tt.err) {
						t.Errorf("Done asked before: %t: Err %v, want %v", asked, err, tt.err)
					}
					if !ended(s.task) {
						t.Errorf("Done asked before: %t: Done is open, and Err says that it has ended", asked)
					}
					if cause := context.Cause(s.task); !errors.Is(cause, tt.cause) {
						t.Errorf("Done asked before: %t: Cause %v, want %v", asked, cause, tt.cause)
					}
					if cause := s.task.Dead(); cause == nil {
						t.Errorf("Done asked before: %t: Dead says nil", asked)
					}
					s.close(over...)
				})
			})
		}
	}
}

// Asked through Done first, and for the first time, after the end.
func TestL8_EndIsSeenByTheFirstDone(t *testing.T) {
	for _, tt := range ends {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScene(t)
				over := tt.end(s)
				done := s.task.Done()
				derived, cancel := context.WithTimeout(s.task, 24*time.Hour)
				defer cancel()
				synctest.Wait()
				select {
				case <-done:
				default:
					t.Error("the task's Done is open")
				}
				if err := s.task.Err(); !errors.Is(err, tt.err) {
					t.Errorf("Err %v, want %v", err, tt.err)
				}
				for _, ctx := range []context.Context{s.task, derived} {
					if cause := context.Cause(ctx); !errors.Is(cause, tt.cause) {
						t.Errorf("%v: Cause %v, want %v", ctx, cause, tt.cause)
					}
				}
				s.close(over...)
			})
		})
	}
}

// A task that does nothing but wait for Done, or for a context derived from its own, learns
// of the end without a call of Err.
func TestL8_EndIsSeenByDone(t *testing.T) {
	for _, tt := range ends {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScene(t)
				done := s.task.Done()
				derived, cancel := context.WithTimeout(s.task, 24*time.Hour)
				defer cancel()
				over := tt.end(s)
				synctest.Wait()
				select {
				case <-done:
				default:
					t.Error("the task's Done is open")
				}
				if !ended(derived) || !errors.Is(derived.Err(), tt.err) {
					t.Errorf("a derived context: Err %v, want %v", derived.Err(), tt.err)
				}
				if cause := context.Cause(derived); !errors.Is(cause, tt.cause) {
					t.Errorf("a derived context: Cause %v, want %v", cause, tt.cause)
				}
				s.close(over...)
			})
		})
	}
}

// The first cause stays.
func TestL8_EndedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t)
		s.task.Cancel(errCanceled)
		s.task.Cancel(errSubmit)
		s.stop(errStopped)
		s.cancelSubmit(errSubmit)
		synctest.Wait()
		if cause := context.Cause(s.task); !errors.Is(cause, errCanceled) {
			t.Errorf("Cause %v, want %v", cause, errCanceled)
		}
		s.close()
	})
}

// A nested task whose parent is over learns what ended it before that.
func TestL8_CauseOfAnOrphan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t)
		s.stop(errStopped)
		s.parent.End()
		if cause := context.Cause(s.task); !errors.Is(cause, errStopped) {
			t.Errorf("Cause %v, want %v", cause, errStopped)
		}
		s.close(s.parent)
	})
}

// A task whose context has ended before it began must not begin, and says why.
func TestL8_DeadBeforeTheStart(t *testing.T) {
	for _, tt := range ends {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScene(t)
				over := tt.end(s)
				if cause := s.task.Dead(); !errors.Is(cause, tt.cause) {
					t.Errorf("Dead: %v, want %v", cause, tt.cause)
				}
				if !s.task.Ended(s.task) {
					t.Error("Ended: false")
				}
				s.close(over...)
			})
		})
	}
}

// The goroutines that a task leaves behind are told by Done when it is over, also when one
// of them is in a wait with the task's ctx, or a task submitted with it goes on.
func TestL8_EndClosesDone(t *testing.T) {
	for _, tt := range []struct {
		name string
		hold func(f *frame.Frame, home *frame.Home) (let func())
	}{
		{"nobody holds it", func(*frame.Frame, *frame.Home) func() {
			return func() {}
		}},
		{"a goroutine waits with its ctx", func(f *frame.Frame, _ *frame.Home) func() {
			f.Lend()
			return func() { f.Return(false) }
		}},
		{"a nested task goes on", func(f *frame.Frame, home *frame.Home) func() {
			nested := newFrame(f, home)
			return func() { nested.End() }
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				home, stop := newHome()
				defer stop(nil)
				f := newFrame(t.Context(), home)
				done := f.Done()
				let := tt.hold(f, home)
				f.End()
				synctest.Wait()
				select {
				case <-done:
				default:
					t.Error("the task is over, and the channel that Done returned is open")
				}
				let()
				if !f.Forgotten() {
					t.Error("it was not forgotten")
				}
			})
		})
	}
}

// The submit ctx may be of a type that package context does not know. Then its end takes time
// to come through to a task that has asked for Done before; but what comes is its own error.
func TestL8_ForeignSubmitContext(t *testing.T) {
	for _, asked := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			home, stop := newHome()
			defer stop(nil)
			submit := newWatched()
			f := newFrame(submit, home)
			if asked {
				f.Done()
			}
			submit.end(context.DeadlineExceeded)
			if err := f.Err(); !errors.Is(err, context.DeadlineExceeded) && (err != nil || !asked) {
				t.Errorf("Done asked before: %t: Err %v, want context.DeadlineExceeded", asked, err)
			}
			submit.tell()
			synctest.Wait()
			if err := f.Err(); !errors.Is(err, context.DeadlineExceeded) || !ended(f) {
				t.Errorf("Done asked before: %t: Err %v, Done closed %t; want context.DeadlineExceeded, true",
					asked, err, ended(f))
			}
			if cause := context.Cause(f); !errors.Is(cause, context.DeadlineExceeded) {
				t.Errorf("Done asked before: %t: Cause %v, want context.DeadlineExceeded", asked, cause)
			}
			f.End()
		})
	}
}

// The task ends while one of its goroutines is in the middle of its first Done, and another
// in a wait, so that the frame is not forgotten yet: the channel is closed all the same.
func TestL8_EndInsideTheFirstDone(t *testing.T) {
	home, stop := newHome()
	defer stop(nil)
	submit := newWatched()
	f := newFrame(submit, home)
	f.Lend()
	submit.called = func(method string) {
		if method == "Done" {
			submit.called = nil
			f.End()
		}
	}
	select {
	case <-f.Done():
	default:
		t.Error("the task is over, and Done is open")
	}
	f.Return(false)
	if !f.Forgotten() {
		t.Error("it was not forgotten")
	}
}

// A task whose parent was cancelled still has its submitter's values, also if they are the first
// that it asks for, and to ask does not hide why it is to end.
func TestL8_ValuesOfACancelledParentsChild(t *testing.T) {
	type key struct{}
	home, stop := newHome()
	defer stop(nil)
	parent := newFrame(context.WithValue(t.Context(), key{}, 7), home)
	defer parent.End()
	child := newFrame(parent, home)
	defer child.End()
	parent.Cancel(errStopped)
	if v := child.Value(key{}); v != 7 {
		t.Errorf("Value: got %v, want 7", v)
	}
	if err, cause := child.Err(), context.Cause(child); err != context.Canceled || cause != errStopped {
		t.Errorf("got Err %v, Cause %v, want %v, %v", err, cause, context.Canceled, errStopped)
	}
}
