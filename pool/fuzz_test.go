package pool_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// FuzzPool runs a string of bytes as a program on a small pool. Two bytes are its options; the
// others are what an actor does one after the other, and what its tasks do, which may have a
// part of the string as a program of their own. It runs in a bubble, so that a deadlock is
// found, and a goroutine that is left; time there is counted in milliseconds of a program.
// Checked are the laws L1 to L3 and L13. TestL1_Stress is the same idea at random, with many
// actors at once; here one input does mostly the same each time, so that it can be minimized.
func FuzzPool(f *testing.F) {
	for _, s := range fuzzSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 200 {
			t.Skip("a longer program shows nothing new")
		}
		synctest.Test(t, func(t *testing.T) { runScript(t, data) })
	})
}

// The seeds, by what they are about. See the options and the two tables below.
var fuzzSeeds = []string{
	"\x00\x00", // nothing
	"\x00\x00\x00\x00\x00\x01\x00\x02\x00\x03",                         // a value, an error, a panic, a Goexit
	"\x00\x00\x00\x54\x00\x54\x00\x54\x05\x16\x0c",                     // one worker, a full queue, awaits, Close
	"\x04\x01\x00\x44\x02\x44\x02\x44\x02\x44\x03\x44\x0c",             // RejectWhenFull
	"\x00\x02\x00\x44\x00\x44\x00\x44\x00\x03\x00\x02",                 // CallerRunsWhenFull, with a Goexit
	"\x00\x03\x00\x44\x00\x44\x00\x44\x00\x44\x03\x44\x2c",             // DropOldestWhenFull, Stop
	"\x00\x00\x00\x67\x00\x67\x00\x00\x06\x06\x06",                     // fib: nested submits and awaits
	"\x01\x00\x00\xa6\x00\x44\x05\x06\x07\x0d\x00\x03\x1c",             // a task that does some of everything
	"\x02\x00\x00\x75\x00\x75\x00\x75\x07\x17\x27\x3c",                 // cancelled: queued and running ones
	"\x02\x00\x00\x44\x00\x44\x00\x44\x08\x09\x18\x09\x28\x09\x08\x0c", // resized up and down
	"\x00\x00\x00\x16\x2d\x00\x44\x0c",                                 // one blocks, the other is slower
	"\x02\x10\x00\x44\x08\x44\x80\x44\x80\x44\x83\x02\x0c",             // a shared view
	"\x00\x20\x00\x44\x00\x01\x00\x00\x00\x00",                         // fail fast
	"\x01\x00\x3b\x44\x3b\x01\x0a\x00\x0a\x02\x0f\x0e\x1e",             // groups, SubmitAfter, SubmitAll, AfterFunc
	"\x01\x04\x00\x00\x99\x00\x00\x99\x00\x00",                         // workers retire in between
	"\x00\x40\x00\x00\x00\x54\x00\x54\x00\x54\x03\x54\x0c",             // unbounded
	"\x00\x80\x00\xf5\x00\xf5\x06\x06",                                 // task timeout
}

// A script is a program that runs.
type script struct {
	t       *testing.T
	p, view *intPool // view is p if there is none
	policy  pool.FullPolicy
	stop    context.CancelCauseFunc // of the pool's ctx
	peak    atomic.Int64            // the largest limit so far
	others  sync.WaitGroup          // what the actor does not wait for
	gauge   gauge
	begun   atomic.Uint64 // task functions called
	over    atomic.Bool   // Close has returned
	tasks   record[*tracked]
}

func runScript(t *testing.T, data []byte) {
	var head [2]byte
	rest := data[copy(head[:], data):]
	base, stop := context.WithCancelCause(t.Context())
	defer stop(nil)
	s := &script{t: t, stop: stop, policy: pool.FullPolicy(head[1] & 3)}
	s.allow(1 + int(head[0]%3))
	opts := options(
		pool.WithWorkers(1+int(head[0]%3)), pool.WithQueue(1+int(head[0]/3)%4),
		pool.WithOnFull(s.policy), pool.WithContext(base),
		pool.WithIdleTimeout(time.Duration(head[1]>>2&3)*2*time.Millisecond),
		pool.WithPanicHandler(func(*future.PanicError) {}),
	)
	for bit, o := range map[byte]pool.Option{
		0x20: pool.WithFailFast(), 0x40: pool.WithUnboundedQueue(), 0x80: pool.WithTaskTimeout(3 * time.Millisecond),
	} {
		if head[1]&bit != 0 {
			opts = append(opts, o)
		}
	}
	s.p = pool.New[int, int](opts...)
	s.view = s.p
	if head[1]&0x10 != 0 {
		s.view = pool.Share[int, int](s.p, pool.WithWorkers(1+int(head[0]/12)%3))
	}

	var actor sync.WaitGroup
	actor.Go(func() { (&reader{script: s, data: rest}).run(t.Context()) }) // a Goexit under CallerRunsWhenFull ends it
	actor.Wait()
	accept(t, "Close", s.p.Close(), errAnyTask, future.ErrGoexit)
	s.over.Store(true)
	s.others.Wait()
	time.Sleep(time.Hour) // in the bubble: whatever there might be left comes now
	if s.check(); t.Failed() {
		t.Logf("the script: %q", data)
	}
}

