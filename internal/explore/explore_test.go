package explore_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/forebay-go/forebay/internal/explore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const unbounded = 1000

// Two threads of n operations each have (2n)!/(n!)^2 interleavings, and fewer with a bound on
// preemptions.
func TestExplore_EverySchedule(t *testing.T) {
	for _, tt := range []struct{ threads, operations, preemptions, want int }{
		{2, 1, unbounded, 2},
		{2, 3, unbounded, 20},
		{2, 5, unbounded, 252},
		{3, 2, unbounded, 90},
		{2, 3, 0, 2},
		{2, 3, 1, 6},
	} {
		var last int
		seen := map[string]bool{}
		report, err := explore.Explore(explore.Options{Preemptions: tt.preemptions}, func(r *explore.Run) {
			var order strings.Builder
			var word explore.Uint64
			for i := range tt.threads {
				r.Go("t", func() {
					for range tt.operations {
						word.Load()
						order.WriteByte('a' + byte(i))
					}
				})
			}
			r.Wait()
			seen[order.String()] = true
			last++
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(seen) != tt.want {
			t.Errorf("%+v: got %d interleavings", tt, len(seen))
		}
		if last != report.Schedules {
			t.Errorf("%+v: got %d runs, the report says %d", tt, last, report.Schedules)
		}
		if report.Complete != tt.preemptions || report.Sampled > 0 {
			t.Errorf("%+v: got %v", tt, report)
		}
	}
}

// counter adds one to a word in two threads, in a way that may lose one.
func counter(r *explore.Run) {
	var word explore.Uint64
	for range 2 {
		r.Go("adder", func() { word.Store(word.Load() + 1) })
	}
	r.Wait()
	if n := word.Load(); n != 2 {
		r.Failf("counted to %d", n)
	}
}

func failure(t *testing.T, o explore.Options, program func(*explore.Run)) *explore.Failure {
	t.Helper()
	_, err := explore.Explore(o, program)
	var f *explore.Failure
	if !errors.As(err, &f) {
		t.Fatalf("got %v, want a Failure", err)
	}
	return f
}

func TestExplore_Replay(t *testing.T) {
	if _, err := explore.Explore(explore.Options{Preemptions: 0}, counter); err != nil {
		t.Errorf("without preemptions: %v", err)
	}
	f := failure(t, explore.Options{Preemptions: 1}, counter)
	if f.Reason != "counted to 1" || !strings.Contains(f.Trace, "explore_test.go") || !strings.Contains(f.Trace, "Store 1") {
		t.Errorf("got %v", f)
	}
	again := failure(t, explore.Options{Replay: f.Schedule}, counter)
	if *again != *f {
		t.Errorf("replayed: got %v, want %v", again, f)
	}
	if f := failure(t, explore.Options{Replay: "0 7"}, counter); !strings.Contains(f.Reason, "does not fit") {
		t.Errorf("a schedule with a wrong thread: got %v", f)
	}
	if _, err := explore.Explore(explore.Options{Replay: "0 x"}, counter); err == nil {
		t.Error("a schedule with letters: got no error")
	}
}

func TestExplore_Sample(t *testing.T) {
	report, err := explore.Explore(explore.Options{Preemptions: 9, Schedules: 100}, func(r *explore.Run) {
		var word explore.Uint64
		for range 3 {
			r.Go("t", func() {
				for range 10 {
					word.Add(1)
				}
			})
		}
		r.Wait()
	})
	if err != nil || report.Schedules != 125 || report.Sampled != 25 || report.Complete != 0 {
		t.Errorf("got %v, %v", report, err)
	}
}

func TestExplore_Failures(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		program    func(*explore.Run)
	}{
		{"deadlock", "deadlock", func(r *explore.Run) {
			var a, b explore.Mutex
			both := func(first, second *explore.Mutex) func() {
				return func() {
					first.Lock()
					defer first.Unlock()
					second.Lock()
					defer second.Unlock()
				}
			}
			r.Go("ab", both(&a, &b))
			r.Go("ba", both(&b, &a))
			r.Wait()
		}},
		{"lost wake-up", "deadlock", func(r *explore.Run) {
			var asleep explore.Bool
			box := explore.NewMailbox[int]()
			r.Go("sleeper", func() { asleep.Store(true); box.Take() })
			r.Go("waker", func() {
				if asleep.Load() {
					box.Put(1)
				}
			})
			r.Wait()
		}},
		{"livelock", "livelock", func(r *explore.Run) {
			var w explore.Uint32
			for w.Load() == 0 {
			}
		}},
		{"panic", "panics: oops", func(r *explore.Run) {
			r.Go("t", func() { panic("oops") })
			r.Wait()
		}},
		{"sleep with a mutex", "with a mutex held", func(r *explore.Run) {
			var mu explore.Mutex
			mu.Lock()
			defer mu.Unlock()
			explore.NewMailbox[int]().Take()
		}},
		{"second token", "second token", func(r *explore.Run) {
			box := explore.NewMailbox[int]()
			box.Put(1)
			box.Put(2)
		}},
		{"unlock", "not locked", func(r *explore.Run) {
			var mu explore.Mutex
			mu.Unlock()
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := failure(t, explore.Options{Preemptions: 2}, tt.program)
			if !strings.Contains(f.Reason, tt.want) {
				t.Errorf("got %v, want %s", f, tt.want)
			}
		})
	}
}

// A plain write behind the atomic one that was to publish it shows only with AfterWrites.
func TestExplore_AfterWrites(t *testing.T) {
	program := func(r *explore.Run) {
		var ready explore.Bool
		value := 0
		r.Go("writer", func() { ready.Store(true); value = 1 })
		r.Go("reader", func() {
			if ready.Load() && value == 0 {
				r.Failf("ready, but not written")
			}
		})
		r.Wait()
	}
	if _, err := explore.Explore(explore.Options{Preemptions: 2}, program); err != nil {
		t.Errorf("without: %v", err)
	}
	failure(t, explore.Options{Preemptions: 2, AfterWrites: true}, program)
}

// A timer may fire at any time while it is set, and a context's end comes through at any time
// behind it; neither has to.
func TestExplore_Timers(t *testing.T) {
	seen := map[string]bool{}
	_, err := explore.Explore(explore.Options{Preemptions: 2}, func(r *explore.Run) {
		var word explore.Uint64
		fired, told := "not fired", "not told"
		timer := explore.AfterFunc(time.Second, func() { word.Add(1); fired = "fired" })
		ctx, cancel := context.WithCancel(context.Background())
		stop := explore.AfterContext(ctx, func() { told = "told" })
		r.Go("t", func() { word.Add(1); cancel(); word.Add(1); timer.Stop() })
		r.Wait()
		stop()
		r.Quiet()
		seen[fired+", "+told] = true
	})
	if err != nil || len(seen) != 4 {
		t.Errorf("got %v, %v", seen, err)
	}
}

func TestExplore_Quiet(t *testing.T) {
	_, err := explore.Explore(explore.Options{Preemptions: 3}, func(r *explore.Run) {
		var word explore.Uint64
		box := explore.NewMailbox[int]()
		r.Go("sleeper", func() { word.Add(1); box.Take(); word.Add(1) })
		r.Quiet()
		if n := word.Load(); n != 1 {
			r.Failf("quiet: %d", n)
		}
		box.Put(0)
		r.Quiet()
		if n := word.Load(); n != 2 {
			r.Failf("quiet again: %d", n)
		}
	})
	if err != nil {
		t.Error(err)
	}
}

// A thread may end by Goexit; its deferred calls run, as steps of the thread.
func TestExplore_Goexit(t *testing.T) {
	_, err := explore.Explore(explore.Options{Preemptions: 2}, func(r *explore.Run) {
		var group explore.Group
		var word explore.Uint64
		for range 2 {
			group.Go(func() error {
				defer word.Add(1)
				runtime.Goexit()
				return nil
			})
		}
		_ = group.Wait()
		if n := word.Load(); n != 2 {
			r.Failf("%d deferred calls", n)
		}
	})
	if err != nil {
		t.Error(err)
	}
}

// Without an exploration the types do what those that they stand for do.
func TestOutside(t *testing.T) {
	var group explore.Group
	var mu explore.Mutex
	var word explore.Int64
	plain := 0
	for range 4 {
		group.Go(func() error {
			for range 100 {
				word.Add(1)
				mu.Lock()
				plain++
				mu.Unlock()
			}
			return nil
		})
	}
	_ = group.Wait()
	if word.Load() != 400 || plain != 400 {
		t.Errorf("got %d, %d, want 400 each", word.Load(), plain)
	}
	box := explore.NewMailbox[int]()
	timer := explore.AfterFunc(0, func() { box.Put(1) })
	if got := box.Take(); got != 1 {
		t.Errorf("from the timer: got %d", got)
	}
	timer.Reset(time.Hour)
	if !timer.Stop() {
		t.Error("Stop: got false")
	}
}
