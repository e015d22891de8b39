// Package frame is one run of a task function: the context that the function gets, and
// the slot that it holds in its pool.
//
// A Frame is its own context.Context, so that a task which never asks for Done costs
// nothing, and it answers to one private key, which is how "inside which task am I?"
// travels with ctx. There are no goroutine-locals: a task may hand its ctx to goroutines
// of its own, and they may use it while the task runs and after it has ended.
//
// # The word
//
//	63    62       61      60..31  30..0
//	over  outside  broken  lends   pins
//
// pins counts the calls that are reading the frame's fields, and the frames of tasks that
// were submitted with this one as their ctx. lends counts the goroutines with the task's
// ctx that are in an Await or Block. over is set when the function has returned. Pins and
// lends are only added while over is not set; whoever sees over set and takes the last of
// them away (End itself, mostly) forgets: it clears the fields. So nothing is read while
// it is cleared, and a settled task retains nothing. outside marks a task that runs
// outside the limit, and so has no slot; broken, one that Home.broken counts.
//
// # The slot
//
// A task holds a slot while its function runs and lends is 0. The first lend has the slot
// in hand: it may pass it to the task it waits for, or give it up. The last to return
// takes a slot back before it takes its lend away, so that a lend that begins meanwhile
// is not mistaken for a first one; if one did begin, the slot goes back at once. A task
// that ends while one of its goroutines is still waiting has no slot to give back.
//
// # Nesting
//
// A task submitted with the very ctx of another one of the same pool would make a chain of
// contexts as deep as the recursion, to be asked one by one at each submit and start. So a
// nested frame goes straight to what the outermost one was submitted with: ctx is the same
// in all of a chain. What is left are the frames between: one of them may have been
// cancelled, or be over while this one is not. That is rare, and Home.broken counts such
// frames until they are forgotten; only while there are any, chains are walked. A nested
// frame pins its parent until it forgets, so the walk needs no pins of its own.
package frame

import (
	"context"
	"time"

	"github.com/forebay-go/forebay/internal/sched"
)

// A Frame is the context of one run of one task function. Init comes before the task is
// published. End is called once, by whoever ran or cancelled the task.
type Frame struct {
	word   atomicUint64
	ctx    context.Context // the submit ctx; nested: that of the outermost frame
	parent *Frame          // nested: the frame that was the submit ctx
	home   *Home
	made   atomicPointer[made] // set by the first Done or Cancel
}

// made is the real context behind a frame.
type made struct {
	context.Context // derived from the submit ctx, so it ends with it and like it
	cancel          context.CancelCauseFunc
	stop            func() bool // ends the wait for the pool's ctx
}

const (
	onePin  = 1
	oneLend = 1 << 31
	broken  = 1 << 61
	outside = 1 << 62
	over    = 1 << 63
)

func lends(word uint64) uint64 { return word &^ (over | outside | broken) / oneLend }

// held reports whether somebody has a pin or a lend on a frame with this word.
func held(word uint64) bool { return word&^(over|outside|broken) != 0 }

// holdsSlot reports whether a running task with this word has its slot in hand.
func holdsSlot(word uint64) bool { return lends(word) == 0 && word&outside == 0 }

// Init prepares a frame for a task submitted with ctx.
func (f *Frame) Init(ctx context.Context, home *Home) {
	f.ctx, f.home = ctx, home
	if p := outer(ctx); p != nil && p.pin() {
		if p.home != home {
			p.unpin()
			return
		}
		f.ctx, f.parent = p.ctx, p
	}
}

// outer returns the frame that ctx is, with nothing around it that ends sooner.
func outer(ctx context.Context) *Frame {
	switch c := ctx.(type) {
	case *Frame:
		return c
	case *Link:
		return c.Frame()
	case *Own:
		if c.Context == context.Context(c.Frame) {
			return c.Frame
		}
	}
	return nil
}

// Outside marks a frame, before its task runs, as that of a task outside the limit.
func (f *Frame) Outside() { f.word.Store(outside) }

// Nested reports whether the submit ctx was that of another task of the same pool. The
// caller owns the task.
func (f *Frame) Nested() bool { return f.parent != nil }

// Home returns the frame's home. The caller owns the task or has a lend on it.
func (f *Frame) Home() *Home { return f.home }

// Dead returns the cause if the frame's context has ended; then its task must not start.
// The caller owns the task, or has a lend or a pin on it.
func (f *Frame) Dead() error {
	if f.home.Ctx.Err() != nil {
		return context.Cause(f.home.Ctx)
	}
	if m := f.made.Load(); m != nil {
		if m.Err() != nil {
			return context.Cause(m)
		}
		return nil // it knows of the rest
	}
	if f.ctx.Err() != nil {
		return context.Cause(f.ctx)
	}
	return f.cut()
}

// cut returns the cause if the frame, or one that it is nested in, was cancelled, or if one
// of these is over.
func (f *Frame) cut() error {
	if f.home.broken.Load() == 0 {
		return nil
	}
	for ; f != nil; f = f.parent {
		if m := f.made.Load(); m != nil && m.Err() != nil {
			return context.Cause(m)
		}
		if f.word.Load()&over != 0 {
			return context.Canceled
		}
	}
	return nil
}

// Ended reports whether ctx has ended. The caller has a lend on f, so that if ctx is f
// itself, as it mostly is, no pin is needed.
func (f *Frame) Ended(ctx context.Context) bool {
	if outer(ctx) == f {
		return f.Dead() != nil
	}
	return ctx.Err() != nil
}

// On reports whether the task runs on the workers of s.
func (f *Frame) On(s *sched.Scheduler) bool {
	if !f.pin() {
		return false
	}
	defer f.unpin()
	return f.home.Sched == s
}