// allow notes a limit, before it is set.
func (s *script) allow(limit int) {
	for old := s.peak.Load(); int64(limit) > old && !s.peak.CompareAndSwap(old, int64(limit)); old = s.peak.Load() {
	}
}

func (s *script) check() {
	for _, k := range s.tasks.all() {
		if k.future == nil {
			continue // refused, or Go's
		}
		r, ok := k.future.Try()
		state, runs := k.future.State(), k.runs.Load()
		never := state == future.Canceled
		if k.name == "SubmitAfter" && state == future.Failed && runs == 0 {
			never = true // its argument has failed
		}
		switch {
		case !ok:
			s.t.Errorf("%s: got state %v after the end, want it settled", k.name, state)
		case never && runs != 0, !never && runs != 1, !never && k.canceled.Load():
			s.t.Errorf("%s: state %v, %v: got %d runs; Cancel said never: %t", k.name, state, r.Err, runs, k.canceled.Load())
		}
	}
	sum := func(p *intPool) uint64 {
		n := p.Stats()
		return n.Succeeded + n.Failed + n.Panicked
	}
	wantBalance(s.t, s.p)
	ran := sum(s.p)
	if s.view != s.p {
		wantBalance(s.t, s.view)
		ran += sum(s.view)
	}
	if want := s.begun.Load(); ran != want {
		s.t.Errorf("Stats say that %d functions ran, want %d; %+v and %+v", ran, want, s.p.Stats(), s.view.Stats())
	}
	if s.policy != pool.CallerRunsWhenFull {
		s.gauge.wantPeak(s.t, int(s.peak.Load()))
	}
}

// A reader reads a program, and does what it says: the actor, or a task.
type reader struct {
	*script
	data  []byte
	depth int // of tasks
	own   []*tracked
}

// next is 0 when there is nothing left.
func (r *reader) next() (b byte) {
	if len(r.data) > 0 {
		b, r.data = r.data[0], r.data[1:]
	}
	return b
}

func (r *reader) run(ctx context.Context) {
	for len(r.data) > 0 {
		b := r.next()
		scriptOps[b&15](r, ctx, int(b>>4))
	}
}

// scriptOps is what the low half of a byte says; the high half is n. Set in init: tasks do it too.
var scriptOps [16]func(r *reader, ctx context.Context, n int)

func init() {
	scriptOps = [16]func(r *reader, ctx context.Context, n int){
		0: (*reader).submit,
		1: (*reader).submitBriefly,
		2: (*reader).trySubmit,
		3: (*reader).fire,
		4: (*reader).do,
		5: func(r *reader, ctx context.Context, n int) { // await with a dead ctx
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			r.await(ctx, n)
		},
		6: (*reader).await,
		7: func(r *reader, _ context.Context, n int) { // cancel
			if k := r.pick(n); k != nil && k.future.Cancel(errStop) {
				k.canceled.Store(true)
			}
		},
		8: func(r *reader, _ context.Context, n int) { // resize
			r.allow(1 + n%3)
			r.p.Resize(1 + n%3)
		},
		9:  func(_ *reader, _ context.Context, n int) { time.Sleep(time.Duration(n) * time.Millisecond) },
		10: (*reader).submitAfter,
		11: (*reader).group,
		12: (*reader).end,
		13: func(r *reader, ctx context.Context, n int) { // block
			r.gauge.outside(func() { pool.Block(ctx, func() { time.Sleep(time.Duration(n) * time.Millisecond) }) })
		},
		14: (*reader).listen,
		15: (*reader).submitAll,
	}
}

// on is the pool that the highest bit of n names.
func (r *reader) on(n int) *intPool {
	if n >= 8 {
		return r.view
	}
	return r.p
}

func (r *reader) keep(k *tracked) {
	if k.future != nil {
		r.own = append(r.own, k)
	}
}

// pick returns the n-th last of its own tasks, or nil.
func (r *reader) pick(n int) *tracked {
	if len(r.own) == 0 {
		return nil
	}
	return r.own[len(r.own)-1-n%len(r.own)]
}

func (r *reader) submit(ctx context.Context, n int) {
	k, fn := r.task("Submit")
	k.future = r.on(n).Submit(ctx, fn, n)
	r.keep(k)
}

func (r *reader) submitBriefly(ctx context.Context, n int) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(n&7)*time.Millisecond)
	context.AfterFunc(ctx, cancel)
	r.submit(ctx, n)
}

func (r *reader) trySubmit(ctx context.Context, n int) {
	k, fn := r.task("TrySubmit")
	f, err := r.on(n).TrySubmit(ctx, fn, n)
	if (f == nil) == (err == nil) {
		r.t.Errorf("TrySubmit: got future %v and error %v, want one of them", f, err)
	}
	k.future = f
	r.keep(k)
}

