// Package report turns a results file into what people read. No number in it is typed.
package report

import (
	"fmt"
	"strings"

	"github.com/forebay-go/forebay/benchmarks/record"
)

// subject is the contender that all of this is about.
const subject = "forebay"

// Full is the text for the README of the benchmarks.
func Full(f *record.File) string {
	var b strings.Builder
	b.WriteString(header(f))
	b.WriteString("\n### Targets\n\nRatios of medians of this run; the quartiles are those of the ratios within each round.\n\n")
	b.WriteString(targetTable(f))
	b.WriteString("\n### Works\n\n")
	b.WriteString(vocabulary(f))
	b.WriteString("\n### Contenders\n\n")
	b.WriteString(contenders(f))
	b.WriteString("\n### Time\n\nNanoseconds for each op, and in brackets its allocations: medians. **Bold** is the fastest in the row.\n\n")
	b.WriteString(timeTable(f, names(f.Works)))
	b.WriteString("\n![the time of each contender in the works of one task](plots/throughput.svg)\n")
	b.WriteString("\n### Where a rival wins\n\n")
	b.WriteString(wins(f, true))
	if t := overheadTable(f); t != "" {
		b.WriteString("\n### Overhead\n\nWhat is added to the ideal: all workers always at work, hand-over free.\n\n" + t +
			"\n![time over the ideal, for tasks of growing length](plots/grain.svg)\n")
	}
	if len(f.Latencies) > 0 {
		b.WriteString("\n### Latency\n\n" + latencyTables(f) + "\n![latencies until settled](plots/latency.svg)\n")
	}
	if len(f.Memory) > 0 {
		b.WriteString("\n### Memory\n\n" + memoryTable(f))
	}
	b.WriteString(curves(f))
	b.WriteString("\n### Spread\n\n" + spread(f, true))
	return b.String()
}

// short are the works in the README of the library.
var short = []string{"fire", "fire-procs", "results", "batch", "ping", "fork-join", "map", "stream"}

// Short is the text for the README of the library.
func Short(f *record.File) string {
	var b strings.Builder
	var n notes
	columns := []string{"ns (allocations)"}
	columns = append(columns, short...)
	t := newTable(columns...)
	for _, c := range f.Contenders {
		row := []string{c.Name}
		for _, w := range short {
			row = append(row, cellText(f, w, c.Name, &n, allocations))
		}
		t.add(row...)
	}
	b.WriteString(t.String())
	b.WriteString("\n" + n.String())
	b.WriteString("\n" + machine(f) + "\n\n")
	b.WriteString(wins(f, false))
	return b.String()
}

func names(list []record.Named) []string {
	var s []string
	for _, n := range list {
		s = append(s, n.Name)
	}
	return s
}

func machine(f *record.File) string {
	commit := f.Commit
	if f.Dirty {
		commit += " with changes"
	}
	s := fmt.Sprintf("%s, %s, %s, %d processors, GOMAXPROCS %d, commit %s, %s: medians of %d rounds of %s for each pair.",
		f.Go, f.Platform, f.CPU, f.NumCPU, f.GOMAXPROCS, commit, f.Date[:min(10, len(f.Date))], f.Rounds, f.Each)
	if f.Rounds < 5 {
		s += " **Too few rounds to compare anything.**"
	}
	return s
}

func header(f *record.File) string {
	return machine(f) + fmt.Sprintf(" Seed %d, command `%s`.\n", f.Seed, f.Command)
}

func vocabulary(f *record.File) string {
	t := newTable("work", "of what", "an op is a")
	for _, w := range f.Works {
		t.add(w.Name, w.Doc, w.Op)
	}
	return strings.Replace(t.String(), "|---|--:|--:|", "|---|---|---|", 1)
}

func contenders(f *record.File) string {
	t := newTable("contender", "version", "how it is used")
	for _, c := range f.Contenders {
		version := "this tree"
		switch {
		case c.Module != "":
			version = "`" + c.Module + "` " + c.Version
		case c.Version != "":
			version = c.Version
		case c.Name != subject:
			version = "by hand"
		}
		t.add(c.Name, version, strings.TrimPrefix(c.Use, "by hand: "))
	}
	return strings.Replace(t.String(), "|---|--:|--:|", "|---|---|---|", 1)
}

