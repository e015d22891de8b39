// Assurance writes docs/assurance.md: which test defends which law, and which field bug, and
// which check finds which mutant, read off the sources. What it cannot read is in the template.
//
//	go run ./assurance > ../../docs/assurance.md
package main

import (
	_ "embed"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
)

var (
	//go:embed template.md
	text string
	//go:embed uncovered.tsv
	uncovered string
)

// A claim is a law or a field bug, and the tests that are named after it.
type claim struct {
	Number int
	Title  string
	Tests  []string // as links

	Mutants []string // of the code that a law rests on
}

type mutant struct{ Name, File, Test string }

// restOn says which laws rest on a file, for mutants whose test does not name a law: a lost wake-up
// or a lost element is a future that never settles.
var restOn = map[string][]int{
	"internal/queue/ring.go":               {1, 4, 14},
	"internal/queue/queue.go":              {1, 4},
	"internal/queue/room.go":               {5},
	"internal/sched/sched.go":              {1, 3},
	"internal/sched/reaper.go":             {1, 17},
	"internal/sched/lend.go":               {3, 6},
	"internal/sched/resize.go":             {1, 3},
	"internal/sched/close.go":              {1, 13},
	"internal/promise/cell.go":             {1, 2, 15},
	"internal/promise/listen.go":           {1, 13},
	"internal/frame/frame.go":              {8, 14},
	"internal/frame/link.go":               {8, 14},
	"internal/frame/lend.go":               {3},
	"internal/frame/loan.go":               {3},
	"pool/team.go":                         {9},
	"pool/latch.go":                        {13},
	"pool/submit_all.go":                   {1, 8},
	"pool/weighted.go":                     {1, 4},
	"pool/share.go":                        {1, 5},
	"pool/first.go":                        {12},
	"pool/held.go":                         {1},
	"future/gather.go":                     {13},
	"internal/verify/crew_explore_test.go": {1},
	"internal/verify/room_explore_test.go": {5},
}

var lawInTest = regexp.MustCompile(`\bL(\d+)`)

// laws are those that rest on what the mutant changes.
func (m mutant) laws() (ns []int) {
	for _, l := range lawInTest.FindAllStringSubmatch(m.Test, -1) {
		n, _ := strconv.Atoi(l[1])
		ns = append(ns, n)
	}
	if len(ns) == 0 {
		return restOn[m.File]
	}
	return ns
}

// A gap is code that make cover finds uncovered, at or behind the line that has Code in it.
type gap struct{ File, Code, Reason string }

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "assurance:", err)
		os.Exit(1)
	}
}

func run() error {
	root := os.DirFS("../..")
	titles, err := lawTitles(root)
	if err != nil {
		return err
	}
	laws, bugs, err := claims(root)
	if err != nil {
		return err
	}
	for n, title := range titles {
		if laws[n] == nil {
			return fmt.Errorf("no test is named after L%d", n)
		}
		laws[n].Title = title
	}
	mutants, err := listMutants()
	if err != nil {
		return err
	}
	for i, m := range mutants {
		for _, n := range m.laws() {
			laws[n].Mutants = append(laws[n].Mutants, m.Name)
		}
		mutants[i].Test = strings.ReplaceAll(m.Test, "|", `\|`) // in a table
	}
	gaps, err := listGaps(root)
	if err != nil {
		return err
	}
	t := template.Must(template.New("").Funcs(template.FuncMap{"join": strings.Join}).Parse(text))
	return t.Execute(os.Stdout, map[string]any{"Laws": sorted(laws), "Bugs": sorted(bugs), "Mutants": mutants, "Gaps": gaps})
}

// lawTitles reads the laws' titles from DESIGN.md.
func lawTitles(root fs.FS) (map[int]string, error) {
	design, err := fs.ReadFile(root, "DESIGN.md")
	if err != nil {
		return nil, err
	}
	titles := make(map[int]string)
	for _, m := range regexp.MustCompile(`(?m)^- \*\*L(\d+) (.*?)\.?\*\*`).FindAllStringSubmatch(string(design), -1) {
		n, _ := strconv.Atoi(m[1])
		titles[n] = m[2]
	}
	return titles, nil
}

var testName = regexp.MustCompile(`(?m)^func Test(L|Field)(\d+)_(\w+)\(`)

// claims finds the tests that are named after a law or a field bug.
func claims(root fs.FS) (laws, bugs map[int]*claim, err error) {
	laws, bugs = make(map[int]*claim), make(map[int]*claim)
	err = fs.WalkDir(root, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, "_test.go") {
			return err
		}
		source, err := fs.ReadFile(root, file)
		if err != nil {
			return err
		}
		for _, m := range testName.FindAllStringSubmatch(string(source), -1) {
			n, _ := strconv.Atoi(m[2])
			of := laws
			if m[1] == "Field" {
				of = bugs
			}
			if of[n] == nil {
				of[n] = &claim{Number: n}
			}
			of[n].Tests = append(of[n].Tests, fmt.Sprintf("[%s](../%s)", m[3], path.Clean(file)))
		}
		return nil
	})
	return laws, bugs, err
}

func sorted(of map[int]*claim) (cs []*claim) {
	for _, n := range slices.Sorted(maps.Keys(of)) {
		cs = append(cs, of[n])
	}
	return cs
}

func listMutants() (ms []mutant, err error) {
	list := exec.Command("go", "run", "./mutants", "-list") // which fails if one does not fit the sources any more
	list.Stderr = os.Stderr
	out, err := list.Output()
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		ms = append(ms, mutant{f[0], f[1], f[2]})
	}
	return ms, err
}

// listGaps reads uncovered.tsv, and sees to it that the code is still there.
func listGaps(root fs.FS) (gs []gap, err error) {
	for line := range strings.Lines(uncovered) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 3 {
			return nil, fmt.Errorf("uncovered.tsv: %q has %d fields, want 3", line, len(f))
		}
		source, err := fs.ReadFile(root, f[0])
		if err != nil {
			return nil, err
		}
		if !strings.Contains(string(source), f[1]) {
			return nil, fmt.Errorf("uncovered.tsv: %s has no %q", f[0], f[1])
		}
		gs = append(gs, gap{f[0], f[1], f[2]})
	}
	return gs, nil
}
