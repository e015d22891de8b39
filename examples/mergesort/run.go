package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/forebay-go/forebay/examples/internal/cli"
	"github.com/forebay-go/forebay/pool"
)

// config is what the command line asks for, checked.
type config struct {
	n              int
	seed           uint64
	workers, queue int
	cutoff         int
	compare        bool
	output         string
	file           bool // sort lines and not numbers
	lines          []string
}

// run is the program. When it returns, nothing that it started still runs.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	cfg, help, err := parse(args)
	if status, ok := cli.Parsed("mergesort", help, err, stdout, stderr); !ok {
		return status
	}

	if cfg.file {
		err = sortAndReport(ctx, cfg, "lines", cfg.lines, stdout)
	} else {
		err = sortAndReport(ctx, cfg, "numbers", numbers(cfg.n, cfg.seed), stdout)
	}
	return cli.Ended(ctx, "mergesort", err, stderr)
}

// numbers makes n numbers, the same for the same seed.
func numbers(n int, seed uint64) []int {
	random := rand.New(rand.NewPCG(seed, 0))
	data := make([]int, n)
	for i := range data {
		data[i] = random.Int()
	}
	return data
}

// sortAndReport sorts data twice, on a pool and by slices.Sort, and compares.
func sortAndReport[E cmp.Ordered](ctx context.Context, cfg config, what string, data []E, stdout io.Writer) error {
	want := slices.Clone(data)

	start := time.Now()
	err := sortOnPool(ctx, data, cfg.cutoff, pool.WithName("mergesort"), pool.WithWorkers(cfg.workers), pool.WithQueue(cfg.queue))
	onPool := time.Since(start)
	if err != nil {
		return err
	}

	start = time.Now()
	slices.Sort(want)
	alone := time.Since(start)
	if err := check(data, want); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "sorted %d %s: as slices.Sort does\n", len(data), what)
	if cfg.compare {
		fmt.Fprintf(stdout, "pool        %v with %d workers\nslices.Sort %v\npool / slices.Sort: %.3f\n",
			onPool.Round(time.Microsecond), cfg.workers, alone.Round(time.Microsecond), onPool.Seconds()/alone.Seconds())
	}
	if cfg.output == "" {
		return nil
	}
	return write(cfg.output, data)
}

// check says where the two differ.
func check[E cmp.Ordered](got, want []E) error {
	for i := range want {
		if got[i] != want[i] {
			return fmt.Errorf("wrong at place %d: %v, slices.Sort has %v", i, got[i], want[i])
		}
	}
	return nil
}

// write writes one element a line.
func write[E cmp.Ordered](name string, data []E) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(f)
	for _, e := range data {
		fmt.Fprintln(out, e)
	}
	return errors.Join(out.Flush(), f.Close())
}

// maxWorkers is less than a pool can have, and maxQueue is a queue of some hundred MB.
const (
	maxWorkers = 1 << 16
	maxQueue   = 1 << 20
)

// parse reads the flags and the file. Its error is one line; flag.ErrHelp comes with the text to
// print instead.
func parse(args []string) (cfg config, help string, err error) {
	var text strings.Builder
	flags := flag.NewFlagSet("mergesort", flag.ContinueOnError)
	flags.SetOutput(&text)
	flags.Usage = func() {
		fmt.Fprintln(&text, "usage: mergesort [flags] [FILE]")
		fmt.Fprintln(&text, "Sorts the lines of FILE, or else generated numbers, by fork and join on a pool.")
		flags.PrintDefaults()
	}
	flags.IntVar(&cfg.n, "n", 2_000_000, "how many numbers, if there is no FILE")
	flags.Uint64Var(&cfg.seed, "seed", 1, "what the numbers are generated from")
	flags.IntVar(&cfg.workers, "workers", runtime.GOMAXPROCS(0), "how many parts are sorted at a time")
	flags.IntVar(&cfg.queue, "queue", 1024, "how many parts may wait in the pool's queue")
	flags.IntVar(&cfg.cutoff, "cutoff", 1<<15, "parts up to this length are sorted without further tasks")
	flags.BoolVar(&cfg.compare, "compare", false, "print the times of the pool and of slices.Sort")
	flags.StringVar(&cfg.output, "o", "", "write what was sorted to this file, one a line")

	if err := flags.Parse(args); err != nil {
		return cfg, text.String(), err
	}
	switch {
	case cfg.n < 0:
		err = fmt.Errorf("-n %d: must not be negative", cfg.n)
	case cfg.workers < 1 || cfg.workers > maxWorkers:
		err = fmt.Errorf("-workers %d: must be 1 to %d", cfg.workers, maxWorkers)
	case cfg.queue < 1 || cfg.queue > maxQueue:
		err = fmt.Errorf("-queue %d: must be 1 to %d", cfg.queue, maxQueue)
	case cfg.cutoff < 1:
		err = fmt.Errorf("-cutoff %d: must be at least 1", cfg.cutoff)
	case flags.NArg() > 1:
		err = fmt.Errorf("one file, after the flags; got %q", flags.Args())
	case flags.NArg() == 1:
		cfg.file = true
		cfg.lines, err = readLines(flags.Arg(0))
	}
	return cfg, "", err
}

func readLines(name string) ([]string, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		lines = append(lines, strings.TrimRight(line, "\r\n"))
	}
	return lines, nil
}