// wins says where a rival is faster than Forebay. It is a win if the quartiles do not overlap.
func wins(f *record.File, all bool) string {
	var b strings.Builder
	works := short
	if all {
		works = names(f.Works)
	}
	for _, w := range works {
		mine := f.Cell(w, subject)
		if !mine.Ran() {
			continue
		}
		var clear, close []string
		for _, c := range f.Cells {
			if c.Work != w || c.Contender == subject || !c.Ran() {
				continue
			}
			ratio := record.Median(mine.Ns) / record.Median(c.Ns)
			if ratio <= 1 {
				continue
			}
			text := fmt.Sprintf("%s (%s against %s ns, %.2f x)", c.Contender, num(record.Median(c.Ns)), num(record.Median(mine.Ns)), ratio)
			if record.Quantile(c.Ns, 0.75) < record.Quantile(mine.Ns, 0.25) {
				clear = append(clear, text)
			} else {
				close = append(close, text)
			}
		}
		if len(clear) > 0 {
			fmt.Fprintf(&b, "- **%s**: %s faster than Forebay: %s.\n", w, isAre(clear), strings.Join(clear, ", "))
		}
		if all && len(close) > 0 {
			fmt.Fprintf(&b, "- %s: ahead within the spread: %s.\n", w, strings.Join(close, ", "))
		}
	}
	if all {
		b.WriteString(latencyWins(f))
		for _, way := range f.Ways {
			mine := findMemory(f, way.Name, subject)
			for _, m := range f.Memory {
				if mine != nil && m.Way == way.Name && m.Cannot == "" && m.Bytes < mine.Bytes {
					fmt.Fprintf(&b, "- **memory, %s**: %s takes less: %s against %s B for a waiting task.\n", way.Name, m.Contender, num(m.Bytes), num(mine.Bytes))
				}
			}
		}
	}
	if b.Len() == 0 {
		return "No rival is clearly faster in this run.\n"
	}
	if !all {
		return "Who is faster than Forebay, by more than the spread:\n\n" + b.String()
	}
	return b.String()
}

func isAre(s []string) string {
	if len(s) == 1 {
		return "one is"
	}
	return fmt.Sprintf("%d are", len(s))
}

// latencyWins says who has a latency until the result that is more than 5 % lower.
func latencyWins(f *record.File) string {
	var b strings.Builder
	for _, l := range f.Loads {
		var mine *record.Latency
		for i, x := range f.Latencies {
			if x.Load == l.Name && x.Contender == subject && x.Cannot == "" {
				mine = &f.Latencies[i]
			}
		}
		if mine == nil {
			continue
		}
		for _, q := range quantiles {
			var texts []string
			for _, x := range f.Latencies {
				if x.Load == l.Name && x.Cannot == "" && float64(q.of(x.Settled)) < 0.95*float64(q.of(mine.Settled)) {
					texts = append(texts, x.Contender+" ("+duration(q.of(x.Settled))+")")
				}
			}
			if len(texts) > 0 {
				fmt.Fprintf(&b, "- **latency, %s, %s until settled**: lower than Forebay's %s: %s.\n", l.Name, q.name, duration(q.of(mine.Settled)), strings.Join(texts, ", "))
			}
		}
	}
	return b.String()
}

// overheadTable is about works that have an ideal.
func overheadTable(f *record.File) string {
	columns := []string{"work", "ideal, ns"}
	for _, c := range f.Contenders {
		columns = append(columns, c.Name)
	}
	t := newTable(columns...)
	rows := 0
	for _, w := range f.Works {
		ideal := record.Median(f.Ideals[w.Name])
		if ideal < 100 { // of nothing everything is an overhead
			continue
		}
		row := []string{w.Name, num(ideal)}
		for _, c := range f.Contenders {
			text := ""
			if cell := f.Cell(w.Name, c.Name); cell.Ran() {
				text = fmt.Sprintf("%+.1f %%", 100*(record.Median(cell.Ns)/ideal-1))
			}
			row = append(row, text)
		}
		t.add(row...)
		rows++
	}
	if rows == 0 {
		return ""
	}
	return t.String()
}

