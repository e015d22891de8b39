package report

import (
	"fmt"
	"slices"

	"github.com/forebay-go/forebay/benchmarks/record"
)

// A target is a bound on the ratio of Forebay to another, of the same run. The numbers
// were set before the first run.
type target struct {
	text       string
	work       string // Forebay's
	base, rate string // contender and work of the other side; rate "" is the same work
	must, goal float64
	allocs     float64 // per op at most; below 0 there is no such bound
	bytes      float64
}

var targets = []target{
	{"fire, one producer: a buffered channel of `struct{ctx, fn, arg}`", "fire", "channel", "", 1.0, 0.6, 0.05, 0},
	{"fire, a producer for each processor: the same", "fire-procs", "channel", "", 0.9, 0.6, -1, 0},
	{"fire, 64 producers: the same", "fire-64", "channel", "", 0.9, 0.6, -1, 0},
	{"submit and await 1000: a channel pool with channel futures", "results", "channel", "", 0.6, 0.35, 1.05, 128},
	{"`SubmitAll` and await 1000: the same, submitted one by one", "batch", "channel", "results", 0.35, 0.2, -1, 0},
	{"submit one, await it: a goroutine and a channel", "ping", "goroutine", "", 1.0, 0.7, -1, 0},
	{"fib(25), queue of 256: a goroutine and a channel for each fork", "fork-join", "goroutine", "", 0.12, 0.06, -1, 0},
	{"`Map` of trivial items: a loop over an atomic index", "map", "goroutine", "", 2, 1.2, -1, 0},
	{"`Stream`, ordered: an ordered pipeline of channels", "stream", "channel", "", 0.6, 0.3, -1, 0},
	{"`Stream`, ordered: conc/stream", "stream", "conc", "", 0.35, 0.15, -1, 0},
}

// memoryTargets: less than these take, for a task that waits.
var memoryTargets = []string{"pond", "goroutine"}

// targetTable is the table of targets, met or missed.
func targetTable(f *record.File) string {
	t := newTable("target: Forebay against", "must be at most", "goal", "ratio", "quartiles", "")
	for _, x := range targets {
		baseWork := x.rate
		if baseWork == "" {
			baseWork = x.work
		}
		a, b := f.Cell(x.work, subject), f.Cell(baseWork, x.base)
		if !a.Ran() || !b.Ran() {
			t.add(x.text, num(x.must), num(x.goal), "not run", "", "")
			continue
		}
		ratio := record.Median(a.Ns) / record.Median(b.Ns)
		var rounds []float64
		for i := range min(len(a.Ns), len(b.Ns)) {
			rounds = append(rounds, a.Ns[i]/b.Ns[i])
		}
		t.add(x.text, num(x.must), num(x.goal), num(ratio), quartiles(rounds, num), verdict(ratio, x.must, x.goal))
		if x.allocs >= 0 {
			allocs, bytes := record.Median(a.Allocs), record.Median(a.Bytes)
			v := verdict(allocs, x.allocs, x.allocs)
			bound, got := fmt.Sprintf("%.0f", x.allocs), num(allocs)
			if x.bytes > 0 {
				bound, got = fmt.Sprintf("%s, %.0f B", bound, x.bytes), fmt.Sprintf("%s, %.0f B", got, bytes)
				if bytes > x.bytes+1 {
					v = missed
				}
			}
			t.add("... allocations for each", bound, "", got, "", v)
		}
	}
	for _, way := range f.Ways {
		for _, rival := range memoryTargets {
			a, b := findMemory(f, way.Name, subject), findMemory(f, way.Name, rival)
			if a == nil || b == nil || b.Bytes == 0 {
				continue
			}
			ratio := a.Bytes / b.Bytes
			t.add(fmt.Sprintf("memory of %s waiting tasks, %s: %s", thousands(float64(a.Tasks)), way.Name, rival), "1", "", num(ratio), "", verdict(ratio, 1, 1))
		}
	}
	return t.String()
}

const missed = "**missed**"

func verdict(got, must, goal float64) string {
	switch {
	case got > must:
		return missed
	case goal < must && got <= goal:
		return "met, and the goal"
	}
	return "met"
}

func findMemory(f *record.File, way, contender string) *record.Memory {
	i := slices.IndexFunc(f.Memory, func(m record.Memory) bool {
		return m.Way == way && m.Contender == contender && m.Cannot == ""
	})
	if i < 0 {
		return nil
	}
	return &f.Memory[i]
}
