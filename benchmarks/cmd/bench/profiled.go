package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime/pprof"
	"strconv"
	"strings"

	"github.com/forebay-go/forebay/benchmarks/contend"
	"github.com/forebay-go/forebay/benchmarks/record"
	"github.com/forebay-go/forebay/benchmarks/work"
)

// A process has one build of a package. So Forebay as the compiler makes it with a profile of these
// works (-pgo) is measured by another build of this program, in a process for each trial; and the usual
// build beside it in one too, for a young process is another place than this one.

// measureBuilds measures Forebay at a work in a process of its own, in both builds, in either order.
func (r *runner) measureBuilds(ctx context.Context, t *trial, cell *record.Cell) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	builds := []struct {
		program string
		ns      *[]float64
	}{{self, &cell.Alone}, {r.profiled, &cell.Profiled}}
	shuffle(r.rng, builds)
	for _, b := range builds {
		answer, err := r.ask(ctx, b.program, "-trial", t.work.Name+"/"+strconv.Itoa(t.n))
		if err != nil {
			return err
		}
		ns, err := strconv.ParseFloat(answer, 64)
		if err != nil {
			return err
		}
		*b.ns = append(*b.ns, ns)
	}
	return nil
}

// ask runs a build of this program with a flag that makes it measure one thing and print it.
func (r *runner) ask(ctx context.Context, program, flag, what string) (answer string, err error) {
	cmd := exec.CommandContext(ctx, program, flag, what, "-smoke="+strconv.FormatBool(r.smoke))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", flag, what, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// printTrial is the other side: it measures Forebay once, at a work of that many steps.
func printTrial(trial string, smoke bool) error {
	name, steps, _ := strings.Cut(trial, "/")
	n, err := strconv.Atoi(steps)
	if err != nil {
		return err
	}
	for _, w := range work.All(smoke) {
		if w.Name == name {
			got, err := w.Measure(contend.All()[0], n)
			fmt.Println(got.Ns)
			return err
		}
	}
	return fmt.Errorf("no such work: %q", name)
}

// profile writes a CPU profile of f to a file, unless that is "".
func profile(file string, f func() error) error {
	if file == "" {
		return f()
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	if err = pprof.StartCPUProfile(out); err == nil {
		err = f()
		pprof.StopCPUProfile()
	}
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	return err
}