func (r *reader) fire(ctx context.Context, n int) {
	_, fn := r.task("Go")
	accept(r.t, "Go", r.on(n).Go(ctx, fn, n), pool.ErrClosed, pool.ErrFull, future.ErrCanceled)
}

func (r *reader) do(ctx context.Context, n int) {
	_, fn := r.task("Do")
	ctx, cancel := context.WithTimeout(ctx, time.Duration(n&7)*time.Millisecond)
	defer cancel()
	r.gauge.outside(func() { _, _ = r.on(n).Do(ctx, fn, n) })
}

func (r *reader) await(ctx context.Context, n int) {
	if k := r.pick(n); k != nil {
		r.gauge.outside(func() {
			if _, err := k.future.Await(ctx); errors.Is(err, future.ErrNotReady) && ctx.Err() == nil {
				r.t.Errorf("Await of %s: got %v, and its ctx has not ended", k.name, err)
			}
		})
	}
}

func (r *reader) submitAfter(ctx context.Context, n int) {
	if arg := r.pick(n); arg != nil {
		k, fn := r.task("SubmitAfter")
		k.future = r.on(n).SubmitAfter(ctx, arg.future, fn) // may fail without a run, as arg did
		r.keep(k)
	}
}

func (r *reader) group(ctx context.Context, n int) {
	g, _ := r.on(n).Group(ctx)
	defer r.gauge.outside(g.Stop)
	for range n & 3 {
		k, fn := r.task("Group.Submit")
		k.future = g.Submit(fn, n)
		r.keep(k)
	}
	r.gauge.outside(func() { _, _ = g.Wait() })
}

// end ends the pool, or the view, in the background. A task must not.
func (r *reader) end(ctx context.Context, n int) {
	if r.depth > 0 {
		return
	}
	r.others.Go(func() {
		switch p := r.on(n); n & 3 {
		case 0:
			accept(r.t, "Close", p.Close(), errAnyTask, future.ErrGoexit)
		case 1:
			ctx, cancel := context.WithTimeout(ctx, 2*time.Millisecond)
			defer cancel()
			accept(r.t, "Shutdown", p.Shutdown(ctx), errAnyTask, future.ErrGoexit, context.DeadlineExceeded)
		case 2:
			p.Stop(errStop)
		case 3:
			r.stop(errStop)
		}
	})
}

func (r *reader) listen(_ context.Context, n int) {
	if k := r.pick(n); k != nil {
		stop := k.future.AfterFunc(func(future.Result[int]) {})
		if n&1 != 0 {
			stop()
		}
		r.others.Go(func() { <-k.future.Done() })
	}
}

func (r *reader) submitAll(ctx context.Context, n int) {
	k, fn := r.task("SubmitAll")
	for _, f := range r.on(n).SubmitAll(ctx, fn, make([]int, n&3)) {
		r.others.Go(func() { <-f.Done() })
	}
	k.future = nil // it is several
}

// task reads what a task is to do, a byte: what, and with which n. See scriptBodies.
func (r *reader) task(how string) (*tracked, intFunc) {
	b := r.next()
	body, n := int(b&7), int(b>>4)
	k := &tracked{name: how}
	r.tasks.add(k)
	inner := reader{script: r.script, depth: r.depth + 1}
	if body >= 6 {
		size := min(n, len(r.data))
		inner.data, r.data = r.data[:size], r.data[size:]
	}
	return k, func(ctx context.Context, v int) (int, error) {
		if r.over.Load() {
			r.t.Errorf("a task of %s starts after the end", how)
		}
		r.begun.Add(1)
		k.runs.Add(1)
		r.gauge.enter()
		defer r.gauge.leave()
		err := scriptBody(&inner, ctx, body, n)
		if r.over.Load() {
			r.t.Errorf("a task of %s runs after the end", how)
		}
		return v, err
	}
}

// scriptBody is what a task does. From 6 on, it is a program of n bytes, which 7 runs on
// several workers if the function is submitted several times.
func scriptBody(r *reader, ctx context.Context, body, n int) error {
	switch body {
	case 1:
		return errAnyTask
	case 2:
		panic(errAnyTask)
	case 3:
		runtime.Goexit()
	case 4:
		time.Sleep(time.Duration(n) * time.Millisecond)
	case 5:
		ctx, cancel := context.WithTimeout(ctx, time.Duration(n)*time.Millisecond)
		defer cancel()
		<-ctx.Done()
	case 6, 7:
		own := *r
		own.run(ctx)
	}
	return nil
}

// A little of what FuzzPool does, in every run of the tests.
func TestL1_RandomScripts(t *testing.T) {
	rng := rand.New(rand.NewPCG(rand.Uint64(), 0))
	for range scaled(300) {
		data := make([]byte, 2+rng.IntN(60))
		for i := range data {
			data[i] = byte(rng.Uint32())
		}
		synctest.Test(t, func(t *testing.T) { runScript(t, data) })
	}
}
