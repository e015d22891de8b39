package explore

import (
	"fmt"
	"iter"
	"runtime/debug"
	"strings"
)

// A Run is one run of the program under one schedule. Its methods are for the program's
// threads.
type Run struct {
	*search
	bound     int
	threads   []*thread
	current   *thread
	preempted int     // preemptions so far
	depth     int     // decisions with alternatives so far
	taken     []uint8 // the schedule
	now       int64   // see Now
	failure   string
	aborting  bool
	past      uint64 // the sum of the hashes of all operations, see merge.go
	world     object // what Point, Await and the like are operations on
	merged    bool

	replaying bool
	list      []uint8 // the schedule to repeat
	trace     strings.Builder
}

// A thread is a coroutine. It is at a point, or it runs, or it is done.
type thread struct {
	run    *Run
	id     int
	name   string
	joined bool // Run.Wait waits for it

	resume func() (struct{}, bool)
	stop   func()
	yield  func(struct{}) bool

	wait   waiter // nil: the operation can be done at any time
	where  string // of the point, if there is a trace
	lazy   bool   // need not come to an end: a timer that is not running its function
	done   bool
	exited bool // by runtime.Goexit
	locks  int  // mutexes held
	mark   *int64
	past   uint64 // the hash of the last operation
}

// A waiter is what a thread waits for. ready has no side effects.
type waiter interface {
	ready() bool
	String() string
}

// abort is what threads are unwound with when the run is given up.
type abort struct{}

// Go starts a thread.
func (r *Run) Go(name string, f func()) { r.start(name, f).joined = true }

func (r *Run) start(name string, f func()) *thread {
	if len(r.threads) == 256 {
		r.Failf("256 threads")
	}
	t := &thread{run: r, id: len(r.threads), name: name}
	if r.threads = append(r.threads, t); r.current != nil {
		r.current.past = mix(r.current.past + 1)
		t.past = mix(r.current.past + 2)
	}
	t.resume, t.stop = iter.Pull(func(yield func(struct{}) bool) {
		t.yield = yield
		t.body(f)
	})
	return t
}

// body is a thread's life. A Goexit would go on in the goroutine that drives the coroutine, so
// it is held up here until cleanUp has another goroutine for it.
func (t *thread) body(f func()) {
	returned := false
	defer func() {
		p := recover()
		t.done = true
		if _, given := p.(abort); p != nil && !given && t.run.failure == "" {
			t.run.failure = fmt.Sprintf("thread %d (%s) panics: %v", t.id, t.name, p)
			if t.run.replaying {
				fmt.Fprintf(&t.run.trace, "%s\n", debug.Stack())
			}
		}
		if p == nil && !returned {
			t.exited = true
			t.yield(struct{}{})
		}
	}()
	f()
	returned = true
}

// loop makes the run.
func (r *Run) loop() {
	active.Store(r)
	r.start("main", func() { r.program(r) })
	for next := r.choose(nil); next != nil; {
		r.current = next
		next.resume()
		if r.failure != "" || r.current == nil {
			break
		}
		if r.current.done {
			next = r.choose(nil)
		} else {
			next = r.current // chosen by the thread that stopped
		}
	}
	r.cleanUp()
	active.Store(nil)
}

// cleanUp unwinds the threads that are not over, with all their deferred calls. A thread that
// was on its way out by Goexit ends the goroutine that stops it; the next then stops the rest.
func (r *Run) cleanUp() {
	r.aborting = true
	for i := 0; i < len(r.threads); {
		if t := r.threads[i]; t.done && !t.exited {
			i++
			continue
		}
		stopped := make(chan int)
		go func() {
			defer func() { stopped <- i }()
			for i < len(r.threads) {
				r.current = r.threads[i]
				i++
				r.current.stop()
			}
		}()
		i = <-stopped
	}
}

// giveUp ends the run, from the current thread.
func (r *Run) giveUp() {
	t := r.current
	r.current = nil
	if !r.aborting {
		t.yield(struct{}{})
	}
	panic(abort{})
}

// point is where the current thread waits for its turn, and until w, if not nil, is ready.
func (r *Run) point(w waiter) *thread {
	if r.aborting {
		panic(abort{})
	}
	t := r.current
	t.wait = w
	if r.replaying {
		t.where = caller()
	}
	if next := r.choose(t); next == nil {
		r.giveUp()
	} else if next != t {
		if r.current = next; !t.yield(struct{}{}) {
			panic(abort{})
		}
	}
	t.wait = nil
	if t.mark != nil {
		*t.mark = r.Now()
		t.mark = nil
	}
	return t
}

// choose decides who goes on. t, if not nil, is where the run is. nil: nobody can.
func (r *Run) choose(t *thread) *thread {
	if len(r.taken) >= r.Steps {
		r.fail(fmt.Sprintf("livelock: not over after %d steps", r.Steps))
		return nil
	}
	next := r.pick(t)
	if next == nil {
		if !r.merged {
			r.checkEnd()
		}
		return nil
	}
	r.taken = append(r.taken, uint8(next.id))
	return next
}

