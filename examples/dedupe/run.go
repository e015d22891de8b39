package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"go/build"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/forebay-go/forebay/examples/internal/cli"
)

// config is what the command line asks for, checked.
type config struct {
	root    string
	workers int
	atLeast int64
}

// run is the program. When it returns, nothing that it started still runs.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	cfg, help, err := parse(args)
	if status, ok := cli.Parsed("dedupe", help, err, stdout, stderr); !ok {
		return status
	}

	return cli.Ended(ctx, "dedupe", dedupe(ctx, cfg, stdout, stderr), stderr)
}

// dedupe does both stages and prints what they found.
func dedupe(ctx context.Context, cfg config, stdout, stderr io.Writer) error {
	unreadable := 0
	report := func(err error) {
		unreadable++
		fmt.Fprintln(stderr, "dedupe: skipped:", err)
	}
	start := time.Now()
	found, err := sizesOf(ctx, cfg.root, cfg.atLeast, report)
	if err != nil {
		return err
	}
	read, same, err := contentsOf(ctx, found, cfg.workers, report)
	if err != nil {
		return err
	}
	elapsed := time.Since(start)

	out := bufio.NewWriter(stdout)
	groups := groupsOf(same)
	var copies int
	var saved int64
	for _, g := range groups {
		copies += len(g.paths) - 1
		saved += g.saved()
		fmt.Fprintf(out, "%d files of %d bytes:\n", len(g.paths), g.size)
		for _, path := range g.paths {
			if name, err := filepath.Rel(cfg.root, path); err == nil {
				path = name
			}
			fmt.Fprintf(out, "  %s\n", filepath.ToSlash(path))
		}
	}
	fmt.Fprintf(out, "%d files, %d of them read, %d unreadable\n", found.files(), read, unreadable)
	fmt.Fprintf(out, "%d groups with %d copies: %d bytes could be saved\n%v\n", len(groups), copies, saved, elapsed.Round(time.Millisecond))
	return out.Flush()
}

// maxWorkers is less than a pool can have, and more than there are file descriptors.
const maxWorkers = 1 << 16

// parse reads the flags and looks at the folder. Its error is one line; flag.ErrHelp comes with the
// text to print instead.
func parse(args []string) (cfg config, help string, err error) {
	var text strings.Builder
	flags := flag.NewFlagSet("dedupe", flag.ContinueOnError)
	flags.SetOutput(&text)
	flags.Usage = func() {
		fmt.Fprintln(&text, "usage: dedupe [flags] [DIR]")
		fmt.Fprintln(&text, "Finds files of the same content below DIR, or else in the source of Go.")
		flags.PrintDefaults()
	}
	flags.IntVar(&cfg.workers, "workers", runtime.GOMAXPROCS(0), "how many files are read at a time")
	flags.Int64Var(&cfg.atLeast, "min", 1, "leave out files of fewer bytes")

	if err := flags.Parse(args); err != nil {
		return cfg, text.String(), err
	}
	cfg.root = filepath.Join(build.Default.GOROOT, "src")
	if flags.NArg() > 0 {
		cfg.root = flags.Arg(0)
	}
	switch {
	case cfg.workers < 1 || cfg.workers > maxWorkers:
		err = fmt.Errorf("-workers %d: must be 1 to %d", cfg.workers, maxWorkers)
	case cfg.atLeast < 1:
		err = fmt.Errorf("-min %d: must be at least 1", cfg.atLeast)
	case flags.NArg() > 1:
		err = fmt.Errorf("one folder, after the flags; got %q", flags.Args())
	default:
		// A link given by name is meant to be followed, unlike those that the walk meets.
		if cfg.root, err = filepath.EvalSymlinks(cfg.root); err == nil {
			_, err = os.ReadDir(cfg.root)
		}
	}
	return cfg, "", err
}
