// Mutants checks the checks of package verify: it applies small mistakes to the sources, one at a
// time, and runs what has to find it.
//
//	go run ./mutants [-only regexp] [-v]
//
// The sources stay as they are: the changed file is given to go test by -overlay. Each text to
// be replaced must be there exactly once, so that a mutant cannot outlive the code that it
// changes. A mutant that survives makes the program fail. That the same tests pass without a
// mutant is for go test -tags explore to say.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/forebay-go/forebay/pool"
)

// A mutant is one mistake.
type mutant struct {
	name  string
	file  string // below the root of the module
	edits []edit
	test  string // for go test -run
	in    string // the package of the test; "": this one, with the tag explore
}

type edit struct{ old, new string }

// patience is how long a mutant may take to be found, its build included.
const patience = time.Minute

// hang is how long tests of a second or two may run before they count as stuck.
const hang = 15 * time.Second

func main() {
	only := flag.String("only", "", "run the mutants whose name matches")
	verbose := flag.Bool("v", false, "show what the tests say")
	listed := flag.Bool("list", false, "only list them: name, file, test")
	flag.Parse()
	do := func() error { return run(regexp.MustCompile(*only), *verbose) }
	if *listed {
		do = listAll
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

// listAll prints the mutants, and fails if one does not fit the sources any more.
func listAll() error {
	root, _, err := folders()
	if err != nil {
		return err
	}
	for _, m := range mutants {
		if _, err := m.apply(root); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		fmt.Printf("%s\t%s\t%s\n", m.name, m.file, strings.TrimPrefix(m.in+" "+m.test, " "))
	}
	return nil
}

// folders returns those of the module and of package verify.
func folders() (root, verify string, err error) {
	verify, err = list("-f", "{{.Dir}}", "github.com/forebay-go/forebay/internal/verify")
	return filepath.Dir(filepath.Dir(verify)), verify, err
}

// run hunts two at a time: a compiler keeps less than two processors busy.
func run(only *regexp.Regexp, verbose bool) error {
	root, verify, err := folders()
	if err != nil {
		return err
	}
	var chosen []mutant
	for _, m := range mutants {
		if only.MatchString(m.name) {
			chosen = append(chosen, m)
		}
	}
	p := pool.New[mutant, find](pool.WithWorkers(2))
	defer p.Close()
	hunt := func(_ context.Context, m mutant) (find, error) {
		start := time.Now()
		by, err := m.hunt(root, verify, verbose)
		return find{by, time.Since(start)}, err
	}
	fmt.Printf("%-58s %-58s %s\n", "mutant", "caught by", "seconds")
	var survivors []string
	for i, r := range p.StreamUnordered(context.Background(), hunt, slices.Values(chosen)) {
		m := chosen[i]
		if r.Err != nil {
			return fmt.Errorf("%s: %w", m.name, r.Err)
		}
		if r.Value.by == "" {
			survivors = append(survivors, m.name)
		}
		fmt.Printf("%-58s %-58s %.1f\n", m.name, cmp.Or(r.Value.by, "SURVIVES "+m.test), r.Value.took.Seconds())
	}
	fmt.Printf("%d of %d mutants caught\n", len(chosen)-len(survivors), len(chosen))
	if len(survivors) > 0 {
		return fmt.Errorf("not caught: %s", strings.Join(survivors, "; "))
	}
	return nil
}

// A find is the test that has found a mutant, or "", and how long that took.
type find struct {
	by   string
	took time.Duration
}

// apply returns the source with the mistake in it.
func (m *mutant) apply(root string) (source string, err error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(m.file)))
	if err != nil {
		return "", err
	}
	source = string(text)
	for _, e := range m.edits {
		if n := strings.Count(source, e.old); n != 1 {
			return "", fmt.Errorf("%s has this text %d times, not once:\n%s", m.file, n, e.old)
		}
		source = strings.Replace(source, e.old, e.new, 1)
	}
	return source, nil
}

// hunt runs the test with the mutant in place, and returns what has found it.
func (m *mutant) hunt(root, verify string, verbose bool) (by string, err error) {
	source, err := m.apply(root)
	if err != nil {
		return "", err
	}
	temp, err := os.MkdirTemp("", "mutant")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temp)
	original := filepath.Join(root, filepath.FromSlash(m.file))
	changed := filepath.Join(temp, filepath.Base(m.file))
	if err := os.WriteFile(changed, []byte(source), 0o600); err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {original: changed}})
	if err != nil {
		return "", err
	}
	overlayFile := filepath.Join(temp, "overlay.json")
	if err := os.WriteFile(overlayFile, overlay, 0o600); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	args := []string{"test", "-overlay", overlayFile, "-vet=off", "-failfast", "-run", m.test}
	if m.in == explorer {
		args = append(args, "-tags", "explore", ".", "-budget", "3")
	} else {
		// Unoptimized, because to compile the tests takes longest.
		args = append(args, "-gcflags=-N -l", "-timeout", hang.String(), "-short", "./"+m.in)
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	if cmd.Dir = verify; m.in != explorer {
		cmd.Dir = root
	}
	out, err := cmd.CombinedOutput()
	if verbose {
		fmt.Printf("%s\n", out)
	}
	failed := failure.FindAllSubmatch(out, -1)
	switch {
	case err == nil && !strings.Contains(string(out), "no tests to run"):
		return "", nil
	case len(failed) > 0:
		return string(failed[len(failed)-1][1]), nil
	case crash.Match(out):
		return "a crash, or a hang", nil
	case ctx.Err() != nil:
		return "", nil // it has not been found in time
	}
	return "", fmt.Errorf("%w\n%s", err, out)
}

// failure finds the line of a test that failed; the innermost comes last.
var failure = regexp.MustCompile(`(?m)^ *--- FAIL: (\S+)`)

// crash finds the message of a panic that was not a test's own.
var crash = regexp.MustCompile(`(?m)^(panic|fatal error): `)

func list(args ...string) (string, error) {
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	return strings.TrimSpace(string(out)), err
}