// Pool returns the pool that the task is of, or nil if the task is over.
func (f *Frame) Pool() any {
	if !f.pin() {
		return nil
	}
	defer f.unpin()
	return f.home.Pool
}

// End is called when the function has returned, or will never be called. It ends the
// context and reports whether the slot that the task started with is in the caller's hand.
func (f *Frame) End() (slot bool) {
	home := f.home
	old := f.word.Or(over)
	if !held(old) {
		f.forget()
		return holdsSlot(old)
	}
	if m := f.made.Load(); m != nil { // else make, if it is at it, sees over
		m.drop()
	}
	f.setBroken(home)
	return holdsSlot(old)
}

// setBroken counts a frame that somebody holds. It is counted first, so that clear does not
// count out what is not counted in.
func (f *Frame) setBroken(home *Home) {
	home.broken.Add(1)
	for {
		old := f.word.Load()
		if old&broken != 0 || !held(old) {
			home.broken.Add(-1)
			return
		}
		if f.word.CompareAndSwap(old, old|broken) {
			return
		}
	}
}

// pin keeps the fields from being cleared, unless the task is over.
func (f *Frame) pin() bool {
	for {
		old := f.word.Load()
		if old&over != 0 {
			return false
		}
		if f.word.CompareAndSwap(old, old+onePin) {
			return true
		}
	}
}

// unpin takes a pin away, and forgets the frame if it was the last hold on a task that is
// over. Forgetting takes the pin on the parent away: a loop, so that a chain of any length
// needs no stack.
func (f *Frame) unpin() {
	for f != nil && forgettable(f.word.Add(^uint64(onePin-1))) {
		f = f.clear()
	}
}

func forgettable(word uint64) bool { return word&over != 0 && !held(word) }

// forget clears the fields of a frame that is over and that nobody holds.
func (f *Frame) forget() {
	if p := f.clear(); p != nil {
		p.unpin()
	}
}

func (f *Frame) clear() (parent *Frame) {
	if m := f.made.Load(); m != nil {
		m.drop()
		f.made.Store(nil)
	}
	if f.word.Load()&broken != 0 {
		f.home.broken.Add(-1)
	}
	parent = f.parent
	f.ctx, f.parent, f.home = nil, nil, nil
	return parent
}

func (m *made) drop() {
	m.stop()
	m.cancel(context.Canceled)
}

// real returns the frame's real context, and makes it if nobody has. f is pinned.
func (f *Frame) real() *made {
	if m := f.made.Load(); m != nil {
		return m
	}
	if f.parent != nil {
		return f.make(f.parent.real())
	}
	return f.make(f.ctx)
}

// make makes the real context, derived from one that ends no later than the frame's.
func (f *Frame) make(from context.Context) *made {
	m, pool := new(made), f.home.Ctx
	m.Context, m.cancel = context.WithCancelCause(from)
	m.stop = afterFunc(pool, func() { m.cancel(context.Cause(pool)) })
	if !f.made.CompareAndSwap(nil, m) || f.word.Load()&over != 0 {
		m.drop()
	}
	return f.made.Load()
}

// ended returns the frame's real context, ended. f is pinned, and cause is why. If the
// context is made only now, it must not be from that of a parent, which may be over for
// another reason.
func (f *Frame) ended(cause error) *made {
	m := f.made.Load()
	if m == nil {
		m = f.make(f.ctx)
	}
	m.cancel(cause) // if what ended it has not come through yet
	return m
}

// values returns the context that knows the frame's values, and, for context.Cause, why it
// has ended: the real one if it was made, or if the frame's context has ended in a way that
// the submit ctx does not know. f is pinned.
func (f *Frame) values() context.Context {
	if f.home.Ctx.Err() != nil {
		return f.ended(context.Cause(f.home.Ctx))
	}
	if m := f.made.Load(); m != nil {
		return m
	}
	if cause := f.cut(); cause != nil {
		return f.ended(cause)
	}
	return f.ctx
}

// Cancel asks the running task to stop, by ending its context with cause.
func (f *Frame) Cancel(cause error) {
	if f.pin() {
		f.real().cancel(cause)
		f.setBroken(f.home)
		f.unpin()
	}
}

// Deadline implements context.Context.
func (f *Frame) Deadline() (deadline time.Time, ok bool) {
	if !f.pin() {
		return time.Time{}, false
	}
	defer f.unpin()
	deadline, ok = f.ctx.Deadline()
	if d, has := f.home.Ctx.Deadline(); has && (!ok || d.Before(deadline)) {
		return d, true
	}
	return deadline, ok
}

// Done implements context.Context.
func (f *Frame) Done() <-chan struct{} {
	if !f.pin() {
		return closed
	}
	defer f.unpin()
	if cause := f.Dead(); cause != nil {
		return f.ended(cause).Done()
	}
	return f.real().Done()
}

var closed = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// Err implements context.Context. The context of a task that is over is canceled.
func (f *Frame) Err() error {
	if !f.pin() {
		return context.Canceled
	}
	defer f.unpin()
	if cause := f.Dead(); cause != nil {
		return f.ended(cause).Err()
	}
	return nil
}

// Value implements context.Context.
func (f *Frame) Value(key any) any {
	if key == (frameKey{}) {
		return f
	}
	if !f.pin() {
		return nil
	}
	defer f.unpin()
	if v := f.values().Value(key); v != nil {
		return v
	}
	return f.home.Base.Value(key)
}

// String makes a frame readable where a context is printed.
func (f *Frame) String() string { return "pool.task" }