func (r *Run) pick(t *thread) *thread {
	if n := len(r.taken); n < len(r.list) {
		next := r.list[n]
		if int(next) >= len(r.threads) || !r.threads[next].ready() {
			r.fail(fmt.Sprintf("the schedule does not fit: thread %d cannot run at step %d", next, n))
			return nil
		}
		return r.threads[next]
	}
	if t == nil && r.over() {
		return nil
	}
	stays := t != nil && !t.lazy && t.ready()
	if stays && (r.replaying || r.preempted == r.bound) {
		r.cut = r.cut || r.others(t)
		return t
	}
	var few [16]uint8
	options := few[:0]
	if stays {
		options = append(options, uint8(t.id))
	}
	for _, o := range r.threads {
		if o != t && o.ready() {
			options = append(options, uint8(o.id))
		}
	}
	if len(options) == 0 && t != nil && t.ready() {
		return t // a timer that is set again: nobody else would come to run before it
	}
	i := 0
	switch {
	case len(options) == 0:
		return nil
	case len(options) == 1 || r.replaying:
	case r.rng != nil:
		if !stays {
			i = r.rng.IntN(len(options))
		} else if r.rng.Float64() < r.chance {
			i = 1 + r.rng.IntN(len(options)-1)
		}
	default:
		if i = r.decide(options, t, stays); r.merged {
			return nil
		}
	}
	if stays && i > 0 {
		r.preempted++
	}
	return r.threads[options[i]]
}

// over reports whether only timers are left. They do not fire any more.
func (r *Run) over() bool {
	for _, t := range r.threads {
		if !t.done && !t.lazy {
			return false
		}
	}
	return true
}

// others reports whether a thread beside t could go on.
func (r *Run) others(t *thread) bool {
	for _, o := range r.threads {
		if o != t && o.ready() {
			return true
		}
	}
	return false
}

// decide goes along the path, and beyond its end.
func (r *Run) decide(options []uint8, t *thread, stays bool) int {
	if r.depth == len(r.path) {
		if !stays {
			t = nil
		}
		if r.merged = r.been(t); r.merged {
			return 0
		}
		if r.depth < cap(r.path) { // reuse what an earlier path has left there
			r.path = r.path[:r.depth+1]
		} else {
			r.path = append(r.path, decision{})
		}
		d := &r.path[r.depth]
		d.options, d.pick = append(d.options[:0], options...), 0
	}
	d := &r.path[r.depth]
	r.depth++
	if string(d.options) != string(options) {
		panic(fmt.Sprintf("explore: the program is not deterministic: it had the choice of %v, now of %v", d.options, options))
	}
	return d.pick
}

func (t *thread) ready() bool { return !t.done && (t.wait == nil || t.wait.ready()) }

// checkEnd is called when no thread can go on: all are done, or it is a deadlock.
func (r *Run) checkEnd() {
	var stuck []string
	for _, t := range r.threads {
		if !t.done && !t.lazy {
			stuck = append(stuck, fmt.Sprintf("thread %d (%s) waits for %v %s", t.id, t.name, t.wait, t.where))
		}
	}
	if len(stuck) > 0 {
		r.fail("deadlock")
		if r.replaying {
			r.trace.WriteString(strings.Join(stuck, "\n") + "\n")
		}
	}
}

func (r *Run) fail(reason string) {
	if r.failure == "" {
		r.failure = reason
	}
}

// Failf ends the run as failed.
func (r *Run) Failf(format string, args ...any) {
	r.fail(fmt.Sprintf(format, args...))
	r.giveUp()
}

// Now is a clock: it grows with every call.
func (r *Run) Now() int64 {
	r.now++
	return r.now
}

// Thread is the number of the calling thread.
func (r *Run) Thread() int { return r.current.id }

// Mark has *at set to Now when the calling thread does its next operation: what it is about to
// call begins then, and not when it has come to the point before.
func (r *Run) Mark(at *int64) { r.current.mark = at }

// Await blocks the calling thread until ready says so. It is for whatever the program has
// to wait for that is not of this package, such as a channel; ready may change nothing.
func (r *Run) Await(what string, ready func() bool) {
	r.park(condition{what, ready})
}

// park is point for a wait that is not that for a mutex.
func (r *Run) park(w waiter) {
	if t := r.current; !r.aborting && t.locks > 0 {
		r.Failf("thread %d (%s) waits for %v with a mutex held", t.id, t.name, w)
	}
	r.point(w)
	r.did(&r.world, true)
	r.note("waited for ", w)
}

// Point is a place where another thread may go on.
func (r *Run) Point() {
	r.point(nil)
	r.did(&r.world, true)
}

// Wait blocks the calling thread until those started by Go are done.
func (r *Run) Wait() {
	r.Await("all threads", func() bool {
		for _, t := range r.threads {
			if t.joined && !t.done {
				return false
			}
		}
		return true
	})
}

// Timers is the number of timers that are set.
func (r *Run) Timers() (n int) {
	for _, t := range r.threads {
		if t.lazy && t.ready() {
			n++
		}
	}
	return n
}

// Quiet blocks the calling thread until no other can go on, but for timers that may fire.
func (r *Run) Quiet() { r.park(quiet{r}) }

type condition struct {
	what string
	is   func() bool
}

func (c condition) ready() bool    { return c.is() }
func (c condition) String() string { return c.what }

type quiet struct{ run *Run }

func (q quiet) ready() bool {
	for _, t := range q.run.threads {
		if _, also := t.wait.(quiet); !also && !t.lazy && t.ready() {
			return false
		}
	}
	return true
}

func (quiet) String() string { return "quiet" }
