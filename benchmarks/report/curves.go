package report

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/forebay-go/forebay/benchmarks/record"
)

// curves is the section about the curves, "" if the run has none.
func curves(f *record.File) string {
	if len(f.Curves) == 0 {
		return ""
	}
	var b, all strings.Builder
	var n notes
	fewest, most := timesMeasured(f)
	fmt.Fprintf(&b, "\n### Scaling\n\nMedians. Each point was measured %s times, for about %s or for one step where that takes longer. **Bold** is the least in the column.\n\n",
		span(fewest, most), f.PointEach)
	t := newTable("curve", "contender", "x", "median", "quartiles", "min .. max", "steps measured at a time", "times")
	for _, v := range f.Curves {
		fmt.Fprintf(&b, "**%s**, %s: %s.\n\n%s\n", v.Name, v.Unit, v.Doc, curveTable(f, v, &n))
		for _, p := range f.Points {
			if p.Curve == v.Name && len(p.Values) > 0 {
				t.add(p.Curve, p.Contender, thousands(float64(p.X)), num(record.Median(p.Values)), quartiles(p.Values, num),
					num(record.Quantile(p.Values, 0))+" .. "+num(record.Quantile(p.Values, 1)), thousands(float64(p.N)), strconv.Itoa(len(p.Values)))
			}
		}
	}
	fmt.Fprintf(&all, "<details><summary>every point, with its quartiles and extremes</summary>\n\n%s\n</details>\n", t)
	return b.String() + n.String() + "\n![the curves, on logarithmic axes](plots/scale.svg)\n\n" + all.String()
}

func timesMeasured(f *record.File) (fewest, most int) {
	for _, p := range f.Points {
		if n := len(p.Values); n > 0 {
			most = max(most, n)
			if fewest == 0 || n < fewest {
				fewest = n
			}
		}
	}
	return fewest, most
}

func span(a, b int) string {
	if a == b {
		return strconv.Itoa(a)
	}
	return fmt.Sprintf("%d to %d", a, b)
}

// curveTable has a row for each contender and a column for each x.
func curveTable(f *record.File, v record.Curve, n *notes) string {
	var xs []int
	var contenders []string
	least := map[int]float64{}
	points := map[string]record.Point{}
	key := func(contender string, x int) string { return contender + " " + strconv.Itoa(x) }
	for _, p := range f.Points {
		if p.Curve != v.Name {
			continue
		}
		if !slices.Contains(xs, p.X) {
			xs = append(xs, p.X)
		}
		if !slices.Contains(contenders, p.Contender) {
			contenders = append(contenders, p.Contender)
		}
		points[key(p.Contender, p.X)] = p
		if m, ok := least[p.X]; len(p.Values) > 0 && p.Contender != nothing && (!ok || record.Median(p.Values) < m) {
			least[p.X] = record.Median(p.Values)
		}
	}
	slices.Sort(xs)
	columns := []string{v.Axis}
	for _, x := range xs {
		columns = append(columns, thousands(float64(x)))
	}
	t := newTable(columns...)
	for _, c := range contenders {
		row := []string{c}
		for _, x := range xs {
			p := points[key(c, x)]
			switch text := num(record.Median(p.Values)); {
			case p.Cannot != "":
				row = append(row, "-"+n.mark(p.Cannot))
			case len(p.Values) == 0:
				row = append(row, "")
			case record.Median(p.Values) == least[x] && c != nothing:
				row = append(row, "**"+text+"**")
			default:
				row = append(row, text)
			}
		}
		t.add(row...)
	}
	return t.String()
}

// nothing is the process without a pool, which is no contender.
const nothing = "nothing"

// scaling is a plot for each curve that has at least three points, on logarithmic axes. A
// contender has the same colour in all.
func scaling(f *record.File) (plots []*plot.Plot) {
	for _, v := range f.Curves {
		p := newPlot(v.Name + ": " + v.Unit)
		p.X.Label.Text = v.Axis
		xs := map[int]bool{}
		rivals := 0
		for _, c := range f.Contenders {
			colour, width := color.Color(ours), 2.5
			if c.Name != subject {
				colour, width = lines[rivals%len(lines)], 1.2
				rivals++
			}
			var dots plotter.XYs
			for _, pt := range f.Points {
				if m := record.Median(pt.Values); pt.Curve == v.Name && pt.Contender == c.Name && m > 0 {
					dots = append(dots, plotter.XY{X: float64(pt.X), Y: m})
					xs[pt.X] = true
				}
			}
			if len(dots) == 0 {
				continue
			}
			slices.SortFunc(dots, func(a, b plotter.XY) int { return int(a.X - b.X) })
			line, points, err := plotter.NewLinePoints(dots)
			if err != nil {
				continue
			}
			line.Color, points.Color, line.Width = colour, colour, vg.Points(width)
			points.Radius, points.Shape = vg.Points(2), draw.CircleGlyph{}
			p.Add(line, points)
			p.Legend.Add(c.Name, line)
		}
		if len(xs) < 3 {
			continue
		}
		p.X.Scale, p.X.Tick.Marker, p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, powers{}, plot.LogScale{}, powers{}
		p.X.Max *= math.Pow(p.X.Max/p.X.Min, 0.25) // room for the legend
		p.Y.Min, p.Y.Max = math.Pow(10, math.Floor(math.Log10(p.Y.Min))), math.Pow(10, math.Floor(math.Log10(p.Y.Max))+1)
		g := plotter.NewGrid()
		g.Vertical.Color, g.Horizontal.Color = faint, faint
		p.Add(g)
		p.Legend.Top, p.Legend.YOffs = true, vg.Points(4)
		plots = append(plots, p)
	}
	return plots
}

// powers are the powers of ten on an axis, in few letters.
type powers struct{}

func (powers) Ticks(lo, hi float64) (ticks []plot.Tick) {
	for e := int(math.Floor(math.Log10(lo))); e <= int(math.Ceil(math.Log10(hi))); e++ {
		v := math.Pow10(e)
		if v < lo*0.999 || v > hi*1.001 {
			continue
		}
		label := strconv.FormatFloat(v, 'f', -1, 64)
		for zeros, letter := range map[int]string{3: "k", 6: "M", 9: "G"} {
			if e >= zeros && e < zeros+3 {
				label = strconv.FormatFloat(v/math.Pow10(zeros), 'f', -1, 64) + letter
			}
		}
		ticks = append(ticks, plot.Tick{Value: v, Label: label})
	}
	return ticks
}
