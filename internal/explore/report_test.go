package explore_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/forebay-go/forebay/internal/explore"
)

// A report says how far it went in one sentence, and of what was merged or sampled only if something was.
func TestReport_String(t *testing.T) {
	for _, tt := range []struct {
		report explore.Report
		want   string
	}{
		{explore.Report{Schedules: 12, Steps: 34, Complete: 2}, "12 schedules, 34 steps: all with up to 2 preemptions"},
		{
			explore.Report{Schedules: 12, Steps: 34, Merged: 5},
			"12 schedules, 34 steps: all with up to 0 preemptions (5 merged)",
		},
		{
			explore.Report{Schedules: 12, Steps: 34, Complete: 1, Merged: 5, Sampled: 3},
			"12 schedules, 34 steps: all with up to 1 preemptions (5 merged), and a sample of 3 beyond",
		},
	} {
		if got := tt.report.String(); got != tt.want {
			t.Errorf("%+v: got %q, want %q", tt.report, got, tt.want)
		}
	}
}

// The text of a failure has the schedule to repeat, and of a long trace the end, in whole lines.
func TestFailure_Error(t *testing.T) {
	short := &explore.Failure{Reason: "oops", Schedule: "0*3 1", Trace: "first\nlast\n"}
	if got, want := short.Error(), "oops\nschedule (for -replay): 0*3 1\nfirst\nlast\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	const line = "a line of the trace"
	long := &explore.Failure{Reason: "oops", Schedule: "0", Trace: strings.Repeat(line+"\n", 2000) + "last"}
	lines := strings.Split(long.Error(), "\n")
	if lines[2] != "..." || lines[3] != line || lines[len(lines)-1] != "last" || len(long.Error()) > 20_100 {
		t.Errorf("a long trace: got %d bytes: %q, %q ... %q, want the last 20,000, from the beginning of a line",
			len(long.Error()), lines[2], lines[3], lines[len(lines)-1])
	}
}

// A schedule that is right is replayed without a failure.
func TestExplore_ReplayOfARunThatIsRight(t *testing.T) {
	runs := 0
	report, err := explore.Explore(explore.Options{Replay: "0, 1"}, func(r *explore.Run) { runs++; counter(r) })
	if err != nil || runs != 1 || report.Schedules != 0 {
		t.Errorf("got %v, %v, after %d runs, want one, which is not counted", report, err, runs)
	}
}

// What is beyond the budget is sampled, and a failure found there is one as any other.
func TestExplore_SampleFindsAFailure(t *testing.T) {
	program := func(r *explore.Run) {
		var word explore.Uint64
		switches, last := 0, 0
		for range 2 {
			r.Go("t", func() {
				for range 8 {
					if word.Add(1); r.Thread() != last {
						switches, last = switches+1, r.Thread()
					}
				}
			})
		}
		r.Wait()
		if switches > 5 {
			r.Failf("%d times from one thread to the other", switches)
		}
	}
	o := explore.Options{Preemptions: 12, Schedules: 100}
	report, err := explore.Explore(o, program)
	if report.Sampled == 0 || report.Sampled > 25 || report.Complete > 1 {
		t.Errorf("got %v, want a sample of 25 at most", report)
	}
	f := failure(t, o, program)
	if err == nil || err.Error() != f.Error() {
		t.Errorf("a second time: got %v, want the same sample, and so %v", f, err)
	}
	o.Replay = f.Schedule
	if again := failure(t, o, program); again.Reason != f.Reason {
		t.Errorf("replayed: got %v, want %v", again, f)
	}
}

// A program that does something else when it is run again is found out, and not searched on.
func TestExplore_NotDeterministic(t *testing.T) {
	runs := 0
	for _, tt := range []struct {
		name, want string
		program    func(*explore.Run)
	}{
		{"fails once", "fails once\n(and when repeated: <nil>: the program is not deterministic)", func(r *explore.Run) {
			if runs == 1 {
				r.Failf("fails once")
			}
		}},
		{"another failure", "failure 1\n(and when repeated: failure 2", func(r *explore.Run) { r.Failf("failure %d", runs) }},
		{"more threads", "it had the choice of [1 2], now of [1 2 3]", func(r *explore.Run) {
			var word explore.Uint64
			for range 1 + min(runs, 2) {
				r.Go("t", func() { word.Add(1) })
			}
			r.Wait()
		}},
	} {
		runs = 0
		f := failure(t, explore.Options{Preemptions: 1}, func(r *explore.Run) { runs++; tt.program(r) })
		if !strings.Contains(f.Reason, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, f.Reason, tt.want)
		}
	}
}

// Threads have numbers of one byte.
func TestExplore_TooManyThreads(t *testing.T) {
	started := 0
	f := failure(t, explore.Options{}, func(r *explore.Run) {
		for range 300 {
			r.Go("t", func() {})
			started++
		}
	})
	if f.Reason != "256 threads" {
		t.Errorf("got %q, want that there are 256", f.Reason)
	}
	if started != 2*255 { // beside the program, and in the repetition too
		t.Errorf("got %d threads in two runs, want %d", started, 2*255)
	}
}

// When a run has failed, the deferred calls of its threads are called, and end at their first
// operation, which changes nothing: no word, no mutex, no new thread.
func TestExplore_NothingHappensInARunThatHasFailed(t *testing.T) {
	var word explore.Uint64
	var called, began, beyond int
	failure(t, explore.Options{}, func(r *explore.Run) {
		var group explore.Group
		var mu explore.Mutex
		r.Go("t", func() {
			defer func() { called++; group.Go(func() error { began++; return nil }); beyond++ }()
			defer func() { called++; word.Add(1); beyond++ }()
			mu.Lock()
			defer mu.Unlock()
			r.Point()
			r.Failf("oops")
		})
		r.Wait()
	})
	if called != 2*2 { // the run is repeated
		t.Errorf("deferred calls in two runs: got %d, want 4", called)
	}
	if n := word.Load(); n != 0 || began != 0 || beyond != 0 {
		t.Errorf("after the failure: the word is %d, %d threads began, %d calls went on, want 0", n, began, beyond)
	}
}

// Each operation has its line in the trace: what it did, and what it found.
func TestExplore_Trace(t *testing.T) {
	f := failure(t, explore.Options{}, func(r *explore.Run) {
		var word explore.Uint32
		word.Store(1)
		word.Swap(2)
		word.CompareAndSwap(2, 4)
		word.CompareAndSwap(2, 5)
		word.Or(3)
		word.And(5)
		word.Add(2)
		word.Load()
		r.Notef("a note of its %s", "own")
		r.Quiet()
		r.Failf("oops")
	})
	lines := strings.Split(strings.TrimSuffix(f.Trace, "\n"), "\n")
	for i, want := range []string{
		"Store 1", "Swap 2 for 1", "CompareAndSwap 2 for 4, it is 2: true", "CompareAndSwap 2 for 5, it is 4: false",
		"Or 3 to 4 = 7", "And 5 to 7 = 5", "Add 2 to 5 = 7", "Load = 7", "a note of its own", "waited for quiet",
	} {
		if i >= len(lines) || !strings.HasSuffix(lines[i], " "+want) || !strings.Contains(lines[i], "report_test.go:") {
			t.Errorf("line %d: got %q, want %q, and where it is", i, fmt.Sprint(lines[min(i, len(lines)-1):]), want)
		}
	}
}
