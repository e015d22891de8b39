package report_test

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/forebay-go/forebay/benchmarks/record"
	"github.com/forebay-go/forebay/benchmarks/report"
)

// run is a small run in which Forebay loses ping.
func run() *record.File {
	cell := func(work, contender string, ns ...float64) record.Cell {
		allocs := make([]float64, len(ns))
		return record.Cell{Work: work, Contender: contender, N: 10, Ns: ns, Allocs: allocs, Bytes: allocs}
	}
	return &record.File{
		Date: "2026-01-01T00:00:00Z", Commit: "abc", Rounds: 3,
		Contenders: []record.Contender{{Name: "forebay"}, {Name: "goroutine"}, {Name: "conc", Module: "m", Version: "v1"}},
		Works:      []record.Named{{Name: "ping", Op: "task"}, {Name: "fork-join", Op: "fork"}, {Name: "cpu-10us", Op: "task"}},
		Loads:      []record.Named{{Name: "light"}},
		Ways:       []record.Named{{Name: "fired"}},
		Cells: []record.Cell{
			cell("ping", "forebay", 99, 100, 101), cell("ping", "goroutine", 49, 50, 51),
			{Work: "ping", Contender: "conc", Cannot: "has no handle"},
			cell("fork-join", "forebay", 5, 5, 5), cell("fork-join", "goroutine", 100, 90, 110),
			{Work: "fork-join", Contender: "conc", Cannot: "deadlocks"},
			cell("cpu-10us", "forebay", 5100, 5200, 5300), cell("cpu-10us", "conc", 6000, 6000, 6000),
		},
		Ideals: map[string][]float64{"cpu-10us": {5000, 5000, 5000}},
		Latencies: []record.Latency{
			{Load: "light", Contender: "forebay", Count: 5, Settled: record.Quantiles{P50: 1000, P99: 2000, P999: 3000}},
			{Load: "light", Contender: "goroutine", Count: 5, Settled: record.Quantiles{P50: 500, P99: 2000, P999: 3000}},
		},
		Curves: []record.Curve{{Name: "depth", Doc: "a chain", Axis: "levels", Unit: "ns for each level"}},
		Points: []record.Point{
			{Curve: "depth", Contender: "forebay", X: 1, N: 9, Values: []float64{400, 410, 420}},
			{Curve: "depth", Contender: "forebay", X: 10, N: 9, Values: []float64{200}},
			{Curve: "depth", Contender: "forebay", X: 1000, N: 1, Values: []float64{250, 260}},
			{Curve: "depth", Contender: "goroutine", X: 1, N: 9, Values: []float64{300}},
			{Curve: "depth", Contender: "goroutine", X: 10, N: 9, Values: []float64{500}},
			{Curve: "depth", Contender: "goroutine", X: 1000, Cannot: "left out: too long"},
		},
		PointEach: "75ms",
		Memory:    []record.Memory{{Way: "fired", Contender: "forebay", Tasks: 1e6, Bytes: 40}, {Way: "fired", Contender: "goroutine", Tasks: 1e6, Bytes: 2700}},
	}
}

