package pool

import (
	"context"
	"fmt"
	"iter"

	"github.com/forebay-go/forebay/future"
)

// A StreamOption configures a stream; see [Window].
type StreamOption interface{ applyStream(*streamConfig) }

type streamConfig struct{ window int }

// Window sets how many inputs of a stream may be outstanding, pulled and not yet yielded, at
// least 1. The default is twice the number of workers. A larger window evens out items
// that take different times; memory grows with it only as far as it is used.
func Window(n int) StreamOption {
	if n < 1 {
		panic(fmt.Sprintf("pool: Window: n is %d, want 1 or more", n))
	}
	return windowOption(n)
}

type windowOption int

func (n windowOption) applyStream(c *streamConfig) { c.window = int(n) }

func newStreamConfig(method string, opts []StreamOption) (c streamConfig) {
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("pool: %s: option %d is nil", method, i))
		}
		o.applyStream(&c)
	}
	return c
}

// windowOf returns the window of a stream that begins now.
func (e *engine) windowOf(c streamConfig) int {
	if c.window > 0 {
		return c.window
	}
	return 2 * e.limit()
}

// Stream calls fn for every input and yields the results in the order of the inputs, each as
// a pair of value and error. An item's error, panic or runtime.Goexit does not end the stream.
//
// args may be infinite: an input is pulled only while fewer than the window are pulled and
// not yet yielded, see [Window]. Everything happens in the loop over the stream, on its
// goroutine: an input is pulled and submitted as by Submit, then the results that are there
// are yielded, then the next input is pulled. So an input that is slow to come, or a full
// queue, delays the results before it, and a slow loop body delays the next input; meanwhile
// up to a window of items run. Nothing runs before the loop begins; two loops over the same
// stream run everything twice.
//
// However the loop ends, by break, by a panic in its body or in args, or because ctx ends,
// the items that are left are cancelled, and it is over only when those that run have
// returned. When ctx ends, no further input is pulled, and after all items have returned one
// last pair has the zero value and [context.Cause] of ctx: results that were not yielded
// before are dropped. An args that blocks must watch ctx itself.
//
// When the pool is closed, further items have the error [ErrClosed]; like any error it does
// not end the stream. Inside a task of the pool the loop runs items that have not
// started itself when it is their turn, as Await does.
//
// An item costs one Submit. The window takes one word for each item.
func (p *Pool[T, R]) Stream(ctx context.Context, fn func(context.Context, T) (R, error), args iter.Seq[T], opts ...StreamOption) iter.Seq2[R, error] {
	check("Stream", ctx, fn)
	checkNotNil("Stream", "args", args == nil)
	c := newStreamConfig("Stream", opts)
	return func(yield func(R, error) bool) {
		s := &ordered[T, R]{ctx: ctx, yield: yield, window: p.engine.windowOf(c)}
		s.submit = func(arg T) *future.Future[R] { return p.submitJoined(ctx, fn, arg) }
		run(ctx, args, s)
	}
}

// streaming is one loop over a stream, as run drives it.
type streaming[T any] interface {
	push(arg T)        // submit an input
	due() bool         // a result must or can be yielded before the next input is pulled
	left() bool        // a result is still to be yielded
	turn() (more bool) // yield a result; no more: ctx has ended, or the loop has
	stop()             // cancel what is left and join it
	last(cause error)  // unless the loop has ended: yield the cause
}

// run runs a loop over a stream.
func run[T any](ctx context.Context, args iter.Seq[T], s streaming[T]) {
	defer s.stop()
	if !feed(ctx, args, s) {
		s.stop()
		s.last(context.Cause(ctx))
	}
}

// feed reports whether all results were yielded.
func feed[T any](ctx context.Context, args iter.Seq[T], s streaming[T]) bool {
	if ctx.Err() != nil {
		return false
	}
	for arg := range args {
		if ctx.Err() != nil {
			return false
		}
		s.push(arg)
		for s.due() {
			if !s.turn() {
				return false
			}
		}
		if ctx.Err() != nil {
			return false
		}
	}
	if ctx.Err() != nil {
		return false // which may be why there are no more
	}
	for s.left() {
		if !s.turn() {
			return false
		}
	}
	return true
}

// ordered is a loop over a Stream. The futures of outstanding items are in a ring.
type ordered[T, R any] struct {
	ctx    context.Context
	yield  func(R, error) bool
	submit func(T) *future.Future[R]
	over   bool // the loop has ended
	window int

	ring    []*future.Future[R]
	head, n int // the oldest, and how many there are
}

func (s *ordered[T, R]) push(arg T) {
	if s.n == len(s.ring) {
		s.grow()
	}
	i := s.head + s.n
	if i >= len(s.ring) {
		i -= len(s.ring)
	}
	s.ring[i] = s.submit(arg)
	s.n++
}

// grow makes a full ring larger. A window may be much larger than what is ever used of it.
func (s *ordered[T, R]) grow() {
	ring := make([]*future.Future[R], min(s.window, max(64, 2*s.n)))
	k := copy(ring, s.ring[s.head:])
	copy(ring[k:], s.ring[:s.head])
	s.ring, s.head = ring, 0
}

func (s *ordered[T, R]) due() bool {
	if s.n == s.window || s.n == 0 {
		return s.n > 0
	}
	_, settled := s.ring[s.head].Try()
	return settled
}

func (s *ordered[T, R]) left() bool { return s.n > 0 }

func (s *ordered[T, R]) turn() bool {
	v, err := s.ring[s.head].Await(s.ctx)
	if s.ctx.Err() != nil {
		return false
	}
	s.drop()
	s.over = !s.yield(v, err)
	return !s.over
}

// drop takes the oldest out of the ring.
func (s *ordered[T, R]) drop() (f *future.Future[R]) {
	f, s.ring[s.head] = s.ring[s.head], nil
	if s.head++; s.head == len(s.ring) {
		s.head = 0
	}
	s.n--
	return f
}

func (s *ordered[T, R]) stop() {
	for i := range s.ring {
		if f := s.ring[i]; f != nil {
			f.Cancel(nil)
		}
	}
	for s.n > 0 {
		_, _ = s.drop().Await(context.WithoutCancel(s.ctx))
	}
}

func (s *ordered[T, R]) last(cause error) {
	if !s.over {
		var none R
		s.yield(none, cause)
	}
}
