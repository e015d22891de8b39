// Package explore runs a small concurrent program under every schedule that matters, one
// after the other, in one process and without luck.
//
// # How it works
//
// A program under test is a few threads that share what this package has to offer: words
// ([Uint64], [Value], [Pointer] and so on) for sync/atomic, [Mutex], and [Mailbox], [Group],
// [Timer] for what goroutines sleep on. Packages of this module reach their atomics through
// names in a file atomic.go; with the build tag explore these names stand for the types
// here, and it is the real code that runs.
//
// Each thread is a coroutine. Before every operation on a shared object it comes to a
// point where the explorer says which thread goes on. Go's atomics are sequentially
// consistent, so a run of the program is decided by these decisions alone, and a list of
// thread numbers, one a decision, is a schedule that can be repeated.
//
// The decisions of a run are kept as a path. When a run has ended, the last decision on the
// path that has an alternative left takes it, those behind it are forgotten, and the program
// runs again: a depth-first search that stores one path and no states.
//
// # What bounds it
//
// To go on with the same thread, or with any when that one blocks or ends, is free. To leave a
// thread that could go on is a preemption, and there are at most [Options].Preemptions of
// them in a run. Schedules are tried with none first, then with one, and so on (Musuvathi
// and Qadeer's iterative context bounding, 2007): nearly all mistakes show with two, and the
// first found has as few as possible. When [Options].Schedules is used up, the rest is
// sampled at random, and [Report] says so.
//
// # What it finds
//
// A check that fails (Failf), a panic, a deadlock (a thread sleeps and nobody can wake it), a
// livelock (a run that does not end), a sleep with a mutex held. A failure comes with its
// schedule, and a trace of its operations with the lines that they are on.
//
// # What it does not see
//
// Plain reads and writes are no points: they happen together with the operation before them.
// In a program without data races that makes no difference, and the race detector is there
// for the others. For code that writes a field after the atomic operation which was to
// publish it, see [Options].AfterWrites. Unlocking a mutex is no point either: what another
// thread could do just before, it can as well do just after.
package explore

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
)

// Options say how far to go.
type Options struct {
	Preemptions int    // in one run at most
	Schedules   int    // in all, about; default 100,000
	Steps       int    // in one run; more is a livelock; default 10,000
	Replay      string // run this schedule only, as a Failure prints it
	// AfterWrites makes the points after an operation that writes, beside those before every
	// one, so that a plain access behind it is not part of it. It costs about three times as
	// many schedules.
	AfterWrites bool
	// Merge leaves out schedules that differ only in the order of operations which do not
	// concern each other: see merge.go for what the program must keep to then.
	Merge bool
}

// A Report says how far it went.
type Report struct {
	Schedules int // runs
	Merged    int // of these, those that came to a state where another had been, and ended there
	Steps     int // decisions in all runs together
	Complete  int // every schedule with up to so many preemptions was run; -1: not even that
	Sampled   int // of Schedules, those that were drawn at random
}

func (r Report) String() string {
	how := fmt.Sprintf("all with up to %d preemptions", r.Complete)
	if r.Merged > 0 {
		how += fmt.Sprintf(" (%d merged)", r.Merged)
	}
	if r.Sampled > 0 {
		how += fmt.Sprintf(", and a sample of %d beyond", r.Sampled)
	}
	return fmt.Sprintf("%d schedules, %d steps: %s", r.Schedules, r.Steps, how)
}

// A Failure is a run that went wrong.
type Failure struct {
	Reason   string
	Schedule string // for Options.Replay
	Trace    string // a line for each operation
}

func (f *Failure) Error() string {
	trace := f.Trace
	if n := len(trace) - 20_000; n > 0 {
		trace = "...\n" + trace[n+strings.IndexByte(trace[n:], '\n')+1:]
	}
	return fmt.Sprintf("%s\nschedule (for -replay): %s\n%s", f.Reason, f.Schedule, trace)
}