func TestFull(t *testing.T) {
	text := report.Full(run())
	for _, want := range []string{
		"Too few rounds", "**missed**", "met, and the goal", // 2.0 for ping, 0.1 for fork-join
		"**ping**: one is faster than Forebay: goroutine (50 against 100 ns, 2.00 x)",
		"-<sup>1</sup>", "<sup>1</sup> has no handle", "<sup>2</sup> deadlocks",
		"| cpu-10us | 5,000 | +4.0 % |", "**latency, light, p50 until settled**", "| fired | 40 | 2,700 |",
		"**depth**, ns for each level: a chain.", "| levels | 1 | 10 | 1,000 |", "| forebay | 410 | **200** | **255** |",
		"| goroutine | **300** | 500 | -<sup>1</sup> |", "<sup>1</sup> left out: too long", "measured 1 to 3 times, for about 75ms",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
}

func TestShort(t *testing.T) {
	text := report.Short(run())
	for _, want := range []string{"| forebay | ", "**50** (0)", "**ping**: one is faster"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
}

// Forebay built with a profile has a column of its own if it was measured, and takes no part otherwise.
func TestFull_Profiled(t *testing.T) {
	if text := report.Full(run()); strings.Contains(text, "PGO") {
		t.Errorf("a column for what was not measured:\n%s", text)
	}
	f := run()
	f.Cells[0].Alone, f.Cells[0].Profiled = []float64{70, 80, 90}, []float64{30, 40, 50} // of ping: it would win
	text := report.Full(f)
	for _, want := range []string{"| conc | forebay, PGO |", "| 0.50 x |", "**ping**: one is faster than Forebay: goroutine"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
}

// anchorRun is a run in which Forebay loses fork-join to the JDK, and there is no Rust.
func anchorRun() *record.File {
	f := run()
	f.Loads, f.Ways, f.Ideals, f.Latencies, f.Memory = nil, nil, nil, nil, nil
	f.Contenders = []record.Contender{{Name: "forebay"}, {Name: "ForkJoinPool", Version: "JDK 17"}, {Name: "ThreadPoolExecutor", Version: "JDK 17"}}
	f.Works = f.Works[:2]
	f.Cells = []record.Cell{
		{Work: "ping", Contender: "forebay", Ns: []float64{400, 500, 600}},
		{Work: "ping", Contender: "ForkJoinPool", Ns: []float64{20_000, 19_000, 21_000}},
		{Work: "fork-join", Contender: "forebay", Ns: []float64{90, 90, 90}},
		{Work: "fork-join", Contender: "ForkJoinPool", Ns: []float64{60, 60, 60}},
		{Work: "fork-join", Contender: "ThreadPoolExecutor", Cannot: "deadlocks"},
	}
	f.Toolchains = []record.Toolchain{
		{Anchor: "jdk", Version: "openjdk 17", Debian: "default-jdk-headless"},
		{Anchor: "rust", Skipped: "no cargo", Debian: "cargo"},
	}
	return f
}

func TestAnchors(t *testing.T) {
	text := report.Anchors(anchorRun())
	for _, want := range []string{
		"- jdk: openjdk 17\n", "- rust: **skipped**: no cargo. On Debian: `apt-get install cargo`.",
		"| forebay | **500** | 90 |", "| ForkJoinPool | 20,000 (0.03) | **60** (1.5) |", "| ThreadPoolExecutor |  | -<sup>1</sup> |",
		"**fork-join**: one is faster than Forebay: ForkJoinPool (60 against 90 ns, 1.50 x)", "| ForkJoinPool | JDK 17 |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	if text := report.Anchors(nil); !strings.Contains(text, "No run") {
		t.Errorf("without a run: %q", text)
	}
}

func TestInsert(t *testing.T) {
	const other = "<!-- anchors:begin -->\nkept\n<!-- anchors:end -->\n"
	doc := other + "a\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nb\n"
	got, ok := report.Insert(doc, report.Bench, "new\n")
	if want := other + "a\n<!-- bench:begin -->\nnew\n<!-- bench:end -->\nb\n"; got != want || !ok {
		t.Errorf("got %q, %v, want %q", got, ok, want)
	}
	if got, ok := report.Insert("no markers", report.Bench, "new"); ok || got != "no markers" {
		t.Errorf("without markers: got %q, %v", got, ok)
	}
}

func TestPlots(t *testing.T) {
	dir := t.TempDir()
	if err := report.Plots(run(), dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"throughput.svg", "latency.svg", "grain.svg", "scale.svg"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := xml.Unmarshal(data, new(struct{})); err != nil || !strings.Contains(string(data), "forebay") {
			t.Errorf("%s: %v, or Forebay is not in it", name, err)
		}
	}
}
