// Package record is the form of a results file: what cmd/bench writes and cmd/readme reads.
package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// A File is one run.
type File struct {
	Date       string // of the start, UTC
	Commit     string
	Dirty      bool // there were changes that the commit does not have
	Go         string
	Platform   string
	CPU        string
	NumCPU     int
	GOMAXPROCS int
	Command    string
	Seed       uint64
	Rounds     int
	Smoke      bool
	Each       string // what a measurement was to take

	Contenders []Contender
	Works      []Named
	Loads      []Named
	Ways       []Named

	Cells     []Cell
	Ideals    map[string][]float64 // by work; ns per op, one for each round
	Latencies []Latency
	Memory    []Memory

	Curves    []Curve `json:",omitempty"`
	Points    []Point `json:",omitempty"`
	PointEach string  `json:",omitempty"` // what a measurement of a point was to take

	Toolchains []Toolchain `json:",omitempty"` // of cmd/anchors
}

// A Toolchain is what an anchor was built with, or why it was not.
type Toolchain struct {
	Anchor, Version string
	Skipped         string `json:",omitempty"`
	Debian          string // the packages to get it
}

// A Contender with the version that ran.
type Contender struct{ Name, Module, Version, Use string }

// Named is a work, a load or a way to wait, with its sentence for the vocabulary. Op is what
// a work's numbers are per.
type Named struct{ Name, Doc, Op string }

// A Cell is one contender at one work: per op, one number for each round. Where Cannot is
// set there are none.
type Cell struct {
	Work, Contender   string
	Cannot            string `json:",omitempty"`
	N                 int    `json:",omitempty"`
	Ns, Allocs, Bytes []float64
	// Ns of Forebay in a process for each trial, in the usual build and built with a profile.
	Alone, Profiled []float64 `json:",omitempty"`
}

// Quantiles are of a latency, in ns.
type Quantiles struct{ P50, P99, P999, Max int64 }

// A Latency is one contender under one load, over all rounds.
type Latency struct {
	Load, Contender string
	Cannot          string `json:",omitempty"`
	Count           int64
	Start, Settled  Quantiles
}

// A Memory is what each of Tasks waiting tasks takes.
type Memory struct {
	Way, Contender string
	Cannot         string `json:",omitempty"`
	Tasks          int
	Bytes          float64
}

// A Curve is a cost over a number, with its sentence for the vocabulary.
type Curve struct{ Name, Doc, Axis, Unit string }

// A Point is one contender at one x of a curve: one value for each time that it was measured,
// N steps at a time. Where Cannot is set there are none.
type Point struct {
	Curve, Contender string
	X                int
	Cannot           string `json:",omitempty"`
	N                int    `json:",omitempty"`
	Values           []float64
}

// Read reads a results file.
func Read(name string) (*File, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var f File
	return &f, json.Unmarshal(data, &f)
}

// Write writes a results file.
func (f *File) Write(name string) error {
	data, err := json.MarshalIndent(f, "", "\t")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, append(data, '\n'), 0o666)
}

// ErrNone: the folder has no results file.
var ErrNone = errors.New("no results file")

// Newest returns the name of the newest results file in dir, or ErrNone: their names begin with the
// date.
func Newest(dir string) (string, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return "", err
	}
	if len(names) == 0 {
		return "", fmt.Errorf("%w in %s", ErrNone, dir)
	}
	return slices.Max(names), nil
}

// Cell returns the cell of a work and a contender, nil if it did not run.
func (f *File) Cell(work, contender string) *Cell {
	for i, c := range f.Cells {
		if c.Work == work && c.Contender == contender {
			return &f.Cells[i]
		}
	}
	return nil
}

// Ran says whether there are numbers.
func (c *Cell) Ran() bool { return c != nil && len(c.Ns) > 0 }

// Quantile returns the q-quantile, 0 to 1, of v, between its neighbours; of nothing 0.
func Quantile(v []float64, q float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Clone(v)
	slices.Sort(v)
	at := q * float64(len(v)-1)
	i := int(at)
	if i+1 == len(v) {
		return v[i]
	}
	return v[i] + (at-float64(i))*(v[i+1]-v[i])
}

// Median returns the median of v.
func Median(v []float64) float64 { return Quantile(v, 0.5) }
