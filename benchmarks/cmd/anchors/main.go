// Command anchors measures pools of other languages, and in turns with them Forebay, a channel
// and bare goroutines, and writes a file that cmd/readme makes a table of.
//
//	go run ./cmd/anchors                    # about three minutes
//	go run ./cmd/anchors -smoke             # everything once, no file
//	go run ./cmd/anchors -time 1m -only '^ping/(forebay|tokio)'
//
// An anchor whose toolchain is not here is skipped, with a word. -only is a regular expression
// for work/contender.
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
	"slices"
	"text/tabwriter"
	"time"

	"github.com/forebay-go/forebay/benchmarks/anchors"
	"github.com/forebay-go/forebay/benchmarks/contend"
	"github.com/forebay-go/forebay/benchmarks/record"
	"github.com/forebay-go/forebay/benchmarks/work"
)

func main() {
	budget := flag.Duration("time", 3*time.Minute, "how long all rounds together may take, about")
	smoke := flag.Bool("smoke", false, "run everything once, small, and write no file")
	only := flag.String("only", "", "regular expression of the work/contender pairs to run")
	seed := flag.Uint64("seed", 0, "seed of the random order (0: from the clock)")
	out := flag.String("out", "results/anchors", "folder of the results file")
	bin := flag.String("bin", "../bin/anchors", "folder to build in")
	crates := flag.String("crates", "/usr/share/cargo/registry", "folder with the crates' sources: Debian's, or one of cargo vendor")
	flag.Parse()
	if err := run(*budget, *smoke, *only, *seed, *out, *bin, *crates); err != nil {
		fmt.Fprintln(os.Stderr, "bench-anchors:", err)
		os.Exit(1)
	}
}

func run(budget time.Duration, smoke bool, only string, seed uint64, out, bin, crates string) (err error) {
	picked, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	start := time.Now()
	s := &session{file: record.Here("go run ./cmd/anchors", "out", "bin", "crates"), picked: picked}
	s.file.Seed, s.file.Smoke = seed, smoke
	defer func() { err = errors.Join(err, s.close()) }()
	s.ours()
	for _, a := range anchors.All() {
		if err := s.theirs(ctx, a, bin, crates); err != nil {
			return err
		}
	}
	if err := s.measure(ctx, budget, rand.New(rand.NewPCG(seed, 0))); err != nil {
		return err
	}
	s.print()
	if smoke {
		return nil
	}
	name := filepath.Join(out, start.UTC().Format("2006-01-02T1504")+"-"+s.file.Commit+".json")
	fmt.Println("wrote", name)
	return s.file.Write(name)
}

// A trial is one contender at one work, over the rounds.
type trial struct {
	work work.Work
	n    int
	ns   func(n int) (float64, error) // of an op, where n steps are measured
	cell int                          // index into file.Cells
}

type session struct {
	file     *record.File
	picked   *regexp.Regexp
	programs []*anchors.Program
	trials   []*trial
}

// works are the works that the anchors do, full-sized: theirs have no other size.
func works() []work.Work {
	return slices.DeleteFunc(work.All(false), func(w work.Work) bool { return !slices.Contains(anchors.Works, w.Name) })
}

// add plans a trial, or notes why there is none.
func (s *session) add(w work.Work, contender, cannot string, ns func(n int) (float64, error)) {
	if !s.picked.MatchString(w.Name + "/" + contender) {
		return
	}
	if cannot == "" {
		s.trials = append(s.trials, &trial{work: w, n: w.Unit, ns: ns, cell: len(s.file.Cells)})
	}
	s.file.Cells = append(s.file.Cells, record.Cell{Work: w.Name, Contender: contender, Cannot: cannot})
}

// ours are Forebay and what one writes by hand in Go.
func (s *session) ours() {
	for _, w := range works() {
		s.file.Works = append(s.file.Works, record.Named{Name: w.Name, Doc: w.Doc, Op: w.Op})
	}
	for _, c := range contend.All() {
		a := c.About()
		if !slices.Contains([]string{"forebay", "channel", "goroutine"}, a.Name) {
			continue
		}
		s.file.Contenders = append(s.file.Contenders, record.Contender{Name: a.Name, Use: a.Use})
		for _, w := range works() {
			s.add(w, a.Name, w.Cannot(c), func(n int) (float64, error) {
				t, err := w.Measure(c, n)
				return t.Ns, err
			})
		}
	}
}

