package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/forebay-go/forebay/examples/internal/cli"
)

// config is what the command line asks for, checked.
type config struct {
	workers, perHost int
	rate             float64
	failFast         bool
	dir              *os.Root
}

// run is the program. When it returns, nothing that it started still runs.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	cfg, s, help, err := parse(args)
	if status, ok := cli.Parsed("mirror", help, err, stdout, stderr); !ok {
		return status
	}

	if cfg.dir != nil {
		defer cfg.dir.Close()
	}
	return cli.Ended(ctx, "mirror", mirror(ctx, cfg, s, stdout, stderr), stderr)
}

// mirror serves the site, crawls it, and prints the totals of both sides.
func mirror(ctx context.Context, cfg config, s *site, stdout, stderr io.Writer) error {
	client, stop, err := s.serve()
	if err != nil {
		return err
	}
	defer stop()
	root, err := url.Parse(s.address(0))
	if err != nil {
		return err
	}
	var hosts []string
	for n := range s.hosts {
		hosts = append(hosts, s.host(n))
	}

	c := &crawler{client: client, dir: cfg.dir, failFast: cfg.failFast}
	c.report = func(err error) { fmt.Fprintln(stderr, "mirror: failed:", err) }
	start := time.Now()
	total, err := c.crawl(ctx, cfg, hosts, root)
	elapsed := time.Since(start)

	requests, peak := s.seen()
	fmt.Fprintf(stdout, "pages    %8d (%d failed)\nbytes    %8d\nretries  %8d\n", total.pages, total.failed, total.bytes, total.retries)
	fmt.Fprintf(stdout, "requests %8d, at most %d at a time to one of %d hosts\n", requests, peak, s.hosts)
	fmt.Fprintf(stdout, "%v, %.0f pages/s\n", elapsed.Round(time.Millisecond), float64(total.pages)/elapsed.Seconds())
	return err
}

// maxWorkers is less than a pool can have, and more than there are file descriptors.
const maxWorkers = 1 << 16

// parse reads the flags. Its error is one line; flag.ErrHelp comes with the text to print instead.
func parse(args []string) (cfg config, s *site, help string, err error) {
	s = new(site)
	var text strings.Builder
	flags := flag.NewFlagSet("mirror", flag.ContinueOnError)
	flags.SetOutput(&text)
	flags.Usage = func() {
		fmt.Fprintln(&text, "usage: mirror [flags]")
		fmt.Fprintln(&text, "Serves a site of its own on loopback and fetches every page of it once.")
		flags.PrintDefaults()
	}
	flags.IntVar(&cfg.workers, "workers", 8, "how many tasks run at a time, for all hosts together")
	flags.IntVar(&cfg.perHost, "per-host", 3, "how many fetches from one host run at a time")
	flags.Float64Var(&cfg.rate, "rate", 200, "requests a second to one host; 0: no limit")
	flags.BoolVar(&cfg.failFast, "fail-fast", false, "stop at the first page that fails, with exit status 1")
	dir := flags.String("o", "", "write the pages below this folder; without it they are only counted")
	flags.IntVar(&s.pages, "pages", 300, "the site: how many pages")
	flags.IntVar(&s.hosts, "hosts", 4, "the site: on how many hosts")
	flags.IntVar(&s.fanOut, "fan-out", 5, "the site: how many new pages a page links to")
	flags.IntVar(&s.broken, "broken", 0, "the site: how many pages fail for good")
	flags.DurationVar(&s.latency, "latency", 5*time.Millisecond, "the site: how long an answer takes")

	if err := flags.Parse(args); err != nil {
		return cfg, s, text.String(), err
	}
	switch {
	case cfg.workers < 1 || cfg.workers > maxWorkers:
		err = fmt.Errorf("-workers %d: must be 1 to %d", cfg.workers, maxWorkers)
	case cfg.perHost < 1 || cfg.perHost > maxWorkers:
		err = fmt.Errorf("-per-host %d: must be 1 to %d", cfg.perHost, maxWorkers)
	case cfg.rate < 0 || math.IsNaN(cfg.rate):
		err = fmt.Errorf("-rate %v: must not be negative", cfg.rate)
	case s.pages < 1:
		err = fmt.Errorf("-pages %d: there must be at least one", s.pages)
	case s.hosts < 1:
		err = fmt.Errorf("-hosts %d: there must be at least one", s.hosts)
	case s.fanOut < 1:
		err = fmt.Errorf("-fan-out %d: must be at least 1", s.fanOut)
	case s.broken < 0 || s.broken >= s.pages:
		err = fmt.Errorf("-broken %d: must be 0 to %d, one less than the pages", s.broken, s.pages-1)
	case s.latency < 0:
		err = fmt.Errorf("-latency %v: must not be negative", s.latency)
	case flags.NArg() > 0:
		err = fmt.Errorf("no argument expected besides flags; got %q", flags.Args())
	case *dir != "":
		cfg.dir, err = folder(*dir)
	}
	if cfg.rate == 0 {
		cfg.rate = math.Inf(1)
	}
	return cfg, s, "", err
}

// folder opens a folder, and makes it if there is none.
func folder(dir string) (*os.Root, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return os.OpenRoot(dir)
}
