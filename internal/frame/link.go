package frame

import (
	"context"
	"time"
)

// A Link is the context of a task without a future, a third of a Frame in size. Such tasks are
// many, and most never ask their context anything. So it leads to a frame that the worker
// uses for one task after the other, as long as nobody asks.
//
//	Asker   K1 CAS state from unasked to kept; the frame is the task's for good
//	Worker  E1 CAS state from unasked to ended; the frame is the worker's again
//
// One of the two comes first. If K1, the worker ends the frame as it would end a task's, and
// takes another for the next task. If E1, whoever asks from then on is told what a frame that
// is over says; nobody can have got hold of the frame, so its fields are cleared and set by
// plain stores.
type Link struct {
	frame *Frame // set before the task starts
	state atomicUint32
}

// States of a Link. It changes once at most.
const (
	unasked = iota
	kept
	ended
)

// gone is what a link leads to when its task ended before anybody asked.
var gone = func() *Frame {
	f := new(Frame)
	f.word.Store(over)
	return f
}()

// Frame returns the frame that the link leads to, which stays the task's. If the task is
// over, it is one that is over.
func (l *Link) Frame() *Frame {
	if l.state.Load() == unasked {
		l.state.CompareAndSwap(unasked, kept) // or another asker has, or the task has ended
	}
	if l.state.Load() == kept {
		return l.frame
	}
	return gone
}

// Links makes links for a worker, which ends each before it begins the next. Links come in
// slabs, an allocation each: one cannot be used again, since others may keep it. So do the frames
// that they lead to, for those tasks that ask.
type Links struct {
	slab   []Link
	frames []Frame
	last   *Link
}

const (
	linkSlab  = 32 // 512 bytes, the largest size class without a header
	frameSlab = 31 // 1.5 kB with the header
)

// Begin makes the context of a task submitted with ctx.
func (s *Links) Begin(ctx context.Context, home *Home) *Link {
	if len(s.slab) == 0 {
		s.slab = make([]Link, linkSlab)
	}
	l := &s.slab[0]
	s.slab = s.slab[1:]
	if s.last != nil && s.last.state.Load() == ended {
		l.frame = s.last.frame
	} else {
		l.frame = s.frame()
	}
	s.last = l
	l.frame.Init(ctx, home)
	return l
}

func (s *Links) frame() *Frame {
	if len(s.frames) == 0 {
		s.frames = make([]Frame, frameSlab)
	}
	f := &s.frames[0]
	s.frames = s.frames[1:]
	return f
}

// NewLink makes the context of a task submitted with ctx that runs outside of workers.
func NewLink(ctx context.Context, home *Home) *Link {
	l := &Link{frame: new(Frame)}
	l.frame.Init(ctx, home)
	return l
}

// Dead is Frame.Dead, for the owner of the task.
func (l *Link) Dead() error { return l.frame.Dead() }

// Outside is Frame.Outside.
func (l *Link) Outside() { l.frame.Outside() }

// End is Frame.End.
func (l *Link) End() (slot bool) {
	f := l.frame
	if !l.state.CompareAndSwap(unasked, ended) {
		return f.End()
	}
	slot = holdsSlot(f.word.Load())
	f.forget()
	return slot
}

// Deadline implements context.Context.
func (l *Link) Deadline() (deadline time.Time, ok bool) { return l.Frame().Deadline() }

// Done implements context.Context.
func (l *Link) Done() <-chan struct{} { return l.Frame().Done() }

// Err implements context.Context.
func (l *Link) Err() error { return l.Frame().Err() }

// Value implements context.Context.
func (l *Link) Value(key any) any { return l.Frame().Value(key) }

// String makes a link readable where a context is printed.
func (l *Link) String() string { return "pool.task" }
