package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/forebay-go/forebay/examples/internal/cli"
)

// run is the program. When it returns, nothing that it started still runs.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	cfg, help, err := parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, help)
		return cli.OK
	case err != nil:
		fmt.Fprintln(stderr, "textstats:", printable(err.Error()))
		return cli.Usage
	}

	con := newConsole(ctx, stderr, cfg.root)
	out := bufio.NewWriter(stdout)
	err = report(ctx, cfg, con, out)
	if broken := out.Flush(); err == nil {
		err = broken
	}
	switch {
	case err == nil:
		return cli.OK
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "textstats: interrupted; the figures cover what was done until then")
		return cli.Interrupted
	default:
		fmt.Fprintln(stderr, "textstats:", printable(err.Error()))
		return cli.Failed
	}
}

// report counts with the pool, prints, and compares if asked to.
func report(ctx context.Context, cfg config, con *console, out *bufio.Writer) error {
	res, elapsed, err := withPool.run(ctx, cfg, con)
	if err == nil || ctx.Err() != nil {
		printResult(out, cfg, res, elapsed)
	}
	if err != nil || !cfg.compare {
		return err
	}
	// What is known is shown before the passes that take another while.
	if err := out.Flush(); err != nil {
		return err
	}
	return compare(ctx, cfg, con, res, out)
}
