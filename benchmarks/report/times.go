package report

import (
	"slices"

	"github.com/forebay-go/forebay/benchmarks/record"
)

// cellText is a cell of a table of times. beside is what it says in brackets, or "".
func cellText(f *record.File, work, contender string, n *notes, beside func(c *record.Cell) string) string {
	c := f.Cell(work, contender)
	switch {
	case c == nil:
		return ""
	case c.Cannot != "":
		return "-" + n.mark(c.Cannot)
	case !c.Ran():
		return ""
	}
	ns := num(record.Median(c.Ns))
	if best(f, work) == contender {
		ns = "**" + ns + "**"
	}
	if text := beside(c); text != "" {
		ns += " (" + text + ")"
	}
	return ns
}

func allocations(c *record.Cell) string { return num(record.Median(c.Allocs)) }

// best is the contender with the lowest median.
func best(f *record.File, work string) string {
	name, ns := "", 0.0
	for _, c := range f.Cells {
		if m := record.Median(c.Ns); c.Work == work && len(c.Ns) > 0 && (name == "" || m < ns) {
			name, ns = c.Contender, m
		}
	}
	return name
}

func timeTable(f *record.File, works []string) string {
	var n notes
	columns := []string{"work"}
	for _, c := range f.Contenders {
		columns = append(columns, c.Name)
	}
	profiled := slices.ContainsFunc(f.Cells, func(c record.Cell) bool { return len(c.Profiled) > 0 })
	if profiled {
		columns = append(columns, subject+", PGO")
	}
	t := newTable(columns...)
	for _, w := range works {
		row := []string{w}
		for _, c := range f.Contenders {
			row = append(row, cellText(f, w, c.Name, &n, allocations))
		}
		if profiled {
			row = append(row, profiledText(f.Cell(w, subject)))
		}
		t.add(row...)
	}
	return t.String() + "\n" + n.String()
}

// profiledText is the time of Forebay built with a profile as a part of the usual build's, where both had
// processes of their own.
func profiledText(c *record.Cell) string {
	if c == nil || len(c.Profiled) == 0 {
		return ""
	}
	return num(record.Median(c.Profiled)/record.Median(c.Alone)) + " x"
}
