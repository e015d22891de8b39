package pool

import (
	"context"
	"iter"
	"sync"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/internal/frame"
	"github.com/forebay-go/forebay/internal/promise"
)

// StreamUnordered is Stream with the results in the order of their completion, each with the
// index of its input. One slow item holds up no result but its own. When ctx ends, the last
// pair has the index -1 and a result with the cause.
//
// Inside a task of a pool, waiting for a result lends the task's slot to other tasks.
//
// An item costs one Submit and one allocation; what else there is, is made once for each
// place in the window.
func (p *Pool[T, R]) StreamUnordered(ctx context.Context, fn func(context.Context, T) (R, error), args iter.Seq[T], opts ...StreamOption) iter.Seq2[int, future.Result[R]] {
	check("StreamUnordered", ctx, fn)
	checkNotNil("StreamUnordered", "args", args == nil)
	c := newStreamConfig("StreamUnordered", opts)
	return func(yield func(int, future.Result[R]) bool) {
		s := &unordered[T, R]{ctx: ctx, yield: yield, window: p.engine.windowOf(c), wake: make(chan struct{}, 1)}
		s.submit = func(arg T) *future.Future[R] { return p.submitJoined(ctx, fn, arg) }
		run(ctx, args, s)
	}
}

// unordered is a loop over a StreamUnordered.
type unordered[T, R any] struct {
	ctx    context.Context
	yield  func(int, future.Result[R]) bool
	submit func(T) *future.Future[R]
	over   bool // the loop has ended
	window int

	places []*place[T, R] // all there are: as many as were ever outstanding at once
	free   *place[T, R]
	pushed int // inputs
	n      int // outstanding

	mu          sync.Mutex   // a leaf: it is taken when a task settles
	first, tail *place[T, R] // settled and not yet yielded, the first to settle first
	waiting     bool         // the loop sleeps until wake has a token
	wake        chan struct{}
}

// A place is one outstanding item's. It goes from the loop to the future that it listens at,
// when that settles to the list of the settled, and back to the loop, which uses it again:
// the settler does not touch a listener any more that it has called.
type place[T, R any] struct {
	loop     *unordered[T, R]
	listener promise.Listener
	future   *future.Future[R] // nil: free
	index    int
	next     *place[T, R] // in the list of the settled, or of the free
}

// listen has Fire called once, mostly by the worker that ran the item.
func (pl *place[T, R]) listen() {
	pl.listener = promise.Listener{Target: pl}
	if !(*promise.Cell[R])(pl.future).Listen(&pl.listener) {
		pl.Fire(0)
	}
}

// Fire implements promise.Target.
func (pl *place[T, R]) Fire(int) promise.Chain {
	pl.settled()
	return promise.Chain{}
}

func (pl *place[T, R]) settled() {
	s := pl.loop
	s.mu.Lock()
	if s.tail == nil {
		s.first = pl
	} else {
		s.tail.next = pl
	}
	s.tail = pl
	waiting := s.waiting
	s.waiting = false
	s.mu.Unlock()
	if waiting {
		s.wake <- struct{}{} // has room: one token for each time that waiting was set
	}
}

func (s *unordered[T, R]) push(arg T) {
	f := s.submit(arg)
	pl := s.free
	if pl == nil {
		pl = &place[T, R]{loop: s}
		s.places = append(s.places, pl)
	} else {
		s.free = pl.next
	}
	pl.future, pl.index, pl.next = f, s.pushed, nil
	s.pushed++
	s.n++
	pl.listen()
}

// take returns the item that settled first, or says with nil that the loop must wait.
func (s *unordered[T, R]) take(wait bool) (pl *place[T, R]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if pl = s.first; pl == nil {
		s.waiting = wait
		return nil
	}
	if s.first = pl.next; s.first == nil {
		s.tail = nil
	}
	return pl
}

func (s *unordered[T, R]) due() bool {
	if s.n == s.window {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.first != nil
}

func (s *unordered[T, R]) left() bool { return s.n > 0 }

func (s *unordered[T, R]) turn() bool {
	pl := s.take(true)
	if pl == nil {
		s.sleep()
		pl = s.take(false)
	}
	if s.ctx.Err() != nil {
		return false // and if there is a pl, its future is settled
	}
	i, f := pl.index, pl.future
	pl.future, pl.next, s.free = nil, s.free, pl
	s.n--
	r, _ := f.Try()
	s.over = !s.yield(i, r)
	return !s.over
}

// sleep waits until an item settles or ctx ends. Inside a task it lends the task's slot.
func (s *unordered[T, R]) sleep() {
	wait := func() error {
		select {
		case <-s.wake:
		case <-s.ctx.Done():
		}
		return nil
	}
	if f, _ := frame.From(s.ctx); f != nil {
		_ = f.Block(wait)
	} else {
		_ = wait()
	}
}

func (s *unordered[T, R]) stop() {
	for _, pl := range s.places {
		if pl.future != nil {
			pl.future.Cancel(nil)
		}
	}
	for _, pl := range s.places {
		if pl.future != nil {
			_, _ = pl.future.Await(context.WithoutCancel(s.ctx))
			pl.future = nil
		}
	}
}

func (s *unordered[T, R]) last(cause error) {
	if !s.over {
		s.yield(-1, future.Result[R]{Err: cause})
	}
}
