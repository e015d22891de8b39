// Command bench runs every contender at every work, in turns, and writes a results file.
//
//	go run ./cmd/bench                          # about ten minutes
//	go run ./cmd/bench -smoke                   # everything once, no results file
//	go run ./cmd/bench -time 1m -only '^(fire|ping)/(forebay|channel)$'
//	go run ./cmd/bench -profiled ../bin/bench-pgo   # and Forebay in that build of this program
//
// -only is a regular expression for work/contender; the latencies are latency-LOAD/contender,
// the memory is memory/contender and the curves are scale-CURVE/contender.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/forebay-go/forebay/benchmarks/contend"
	"github.com/forebay-go/forebay/benchmarks/latency"
	"github.com/forebay-go/forebay/benchmarks/memory"
	"github.com/forebay-go/forebay/benchmarks/record"
	"github.com/forebay-go/forebay/benchmarks/work"
)

func main() {
	budget := flag.Duration("time", 10*time.Minute, "how long the whole run may take, about")
	smoke := flag.Bool("smoke", false, "run everything once, small, and write no file")
	only := flag.String("only", "", "regular expression of the work/contender pairs to run")
	seed := flag.Uint64("seed", 0, "seed of the random order (0: from the clock)")
	out := flag.String("out", "results", "folder of the results file")
	waiting := flag.String("waiting", "", "way/contender: measure its memory, print it, and exit (the run starts itself like this)")
	profiled := flag.String("profiled", "", "a build of this program with -pgo, to measure Forebay in too")
	trial := flag.String("trial", "", "work/steps: measure Forebay at it once, print ns per op, and exit (what -profiled is asked)")
	cpuprofile := flag.String("cpuprofile", "", "file for a CPU profile of the run")
	flag.Parse()
	err := profile(*cpuprofile, func() error {
		switch {
		case *waiting != "":
			return printMemory(*waiting, tasksThatWait(*smoke))
		case *trial != "":
			return printTrial(*trial, *smoke)
		}
		return run(*budget, *smoke, *only, *seed, *out, *profiled)
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(budget time.Duration, smoke bool, only string, seed uint64, out, profiled string) error {
	picked, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	r := &runner{
		file: about(seed, smoke), rng: rand.New(rand.NewPCG(seed, 0)), picked: picked,
		smoke: smoke, start: time.Now(), budget: budget, profiled: profiled,
	}
	if err := r.run(ctx); err != nil {
		return err
	}
	r.print()
	if smoke {
		return nil
	}
	name := filepath.Join(out, r.start.UTC().Format("2006-01-02T1504")+"-"+r.file.Commit+".json")
	fmt.Println("wrote", name)
	return r.file.Write(name)
}

// A trial is one contender at one work, over the rounds.
type trial struct {
	work      work.Work
	contender contend.Contender
	n         int
	cell      int // index into file.Cells
}

// A sample is one contender under one load, over the rounds.
type sample struct {
	load      latency.Load
	contender contend.Contender
	pair      latency.Pair
	at        int // index into file.Latencies
}

type runner struct {
	file     *record.File
	rng      *rand.Rand
	picked   *regexp.Regexp
	smoke    bool
	start    time.Time
	budget   time.Duration
	profiled string // the program that measures Forebay built with a profile; or ""
	each     time.Duration
	works    [][]*trial // by work
	samples  [][]*sample
	curves   curves
}

func (r *runner) run(ctx context.Context) error {
	if err := r.memory(ctx); err != nil {
		return err
	}
	if err := r.plan(ctx); err != nil {
		return err
	}
	if err := r.planCurves(ctx); err != nil {
		return err
	}
	for {
		began := time.Now()
		if err := r.round(ctx); err != nil {
			return err
		}
		r.file.Rounds++
		if err := r.someCurves(ctx, time.Since(began)); err != nil {
			return err
		}
		took, spent := time.Since(began), time.Since(r.start)
		fmt.Fprintf(os.Stderr, "bench: round %d took %v, %v of %v are over\n",
			r.file.Rounds, took.Round(time.Millisecond), spent.Round(time.Second), r.budget)
		if r.smoke || spent+took > r.budget {
			break
		}
	}
	if err := r.allCurves(ctx); err != nil {
		return err
	}
	for _, load := range r.samples {
		for _, s := range load {
			l := &r.file.Latencies[s.at]
			l.Count = s.pair.Settled.TotalCount()
			for q, h := range map[*record.Quantiles]interface {
				ValueAtQuantile(float64) int64
				Max() int64
			}{&l.Start: s.pair.Start, &l.Settled: s.pair.Settled} {
				*q = record.Quantiles{
					P50: h.ValueAtQuantile(50), P99: h.ValueAtQuantile(99), P999: h.ValueAtQuantile(99.9), Max: h.Max(),
				}
			}
		}
	}
	return nil
}

// memory measures each way in a process of its own.
func (r *runner) memory(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	n := tasksThatWait(r.smoke)
	for _, w := range memory.Ways() {
		r.file.Ways = append(r.file.Ways, record.Named{Name: w.Name, Doc: w.Doc})
		for _, c := range contend.All() {
			name := c.About().Name
			if !r.picked.MatchString("memory/" + name) {
				continue
			}
			m := record.Memory{Way: w.Name, Contender: name, Tasks: n}
			text, err := r.ask(ctx, self, "-waiting", w.Name+"/"+name)
			if err != nil {
				return err
			}
			if m.Bytes, err = strconv.ParseFloat(text, 64); err != nil {
				m.Cannot = text
			}
			r.file.Memory = append(r.file.Memory, m)
		}
	}
	return nil
}

// printMemory is the other side of memory: the bytes, or why not.
func printMemory(name string, n int) error {
	for _, w := range memory.Ways() {
		for _, c := range contend.All() {
			if w.Name+"/"+c.About().Name != name {
				continue
			}
			bytes, _, err := w.Measure(c, n) // the end of the process is the end of the tasks
			var cannot contend.Cannot
			if errors.As(err, &cannot) {
				fmt.Println(string(cannot))
				return nil
			}
			fmt.Println(bytes)
			return err
		}
	}
	return fmt.Errorf("no such way/contender: %q", name)
}

func tasksThatWait(smoke bool) int {
	if smoke {
		return 1000
	}
	return memory.Tasks
}

// plan finds out who does what, and how often for a measurement to take long enough.
func (r *runner) plan(ctx context.Context) error {
	cells := 0
	for _, w := range work.All(r.smoke) {
		r.file.Works = append(r.file.Works, record.Named{Name: w.Name, Doc: w.Doc, Op: w.Op})
		var trials []*trial
		for _, c := range contend.All() {
			name := c.About().Name
			if !r.picked.MatchString(w.Name + "/" + name) {
				continue
			}
			cell := record.Cell{Work: w.Name, Contender: name}
			if why := w.Cannot(c); why != "" {
				cell.Cannot = why
			} else {
				trials = append(trials, &trial{work: w, contender: c, cell: len(r.file.Cells)})
				cells++
			}
			r.file.Cells = append(r.file.Cells, cell)
		}
		if len(trials) > 0 {
			r.works = append(r.works, trials)
		}
	}
	for _, l := range latency.Loads() {
		r.file.Loads = append(r.file.Loads, record.Named{Name: l.Name, Doc: l.Doc})
		var samples []*sample
		for _, c := range contend.All() {
			name := c.About().Name
			if !r.picked.MatchString("latency-" + l.Name + "/" + name) {
				continue
			}
			lat := record.Latency{Load: l.Name, Contender: name}
			pair := latency.NewPair()
			if err := l.Measure(c, time.Millisecond, pair); err != nil {
				lat.Cannot = err.Error()
			} else {
				samples = append(samples, &sample{l, c, latency.NewPair(), len(r.file.Latencies)})
				cells++
			}
			r.file.Latencies = append(r.file.Latencies, lat)
		}
		if len(samples) > 0 {
			r.samples = append(r.samples, samples)
		}
	}
	if cells == 0 {
		return nil
	}
	// 150 ms each, or less where the time is not enough for five rounds of that: GC, warm-ups
	// and calibration take about half as much again.
	r.each = min(150*time.Millisecond, max(20*time.Millisecond, r.budget/time.Duration(cells*8)))
	if r.smoke {
		r.each = 2 * time.Millisecond
	}
	r.file.Each = r.each.Round(time.Millisecond).String()
	for _, trials := range r.works {
		for _, t := range trials {
			if err := ctx.Err(); err != nil {
				return err
			}
			t.n = max(t.work.Unit, t.work.Fixed)
			if !r.smoke {
				var err error
				if t.n, err = t.work.Calibrate(t.contender, r.each); err != nil {
					return err
				}
			}
			r.file.Cells[t.cell].N = t.n * t.work.Ops
		}
	}
	fmt.Fprintf(os.Stderr, "bench: %d pairs of %v, calibrated after %v\n", cells, r.file.Each, time.Since(r.start).Round(time.Second))
	return nil
}

// round measures everything once, in random order. The contenders of a work have their turn
// one after the other, so that what changes over time changes for all of them.
func (r *runner) round(ctx context.Context) error {
	shuffle(r.rng, r.works)
	for _, trials := range r.works {
		shuffle(r.rng, trials)
		if ideal := trials[0].work.Ideal; ideal != nil {
			name := trials[0].work.Name
			r.file.Ideals[name] = append(r.file.Ideals[name], ideal())
		}
		for _, t := range trials {
			if err := ctx.Err(); err != nil {
				return err
			}
			got, err := t.work.Measure(t.contender, t.n)
			if err != nil {
				return fmt.Errorf("%s/%s: %w", t.work.Name, t.contender.About().Name, err)
			}
			c := &r.file.Cells[t.cell]
			c.Ns, c.Allocs, c.Bytes = append(c.Ns, got.Ns), append(c.Allocs, got.Allocs), append(c.Bytes, got.Bytes)
			if r.profiled != "" && t.contender == contend.All()[0] {
				if err := r.measureBuilds(ctx, t, c); err != nil {
					return err
				}
			}
		}
	}
	shuffle(r.rng, r.samples)
	for _, samples := range r.samples {
		shuffle(r.rng, samples)
		for _, s := range samples {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := s.load.Measure(s.contender, r.each, s.pair); err != nil {
				return err
			}
		}
	}
	return nil
}

func shuffle[E any](rng *rand.Rand, s []E) {
	rng.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
}

// print is the short form, for whoever waits at the terminal.
func (r *runner) print() {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "work\tcontender\tns/op\tmin\tmax\tallocs/op\tB/op")
	for _, c := range r.file.Cells {
		if c.Cannot == "" {
			_, _ = fmt.Fprintf(w, "%s\t%s\t%.1f\t%.1f\t%.1f\t%.2f\t%.0f\n", c.Work, c.Contender, record.Median(c.Ns),
				record.Quantile(c.Ns, 0), record.Quantile(c.Ns, 1), record.Median(c.Allocs), record.Median(c.Bytes))
		}
	}
	_, _ = fmt.Fprintln(w, "latency\tcontender\tstart p50\tp99\tp99.9\tsettled p50\tp99\tp99.9")
	for _, l := range r.file.Latencies {
		if l.Cannot == "" {
			_, _ = fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\n", l.Load, l.Contender,
				l.Start.P50, l.Start.P99, l.Start.P999, l.Settled.P50, l.Settled.P99, l.Settled.P999)
		}
	}
	_, _ = fmt.Fprintln(w, "waiting\tcontender\tB/task")
	for _, m := range r.file.Memory {
		if m.Cannot == "" {
			_, _ = fmt.Fprintf(w, "%s\t%s\t%.0f\n", m.Way, m.Contender, m.Bytes)
		}
	}
	_, _ = fmt.Fprintln(w, "curve\tcontender\tx\tmedian\tmin\tmax\tmeasured")
	for _, p := range r.file.Points {
		if p.Cannot == "" {
			_, _ = fmt.Fprintf(w, "%s\t%s\t%d\t%.1f\t%.1f\t%.1f\t%d\n", p.Curve, p.Contender, p.X, record.Median(p.Values),
				record.Quantile(p.Values, 0), record.Quantile(p.Values, 1), len(p.Values))
		}
	}
	_ = w.Flush()
}

// about describes this machine and this build.
func about(seed uint64, smoke bool) *record.File {
	f := record.Here("go run ./cmd/bench", "out", "cpuprofile")
	f.Seed, f.Smoke, f.Ideals = seed, smoke, map[string][]float64{}
	versions := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			versions[dep.Path] = dep.Version
		}
	}
	for _, c := range contend.All() {
		a := c.About()
		f.Contenders = append(f.Contenders, record.Contender{Name: a.Name, Module: a.Module, Version: versions[a.Module], Use: a.Use})
	}
	return f
}
