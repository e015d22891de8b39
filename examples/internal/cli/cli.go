// Package cli is what the example programs have in common as programs: how they begin and how they
// end. It has nothing to do with Forebay.
package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

// Exit statuses.
const (
	OK          = 0
	Failed      = 1
	Usage       = 2
	Interrupted = 130 // what a shell makes of a death by SIGINT
)

// Main runs a program and ends the process with the status that it returns. The first interrupt ends
// ctx. From then on nobody listens, so that a second one kills the process even if a read hangs in the
// kernel, where no context reaches it.
func Main(run func(ctx context.Context, args []string, stdout, stderr io.Writer) int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// Parsed says what a program's arguments came to: help, if they asked for it, or one line about what
// is wrong with them. It reports whether the program goes on, and else with which status it ends.
func Parsed(name, help string, err error, stdout, stderr io.Writer) (status int, goOn bool) {
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, help)
		return OK, false
	case err != nil:
		fmt.Fprintf(stderr, "%s: %v\n", name, err)
		return Usage, false
	}
	return OK, true
}

// Ended returns the status of a program that has done its work, or has not, and says why.
func Ended(ctx context.Context, name string, err error, stderr io.Writer) int {
	switch {
	case err == nil:
		return OK
	case ctx.Err() != nil:
		fmt.Fprintf(stderr, "%s: interrupted\n", name)
		return Interrupted
	default:
		fmt.Fprintf(stderr, "%s: %v\n", name, err)
		return Failed
	}
}