// A decision is one with alternatives.
type decision struct {
	options []uint8 // thread numbers
	pick    int     // index of the one taken
}

// A search is the depth-first search over schedules of one program.
type search struct {
	Options
	program func(*Run)
	report  Report
	path    []decision
	rng     *rand.Rand      // nil but for samples
	chance  float64         // of a preemption at a point, in samples
	cut     bool            // the bound has kept a preemption from being tried
	states  map[uint64]bool // where the level has been, see merge.go
}

// one is held by an exploration: threads find theirs through active.
var (
	one    sync.Mutex
	active atomic.Pointer[Run]
)

// Explore runs program under one schedule after the other. The program is thread 0; it makes
// what it needs anew each time, starts threads with Run.Go, and checks the result. The error,
// if there is one, is a *Failure.
func Explore(o Options, program func(*Run)) (Report, error) {
	one.Lock()
	defer one.Unlock()
	if o.Schedules == 0 {
		o.Schedules = 100_000
	}
	if o.Steps == 0 {
		o.Steps = 10_000
	}
	s := &search{Options: o, program: program, report: Report{Complete: -1}}
	if o.Replay != "" {
		list, err := parseSchedule(o.Replay)
		if err != nil {
			return s.report, err
		}
		if f := s.replay(list, s.Preemptions); f != nil {
			return s.report, f
		}
		return s.report, nil
	}
	for bound := 0; bound <= s.Preemptions; bound++ {
		s.cut = false
		done, failure := s.level(bound)
		if failure == nil && !done {
			failure = s.sample(s.Preemptions)
		}
		if failure != nil {
			return s.report, failure
		}
		if !done {
			break
		}
		if s.report.Complete = bound; !s.cut {
			s.report.Complete = s.Preemptions // more of them would change nothing
			break
		}
	}
	return s.report, nil
}

// level runs all schedules with up to bound preemptions, unless the budget ends before.
func (s *search) level(bound int) (done bool, _ error) {
	s.path = s.path[:0]
	s.states = map[uint64]bool{}
	for {
		if f := s.run(&Run{search: s, bound: bound}); f != nil {
			return false, f
		}
		for len(s.path) > 0 {
			last := &s.path[len(s.path)-1]
			if last.pick++; last.pick < len(last.options) {
				break
			}
			s.path = s.path[:len(s.path)-1]
		}
		if len(s.path) == 0 {
			return true, nil
		}
		if s.report.Schedules >= s.Schedules {
			return false, nil
		}
	}
}

// sample runs some schedules that are drawn at random, always the same.
func (s *search) sample(bound int) error {
	s.rng = rand.New(rand.NewPCG(1, 2))
	s.chance = float64(bound+1) * float64(s.report.Schedules) / float64(s.report.Steps)
	for range s.Schedules / 4 {
		s.report.Sampled++
		if f := s.run(&Run{search: s, bound: bound}); f != nil {
			return f
		}
	}
	return nil
}

// run makes one run. If it fails, it is repeated with a trace.
func (s *search) run(r *Run) error {
	r.loop()
	s.report.Schedules++
	s.report.Steps += len(r.taken)
	if r.merged {
		s.report.Merged++
	}
	if r.failure == "" {
		return nil
	}
	f := s.replay(r.taken, r.bound)
	if f == nil || f.Reason != r.failure {
		return &Failure{
			Reason:   fmt.Sprintf("%s\n(and when repeated: %v: the program is not deterministic)", r.failure, f),
			Schedule: formatSchedule(r.taken),
		}
	}
	return f
}

// replay makes one run with the schedule given, or nil if it does not fail.
func (s *search) replay(list []uint8, bound int) *Failure {
	r := &Run{search: s, bound: bound, list: list, replaying: true}
	r.loop()
	if r.failure == "" {
		return nil
	}
	return &Failure{Reason: r.failure, Schedule: formatSchedule(r.taken), Trace: r.trace.String()}
}
