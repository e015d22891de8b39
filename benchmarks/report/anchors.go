package report

import (
	"fmt"
	"strings"

	"github.com/forebay-go/forebay/benchmarks/record"
)

// Anchors is the text about pools of other languages, from a file of cmd/anchors; nil is none.
func Anchors(f *record.File) string {
	if f == nil {
		return "No run is recorded here: `make bench-anchors` does one, and `make bench-readme` writes it down.\n"
	}
	var b strings.Builder
	b.WriteString(header(f) + "\n")
	for _, t := range f.Toolchains {
		if t.Skipped != "" {
			fmt.Fprintf(&b, "- %s: **skipped**: %s. On Debian: `apt-get install %s`.\n", t.Anchor, t.Skipped, t.Debian)
		} else {
			fmt.Fprintf(&b, "- %s: %s\n", t.Anchor, t.Version)
		}
	}
	b.WriteString("\nNanoseconds for each op, and in brackets Forebay's time over it: medians, and ratios of them. " +
		"**Bold** is the fastest in the column.\n\n")
	b.WriteString(anchorTable(f))
	b.WriteString("\n" + strings.Replace(wins(f, true), "No rival", "Nobody", 1))
	b.WriteString("\n" + contenders(f))
	b.WriteString("\n" + spread(f, false))
	return b.String()
}

// anchorTable has a row for each contender, since they are more than the works.
func anchorTable(f *record.File) string {
	var n notes
	t := newTable(append([]string{"contender"}, names(f.Works)...)...)
	for _, c := range f.Contenders {
		row := []string{c.Name}
		for _, w := range f.Works {
			row = append(row, cellText(f, w.Name, c.Name, &n, func(c *record.Cell) string {
				mine := f.Cell(w.Name, subject)
				if c == mine || !mine.Ran() {
					return ""
				}
				return num(record.Median(mine.Ns) / record.Median(c.Ns))
			}))
		}
		t.add(row...)
	}
	return t.String() + "\n" + n.String()
}
