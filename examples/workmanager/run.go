package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/forebay-go/forebay/examples/internal/cli"
)

// run is the program. When it returns, nothing that it started still runs.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	e, both, help, err := parse(args)
	if status, ok := cli.Parsed("workmanager", help, err, stdout, stderr); !ok {
		return status
	}

	fmt.Fprintf(stdout, "%d jobs of %v on %d workers, ideal %v\n", e.jobs, e.sleep, e.workers, e.ideal())
	onPool := e.onPool(ctx)
	printOutcome(stdout, "pool", e, onPool)
	if onPool.done == e.jobs && both {
		bare := e.onGoroutines(ctx)
		printOutcome(stdout, "goroutines", e, bare)
		if bare.done == e.jobs {
			fmt.Fprintf(stdout, "pool / goroutines: %.5f\n", onPool.total.Seconds()/bare.total.Seconds())
		}
	}
	if ctx.Err() != nil {
		fmt.Fprintln(stderr, "workmanager: interrupted")
		return cli.Interrupted
	}
	return cli.OK
}

func printOutcome(w io.Writer, name string, e experiment, o outcome) {
	total := o.total.Round(10 * time.Microsecond)
	if o.done < e.jobs {
		fmt.Fprintf(w, "%-10s  %d of %d jobs in %v\n", name, o.done, e.jobs, total)
		return
	}
	over := o.total - e.ideal()
	fmt.Fprintf(w, "%-10s  total %v, overhead %v (%.3f%%)\n",
		name, total, over.Round(10*time.Microsecond), 100*over.Seconds()/e.ideal().Seconds())
}

// maxWorkers is less than a pool can have.
const maxWorkers = 1 << 16

// parse reads the flags. Its error is one line; flag.ErrHelp comes with the text to print instead.
func parse(args []string) (e experiment, both bool, help string, err error) {
	var text strings.Builder
	flags := flag.NewFlagSet("workmanager", flag.ContinueOnError)
	flags.SetOutput(&text)
	flags.Usage = func() {
		fmt.Fprintln(&text, "usage: workmanager [flags]")
		fmt.Fprintln(&text, "Runs jobs that sleep on a pool, and prints the time above the ideal.")
		flags.PrintDefaults()
	}
	flags.IntVar(&e.jobs, "jobs", 10000, "how many jobs")
	flags.IntVar(&e.workers, "workers", 10, "how many of them at a time")
	flags.DurationVar(&e.sleep, "sleep", 100*time.Millisecond, "how long each job sleeps")
	flags.BoolVar(&both, "compare", false, "do the same sleeps on bare goroutines too, and print the ratio")

	if err := flags.Parse(args); err != nil {
		return e, both, text.String(), err
	}
	switch {
	case e.jobs < 1:
		err = fmt.Errorf("-jobs %d: there must be at least one", e.jobs)
	case e.workers < 1 || e.workers > maxWorkers:
		err = fmt.Errorf("-workers %d: must be 1 to %d", e.workers, maxWorkers)
	case e.sleep <= 0:
		err = fmt.Errorf("-sleep %v: must be above zero", e.sleep)
	case flags.NArg() > 0:
		err = fmt.Errorf("no argument expected besides flags; got %q", flags.Args())
	}
	return e, both, "", err
}
