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
	"github.com/forebay-go/forebay/benchmarks/work"
)

// A process has one build of a package. So Forebay as the compiler makes it with a profile of these
// works (-pgo) is measured by another build of this program, in a process for each trial.

// measureProfiled is what that process found, ns per op. The runner has its program.
func (r *runner) measureProfiled(ctx context.Context, t *trial) (ns float64, err error) {
	trial := t.work.Name + "/" + strconv.Itoa(t.n)
	cmd := exec.CommandContext(ctx, r.profiled, "-trial", trial, "-smoke="+strconv.FormatBool(r.smoke))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err == nil {
		ns, err = strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	}
	if err != nil {
		return 0, fmt.Errorf("%s -trial %s: %w", r.profiled, trial, err)
	}
	return ns, nil
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
	if err := pprof.StartCPUProfile(out); err != nil {
		return err
	}
	err = f()
	pprof.StopCPUProfile()
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	return err
}
