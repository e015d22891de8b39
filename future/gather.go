package future

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/forebay-go/forebay/internal/promise"
)

// An input is one of the futures that a combinator was given, of whatever type.
type input interface {
	state() promise.State
	listen(l *promise.Listener) bool
	failure() error // of a settled one
	look()
}

func (f *Future[R]) state() promise.State            { return f.cell().State() }
func (f *Future[R]) listen(l *promise.Listener) bool { return f.cell().Listen(l) }
func (f *Future[R]) failure() error                  { _, err := f.cell().Result(); return err }
func (f *Future[R]) look()                           { f.cell().Look() }

// inputs returns fs one by one, as inputs.
func inputs[R any](fs []*Future[R]) func(i int) input {
	return func(i int) input { return fs[i] }
}

// What decides: the states of an input that end a combinator's wait, whatever the others do.
func succeeded(s promise.State) bool { return s == promise.Succeeded }
func failed(s promise.State) bool    { return s > promise.Succeeded }
func settled(s promise.State) bool   { return s.Settled() }
func nothing(promise.State) bool     { return false }

// A gathering is a wait for several inputs: a listener at each, removed when the wait is
// over, and a channel that the completers send to. They look at the states, so that who
// waits for all of a thousand inputs is woken once.
type gathering struct {
	decides func(promise.State) bool
	places  []place
	left    atomic.Int64 // inputs that have not settled without deciding
	told    chan int     // indices of inputs that decide; -1: all have settled and none did
}

type place struct {
	promise.Listener
	input
}

// gather listens at n inputs. room is how many indices told has room for: 1, for the first
// that decides, or n.
func gather(decides func(promise.State) bool, room, n int, at func(i int) input) *gathering {
	g := &gathering{decides: decides, places: make([]place, n), told: make(chan int, room)}
	g.left.Store(int64(n))
	for i := range g.places {
		p := &g.places[i]
		p.input, p.Target, p.Index = at(i), g, i
		if !p.listen(&p.Listener) {
			g.Fire(i)
		}
	}
	return g
}

// Fire implements promise.Target: input i has settled.
func (g *gathering) Fire(i int) promise.Chain {
	if g.decides(g.places[i].state()) {
		select {
		case g.told <- i:
		default: // another one was first
		}
	} else if g.left.Add(-1) == 0 {
		g.told <- -1 // the only one to be sent
	}
	return promise.Chain{}
}

// leave removes the listeners.
func (g *gathering) leave() {
	for i := range g.places {
		g.places[i].Unlisten()
	}
}

// next waits for the next index, or returns a *WaitError when ctx ends and there is none.
// Inside a task it lends the task's slot.
func (g *gathering) next(ctx context.Context) (i int, err error) {
	if len(g.told) > 0 { // and nobody else receives
		return <-g.told, nil
	}
	if fr, _, slot := lend(ctx); fr == nil {
		i, err = sleep(ctx, g.told)
	} else {
		err = fr.Park(slot, func() (bool, error) {
			i, err = sleep(ctx, g.told)
			return false, err
		})
	}
	if err != nil && len(g.told) > 0 {
		return <-g.told, nil
	}
	return i, err
}

// decide waits until one of n inputs decides, and returns its index; -1 if all have settled
// and none did. If ctx ends before, the error is a *WaitError.
func decide(ctx context.Context, decides func(promise.State) bool, n int, at func(i int) input) (int, error) {
	look(n, at)
	if i, ok := decided(decides, n, at); ok {
		return i, nil
	}
	g := gather(decides, 1, n, at)
	defer g.leave()
	i, err := g.next(ctx)
	if err != nil {
		// An input may have settled whose listener has not been called yet.
		if i, ok := decided(decides, n, at); ok {
			return i, nil
		}
		return -1, err
	}
	return i, nil
}

// look notes that somebody wants to know of n inputs, also of those that another one's end makes
// unnecessary.
func look(n int, at func(i int) input) {
	for i := range n {
		at(i).look()
	}
}

// decided returns what decide would without waiting: of several that decide, the lowest.
func decided(decides func(promise.State) bool, n int, at func(i int) input) (i int, ok bool) {
	ok = true
	for i := range n {
		s := at(i).state()
		if decides(s) {
			return i, true
		}
		ok = ok && s.Settled()
	}
	return -1, ok
}

// check panics if an argument of the combinator of that name is nil.
func check[R any](name string, ctx context.Context, fs []*Future[R]) {
	if ctx == nil {
		panic("future: " + name + ": ctx is nil")
	}
	for i, f := range fs {
		if f == nil {
			panic(fmt.Sprintf("future: %s: fs[%d] is nil", name, i))
		}
	}
}
