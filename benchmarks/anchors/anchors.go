// Package anchors builds and drives the programs in its folders: pools of other languages at
// some of our works, so that a ratio to them comes from one session on one machine.
//
// A program gets the number of its workers as an argument. It first says what it holds, in lines
// of words with tabs between, and then that it is ready:
//
//	contender	NAME	VERSION	HOW IT IS USED
//	cannot	NAME	WORK	WHY
//	ready
//
// After that it answers each line "NAME WORK N" with the nanoseconds of N steps of that work. As
// in package work, it starts the pool and warms it up before the clock runs, a task is arg+1, a
// step of fork-join is a whole fib(25), and a wrong result ends the program. It ends with its input.
// How many steps, how often and in which order is decided here, for all languages in one way.
package anchors

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Works are the works that a program does, by their names in package work.
var Works = []string{"fire", "results", "ping", "fork-join"}

// An Anchor is one program and its toolchain.
type Anchor struct {
	Name   string // of its folder, too
	Debian string // the packages that it needs
	needs  []string
	also   func(crates string) string            // what else is missing, or ""
	build  func(dir, out, crates string) command // from the folder dir into the folder out
	run    func(out string) command
}

type command = []string

// All returns the anchors.
func All() []Anchor {
	return []Anchor{
		{
			Name: "jdk", Debian: "default-jdk-headless", needs: []string{"javac", "java"},
			build: func(dir, out, _ string) command {
				return command{"javac", "-d", out, filepath.Join(dir, "Anchors.java")}
			},
			run: func(out string) command { return command{"java", "-cp", out, "Anchors"} },
		},
		{
			Name: "rust", Debian: "cargo librust-rayon-dev librust-tokio-dev", needs: []string{"cargo", "rustc"},
			also: func(crates string) string { return noCrate(crates, "rayon", "tokio") },
			build: func(dir, out, crates string) command {
				return command{
					"cargo", "build", "--quiet", "--release", "--offline",
					"--config", `source.crates-io.replace-with="here"`,
					"--config", fmt.Sprintf("source.here.directory=%q", crates),
					"--manifest-path", filepath.Join(dir, "Cargo.toml"), "--target-dir", out,
				}
			},
			run: func(out string) command { return command{filepath.Join(out, "release", "anchors")} },
		},
		{
			Name: "tbb", Debian: "g++ libtbb-dev", needs: []string{"c++"}, also: noTBB,
			build: func(dir, out, _ string) command {
				return command{"c++", "-std=c++17", "-O2", "-o", filepath.Join(out, "anchors"), filepath.Join(dir, "anchors.cpp"), "-ltbb"}
			},
			run: func(out string) command { return command{filepath.Join(out, "anchors")} },
		},
	}
}

// noCrate says which of the crates is not in a folder as Debian's packages or cargo vendor make it.
func noCrate(crates string, names ...string) string {
	for _, name := range names {
		one, _ := filepath.Glob(filepath.Join(crates, name, "Cargo.toml"))
		versioned, _ := filepath.Glob(filepath.Join(crates, name+"-[0-9]*", "Cargo.toml"))
		if len(one)+len(versioned) == 0 {
			return fmt.Sprintf("no crate %s in %s", name, crates)
		}
	}
	return ""
}

func noTBB(string) string {
	c := exec.Command("c++", "-E", "-x", "c++", "-")
	c.Stdin = strings.NewReader("#include <oneapi/tbb/version.h>\n")
	if c.Run() != nil {
		return "no oneapi/tbb/version.h"
	}
	return ""
}

// Missing says what of the toolchain is not on this machine, or "". crates is the folder with
// the sources of Rust's crates.
func (a Anchor) Missing(crates string) string {
	for _, name := range a.needs {
		if _, err := exec.LookPath(name); err != nil {
			return "no " + name
		}
	}
	if a.also != nil {
		return a.also(crates)
	}
	return ""
}

// Version is what the toolchain says of itself.
func (a Anchor) Version() string {
	for _, flag := range []string{"--version", "-version"} {
		if text, err := exec.Command(a.needs[len(a.needs)-1], flag).Output(); err == nil {
			line, _, _ := strings.Cut(string(text), "\n")
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// Build builds the program below out from the sources below src, which stay as they are: cargo
// would write its lock file among them.
func (a Anchor) Build(ctx context.Context, src, out, crates string) error {
	dir := filepath.Join(out, a.Name+"-src")
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(src, a.Name))); err != nil {
		return err
	}
	target := filepath.Join(out, a.Name)
	if err := os.MkdirAll(target, 0o777); err != nil {
		return err
	}
	args := a.build(dir, target, crates)
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s: build: %w", a.Name, err)
	}
	return nil
}

// Start starts the program that Build made below out.
func (a Anchor) Start(ctx context.Context, out string, workers int) (*Program, error) {
	args := append(a.run(filepath.Join(out, a.Name)), strconv.Itoa(workers))
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	answers, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", a.Name, err)
	}
	p, err := Talk(in, answers)
	p.wait = c.Wait
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.Name, errors.Join(err, p.Close()))
	}
	return p, nil
}

// A Contender is a pool that a program holds.
type Contender struct {
	Name, Version, Use string
	Cannot             map[string]string // by work: why not
}

// A Program is ready for one question at a time.
type Program struct {
	Contenders []Contender
	in         io.WriteCloser
	out        *bufio.Scanner
	wait       func() error
}

// Talk returns the program at the other end of in and out once it is ready; it is not nil with an error.
func Talk(in io.WriteCloser, out io.Reader) (*Program, error) {
	p := &Program{in: in, out: bufio.NewScanner(out), wait: func() error { return nil }}
	return p, p.hello()
}

// hello reads until the program is ready.
func (p *Program) hello() error {
	for p.out.Scan() {
		switch words := strings.Split(p.out.Text(), "\t"); {
		case words[0] == "contender" && len(words) == 4:
			p.Contenders = append(p.Contenders, Contender{words[1], words[2], words[3], map[string]string{}})
		case words[0] == "cannot" && len(words) == 4:
			i := slices.IndexFunc(p.Contenders, func(c Contender) bool { return c.Name == words[1] })
			if i < 0 {
				return fmt.Errorf("cannot before contender: %q", p.out.Text())
			}
			p.Contenders[i].Cannot[words[2]] = words[3]
		case words[0] == "ready" && len(words) == 1:
			return nil
		default:
			return fmt.Errorf("neither contender nor cannot nor ready: %q", p.out.Text())
		}
	}
	return p.ended()
}

// Measure returns the nanoseconds of n steps.
func (p *Program) Measure(contender, work string, n int) (float64, error) {
	if _, err := fmt.Fprintf(p.in, "%s %s %d\n", contender, work, n); err != nil {
		return 0, err
	}
	if !p.out.Scan() {
		return 0, p.ended()
	}
	ns, err := strconv.ParseFloat(p.out.Text(), 64)
	if err == nil && ns <= 0 {
		err = fmt.Errorf("%v ns are not a measurement", ns)
	}
	return ns, err
}

// ended is why there is no line.
func (p *Program) ended() error {
	if err := p.out.Err(); err != nil {
		return err
	}
	return io.ErrUnexpectedEOF
}

// Close ends the program and returns when it is gone.
func (p *Program) Close() error {
	return errors.Join(p.in.Close(), p.wait())
}