// theirs are the pools of an anchor, if its toolchain is here.
func (s *session) theirs(ctx context.Context, a anchors.Anchor, bin, crates string) error {
	chain := record.Toolchain{Anchor: a.Name, Debian: a.Debian, Skipped: a.Missing(crates)}
	if chain.Skipped != "" {
		fmt.Printf("bench-anchors: %s: skipped: %s (Debian: apt-get install %s)\n", a.Name, chain.Skipped, a.Debian)
		s.file.Toolchains = append(s.file.Toolchains, chain)
		return nil
	}
	chain.Version = a.Version()
	s.file.Toolchains = append(s.file.Toolchains, chain)
	fmt.Printf("bench-anchors: %s: %s\n", a.Name, chain.Version)
	if err := a.Build(ctx, "anchors", bin, crates); err != nil {
		return err
	}
	p, err := a.Start(ctx, bin, s.file.GOMAXPROCS)
	if err != nil {
		return err
	}
	s.programs = append(s.programs, p)
	for _, c := range p.Contenders {
		s.file.Contenders = append(s.file.Contenders, record.Contender{Name: c.Name, Version: c.Version, Use: c.Use})
		for _, w := range works() {
			s.add(w, c.Name, c.Cannot[w.Name], func(n int) (float64, error) {
				ns, err := p.Measure(c.Name, w.Name, n)
				if err != nil {
					return 0, fmt.Errorf("%s at %s: %w", c.Name, w.Name, err)
				}
				return ns / float64(n*w.Ops), nil
			})
		}
	}
	return nil
}

// measure calibrates all trials, and then gives each its turn in rounds of random order.
func (s *session) measure(ctx context.Context, budget time.Duration, rng *rand.Rand) error {
	if len(s.trials) == 0 {
		return errors.New("no pair of work and contender to run")
	}
	const each = 150 * time.Millisecond
	if s.file.Smoke {
		budget = 0
	} else {
		s.file.Each = each.String()
		for _, t := range s.trials {
			if err := t.calibrate(ctx, each); err != nil {
				return err
			}
			s.file.Cells[t.cell].N = t.n * t.work.Ops
		}
	}
	start := time.Now()
	for {
		began := time.Now()
		rng.Shuffle(len(s.trials), func(i, j int) { s.trials[i], s.trials[j] = s.trials[j], s.trials[i] })
		// The contenders of a work one after the other: what changes over time changes for all.
		at := rng.Perm(len(anchors.Works))
		slices.SortStableFunc(s.trials, func(a, b *trial) int {
			return at[slices.Index(anchors.Works, a.work.Name)] - at[slices.Index(anchors.Works, b.work.Name)]
		})
		for _, t := range s.trials {
			if err := ctx.Err(); err != nil {
				return err
			}
			ns, err := t.ns(t.n)
			if err != nil {
				return err
			}
			c := &s.file.Cells[t.cell]
			c.Ns = append(c.Ns, ns)
		}
		s.file.Rounds++
		took, spent := time.Since(began), time.Since(start)
		fmt.Fprintf(os.Stderr, "bench-anchors: round %d took %v, %v of %v are over\n",
			s.file.Rounds, took.Round(time.Millisecond), spent.Round(time.Second), budget)
		if spent+took > budget {
			return nil
		}
	}
}

// calibrate finds the n that takes about target. A compiler that compiles while the program runs
// needs some tries of that length until the program is as fast as it gets.
func (t *trial) calibrate(ctx context.Context, target time.Duration) error {
	for long := 0; long < 5; {
		if err := ctx.Err(); err != nil {
			return err
		}
		ns, err := t.ns(t.n)
		if err != nil {
			return err
		}
		took := ns * float64(t.n*t.work.Ops)
		if took > float64(target)/3 {
			long++
		}
		units := float64(t.n/t.work.Unit) * min(4, float64(target)/took)
		t.n = max(1, int(units+0.5)) * t.work.Unit
	}
	return nil
}

// print is the short form, for whoever waits at the terminal.
func (s *session) print() {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "work\tcontender\tns/op\tmin\tmax")
	for _, c := range s.file.Cells {
		if c.Ran() {
			_, _ = fmt.Fprintf(w, "%s\t%s\t%.1f\t%.1f\t%.1f\n", c.Work, c.Contender, record.Median(c.Ns),
				record.Quantile(c.Ns, 0), record.Quantile(c.Ns, 1))
		}
	}
	_ = w.Flush()
}

// close ends the programs.
func (s *session) close() error {
	var errs []error
	for _, p := range s.programs {
		errs = append(errs, p.Close())
	}
	return errors.Join(errs...)
}
