package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// config is what the command line asks for, checked.
type config struct {
	root     string
	workers  int
	top      int
	failFast bool
	compare  bool
	rounds   int
}

// maxWorkers is more than any machine has use for, and less than a pool can have.
const maxWorkers = 1 << 16

// parse reads the flags and looks at the folder. Its error is one line, fit for stderr;
// flag.ErrHelp comes with the text to print instead.
func parse(args []string) (cfg config, help string, err error) {
	var text strings.Builder
	flags := flag.NewFlagSet("textstats", flag.ContinueOnError)
	flags.SetOutput(&text)
	flags.Usage = func() {
		fmt.Fprintln(&text, "usage: textstats [flags] DIR")
		fmt.Fprintln(&text, "Counts lines, words and distinct words of every text file below DIR.")
		flags.PrintDefaults()
	}
	flags.IntVar(&cfg.workers, "workers", runtime.GOMAXPROCS(0), "how many files are read at a time")
	flags.IntVar(&cfg.top, "top", 20, "how many of the most frequent words are printed")
	flags.BoolVar(&cfg.failFast, "fail-fast", false, "stop at the first file that would be skipped, with exit status 1")
	flags.BoolVar(&cfg.compare, "compare", false, "do the same work sequentially and with errgroup, and print the ratios")
	flags.IntVar(&cfg.rounds, "rounds", 3, "passes of each engine with -compare; the best one counts")

	if err := flags.Parse(args); err != nil {
		return cfg, text.String(), err
	}
	switch {
	case cfg.workers < 1 || cfg.workers > maxWorkers:
		err = fmt.Errorf("-workers %d: must be 1 to %d", cfg.workers, maxWorkers)
	case cfg.top < 0:
		err = fmt.Errorf("-top %d: must not be negative", cfg.top)
	case cfg.rounds < 1:
		err = fmt.Errorf("-rounds %d: there must be at least one", cfg.rounds)
	case flags.NArg() == 0:
		err = errors.New("no folder given; usage: textstats [flags] DIR")
	case flags.NArg() > 1:
		err = fmt.Errorf("one folder, after the flags; got %q", flags.Args())
	default:
		cfg.root, err = folder(flags.Arg(0))
	}
	return cfg, "", err
}

// folder returns the path to walk. A link given by name is meant to be followed, unlike those
// that the walk meets, and a walk does not follow its own root.
func folder(dir string) (string, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return "", plain(err)
	}
	if !info.IsDir() {
		return "", fmt.Errorf("%s: not a folder", dir)
	}
	if link, err := os.Lstat(dir); err == nil && link.Mode()&fs.ModeSymlink != 0 {
		return filepath.EvalSymlinks(dir)
	}
	return dir, nil
}