// quantiles are the ones in tables and plots.
var quantiles = []struct {
	name string
	of   func(record.Quantiles) int64
}{
	{"p50", func(q record.Quantiles) int64 { return q.P50 }},
	{"p99", func(q record.Quantiles) int64 { return q.P99 }},
	{"p99.9", func(q record.Quantiles) int64 { return q.P999 }},
}

func latencyTables(f *record.File) string {
	var b strings.Builder
	var n notes
	for _, l := range f.Loads {
		fmt.Fprintf(&b, "**%s**: %s.\n\n", l.Name, l.Doc)
		t := newTable("contender", "until it starts: p50", "p99", "p99.9", "until settled: p50", "p99", "p99.9", "tasks")
		for _, x := range f.Latencies {
			if x.Load != l.Name {
				continue
			}
			row := []string{x.Contender}
			if x.Cannot != "" {
				t.add(append(row, "-"+n.mark(x.Cannot), "-", "-", "-", "-", "-", "-")...)
				continue
			}
			for _, side := range []record.Quantiles{x.Start, x.Settled} {
				for _, q := range quantiles {
					row = append(row, duration(q.of(side)))
				}
			}
			t.add(append(row, thousands(float64(x.Count)))...)
		}
		b.WriteString(t.String() + "\n")
	}
	return b.String() + n.String()
}

func memoryTable(f *record.File) string {
	var b strings.Builder
	var n notes
	for _, w := range f.Ways {
		fmt.Fprintf(&b, "- %s: %s.\n", w.Name, w.Doc)
	}
	columns := []string{"bytes for each waiting task"}
	for _, c := range f.Contenders {
		columns = append(columns, c.Name)
	}
	t := newTable(columns...)
	for _, w := range f.Ways {
		row := []string{w.Name}
		for _, c := range f.Contenders {
			text := ""
			for _, m := range f.Memory {
				if m.Way == w.Name && m.Contender == c.Name {
					if text = num(m.Bytes); m.Cannot != "" {
						text = "-" + n.mark(m.Cannot)
					}
				}
			}
			row = append(row, text)
		}
		t.add(row...)
	}
	return b.String() + "\n" + t.String() + "\n" + n.String()
}

// spread is every cell in full; a file of cmd/anchors has no allocations.
func spread(f *record.File, allocs bool) string {
	columns := []string{"work", "contender", "median ns", "quartiles", "min .. max", "ops measured at a time"}
	what := "quartiles and extremes"
	if allocs {
		columns = append(columns, "allocations", "bytes")
		what = "quartiles, extremes, allocations and bytes"
	}
	t := newTable(columns...)
	for _, c := range f.Cells {
		if !c.Ran() {
			continue
		}
		row := []string{
			c.Work, c.Contender, num(record.Median(c.Ns)), quartiles(c.Ns, num),
			num(record.Quantile(c.Ns, 0)) + " .. " + num(record.Quantile(c.Ns, 1)), thousands(float64(c.N)),
		}
		if allocs {
			row = append(row, num(record.Median(c.Allocs)), num(record.Median(c.Bytes)))
		}
		t.add(row...)
	}
	return "<details><summary>every pair, with its " + what + "</summary>\n\n" + t.String() + "\n</details>\n"
}

// Sections are what a README has markers for: Full or Short, and Anchors.
const (
	Bench     = "bench"
	Elsewhere = "anchors"
)

// Insert puts text between the markers of a section; ok is false if the document has none.
func Insert(doc, section, text string) (out string, ok bool) {
	begin, end := "<!-- "+section+":begin -->", "<!-- "+section+":end -->"
	head, rest, ok := strings.Cut(doc, begin)
	if !ok {
		return doc, false
	}
	_, tail, ok := strings.Cut(rest, end)
	if !ok {
		return doc, false
	}
	return head + begin + "\n" + text + end + tail, true
}
