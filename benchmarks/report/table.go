package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/forebay-go/forebay/benchmarks/record"
)

// A table is markdown; columns but the first are numbers, and stand on the right.
type table struct{ b strings.Builder }

func newTable(columns ...string) *table {
	t := &table{}
	t.add(columns...)
	t.b.WriteString("|---|")
	for range columns[1:] {
		t.b.WriteString("--:|")
	}
	t.b.WriteString("\n")
	return t
}

func (t *table) add(cells ...string) {
	t.b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

func (t *table) String() string { return t.b.String() }

// notes collects footnotes: the same text is the same number.
type notes struct {
	texts []string
}

func (n *notes) mark(text string) string {
	for i, t := range n.texts {
		if t == text {
			return fmt.Sprintf("<sup>%d</sup>", i+1)
		}
	}
	n.texts = append(n.texts, text)
	return fmt.Sprintf("<sup>%d</sup>", len(n.texts))
}

func (n *notes) String() string {
	var b strings.Builder
	for i, t := range n.texts {
		if i > 0 {
			b.WriteString("<br>\n")
		}
		fmt.Fprintf(&b, "<sup>%d</sup> %s", i+1, t)
	}
	if len(n.texts) > 0 {
		b.WriteString("\n")
	}
	return b.String()
}

// num is v with about three digits.
func num(v float64) string {
	switch a := math.Abs(v); {
	case a < 0.005:
		return "0"
	case a < 1:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case a < 10:
		return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
	}
	return thousands(v)
}

// thousands is v without a fraction, with commas.
func thousands(v float64) string {
	s := strconv.FormatInt(int64(math.Round(v)), 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func quartiles(v []float64, form func(float64) string) string {
	return form(record.Quantile(v, 0.25)) + " .. " + form(record.Quantile(v, 0.75))
}

// duration is ns nanoseconds in the unit that fits.
func duration(ns int64) string {
	switch v := float64(ns); {
	case v < 1e3:
		return num(v) + " ns"
	case v < 1e6:
		return num(v/1e3) + " µs"
	default:
		return num(v/1e6) + " ms"
	}
}
