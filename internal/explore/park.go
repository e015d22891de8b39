package explore

import (
	"context"
	"sync"
	"time"
)

// A Mutex stands for sync.Mutex.
type Mutex struct {
	mu   sync.Mutex
	held bool
	object
}

// Lock waits until nobody holds the mutex.
func (m *Mutex) Lock() {
	r := active.Load()
	if r == nil {
		m.mu.Lock()
		return
	}
	t := r.point((*unlocked)(m))
	r.did(&m.object, true)
	m.held = true
	t.locks++
	r.note("Lock")
}

// Unlock lets go of the mutex.
func (m *Mutex) Unlock() {
	r := active.Load()
	switch {
	case r == nil:
		m.mu.Unlock()
	case r.aborting:
		panic(abort{})
	case !m.held:
		r.Failf("Unlock of a mutex that is not locked")
	default:
		m.held = false
		r.current.locks--
		r.note("Unlock")
	}
}

type unlocked Mutex

func (m *unlocked) ready() bool  { return !m.held }
func (*unlocked) String() string { return "a mutex" }

// A Mailbox stands for a channel with room for one, on which one goroutine sleeps until
// another sends.
type Mailbox[T any] struct{ c chan T }

// NewMailbox makes an empty mailbox.
func NewMailbox[T any]() *Mailbox[T] { return &Mailbox[T]{make(chan T, 1)} }

// Put sends v. In an exploration it must not have to wait.
func (b *Mailbox[T]) Put(v T) {
	r := active.Load()
	if r != nil {
		if r.Point(); len(b.c) > 0 {
			r.Failf("a second token for a goroutine that has not received the first")
		}
	}
	b.c <- v
	if r.tracing() {
		r.note("wake: ", v)
	}
}

// Take waits for what is sent.
func (b *Mailbox[T]) Take() T {
	if r := active.Load(); r != nil {
		r.park((*filled[T])(b))
	}
	return <-b.c
}

type filled[T any] Mailbox[T]

func (b *filled[T]) ready() bool  { return len(b.c) > 0 }
func (*filled[T]) String() string { return "a token" }

// A Group stands for errgroup.Group: it starts threads.
type Group struct {
	real    sync.WaitGroup
	running int
}

// Go starts f as a thread.
func (g *Group) Go(f func() error) {
	r := active.Load()
	switch {
	case r == nil:
		g.real.Add(1)
		go func() { // not WaitGroup.Go, which recovers a panic and panics again
			defer g.real.Done()
			_ = f()
		}()
	case r.aborting:
		panic(abort{})
	default:
		g.running++
		r.start("goroutine", func() {
			defer func() { g.running-- }()
			_ = f()
		})
	}
}

// Wait waits for the threads. The errors are not kept.
func (g *Group) Wait() error {
	if r := active.Load(); r != nil {
		r.Await("the group", func() bool { return g.running == 0 })
	} else {
		g.real.Wait()
	}
	return nil
}

// A Timer stands for a time.Timer made by time.AfterFunc. In an exploration it may fire at any
// time while it is set: a timer is a thread.
type Timer struct {
	real *time.Timer
	set  bool
}

// AfterFunc stands for time.AfterFunc.
func AfterFunc(d time.Duration, f func()) *Timer {
	r := active.Load()
	if r == nil {
		return &Timer{real: time.AfterFunc(d, f)}
	}
	t := &Timer{set: true}
	r.Point()
	r.note("timer set")
	r.lazy("timer", func() bool { return t.set }, func() bool {
		t.set = false
		f()
		return true
	})
	return t
}

// lazy starts a thread that runs f whenever is says so, as long as f returns true.
func (r *Run) lazy(name string, is func() bool, f func() bool) {
	var t *thread
	t = r.start(name, func() {
		for { // it is its time: a thread is not resumed before what it waits for is there
			t.lazy, t.wait = false, nil
			r.did(&r.world, true) // else Merge could not tell that it has begun
			r.note(name + " goes off")
			if !f() {
				return
			}
			t.lazy = true
			r.Await("its time", is)
		}
	})
	t.lazy = true
	t.wait = condition{"its time", is}
}

// Stop stands for the method of time.Timer.
func (t *Timer) Stop() (was bool) {
	if t.real != nil {
		return t.real.Stop()
	}
	if r := active.Load(); r != nil {
		r.Point()
		r.note("timer stopped")
	}
	was, t.set = t.set, false
	return was
}

// Reset stands for the method of time.Timer.
func (t *Timer) Reset(d time.Duration) (was bool) {
	if t.real != nil {
		return t.real.Reset(d)
	}
	if r := active.Load(); r != nil {
		r.Point()
		r.note("timer set")
	}
	was, t.set = t.set, true
	return was
}

// AfterContext stands for context.AfterFunc.
func AfterContext(ctx context.Context, f func()) (stop func() bool) {
	r := active.Load()
	if r == nil {
		return context.AfterFunc(ctx, f)
	}
	waiting := true
	r.lazy("ctx", func() bool { return waiting && ctx.Err() != nil }, func() bool {
		waiting = false
		f()
		return false
	})
	return func() (was bool) {
		was, waiting = waiting, false
		return was
	}
}
