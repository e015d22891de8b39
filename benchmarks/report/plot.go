package report

import (
	"errors"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/forebay-go/forebay/benchmarks/record"
)

// The colours stand out on white and on a dark page alike; there is no background.
var (
	ink    = color.RGBA{0x80, 0x88, 0x92, 0xff}  // text and lines
	faint  = color.NRGBA{0x80, 0x88, 0x92, 0x50} // grid
	others = color.RGBA{0x8a, 0x93, 0x9e, 0xff}
	pale   = color.NRGBA{0x8a, 0x93, 0x9e, 0x90} // bars, so that their whiskers show
	ours   = color.RGBA{0x1f, 0x9e, 0xd8, 0xff}
	// lines are for the curves of rivals.
	lines = []color.RGBA{
		{0xe0, 0x7b, 0x39, 0xff},
		{0x4c, 0xa8, 0x5a, 0xff},
		{0xb0, 0x6f, 0xc9, 0xff},
		{0xd6, 0x5a, 0x7c, 0xff},
		{0x9a, 0x8f, 0x2e, 0xff},
		{0x3f, 0xa3, 0xa0, 0xff},
		{0xa0, 0x70, 0x50, 0xff},
		{0x70, 0x80, 0xd0, 0xff},
		{0x8a, 0x93, 0x9e, 0xff},
	}
)

// Plots draws throughput.svg, latency.svg, grain.svg and scale.svg into dir. What the run has
// no numbers for is left out.
func Plots(f *record.File, dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	return errors.Join(
		grid(filepath.Join(dir, "throughput.svg"), 2, throughput(f)),
		grid(filepath.Join(dir, "latency.svg"), 1, latencies(f)),
		grid(filepath.Join(dir, "grain.svg"), 1, grain(f)),
		grid(filepath.Join(dir, "scale.svg"), 2, scaling(f)),
	)
}

func newPlot(title string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	sans := font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(10)}
	p.Title.Text = title
	for _, style := range []*draw.TextStyle{
		&p.Title.TextStyle, &p.X.Label.TextStyle, &p.Y.Label.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label, &p.Legend.TextStyle,
	} {
		style.Color, style.Font = ink, sans
	}
	p.Title.TextStyle.Font.Size = vg.Points(11)
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.LineStyle.Color, axis.Tick.LineStyle.Color = ink, ink
	}
	return p
}

// bars is a horizontal bar for each contender, the fastest on top, with a whisker over its quartiles.
func bars(title string, cells []record.Cell) (*plot.Plot, error) {
	cells = slices.Clone(cells)
	slices.SortFunc(cells, func(a, b record.Cell) int {
		if record.Median(a.Ns) > record.Median(b.Ns) {
			return -1
		}
		return 1
	})
	p := newPlot(title)
	var labels []string
	whiskers := whiskers{}
	for i, c := range cells {
		labels = append(labels, c.Contender)
		bar, err := plotter.NewBarChart(plotter.Values{record.Median(c.Ns)}, vg.Points(9))
		if err != nil {
			return nil, err
		}
		bar.Horizontal, bar.XMin, bar.LineStyle.Width, bar.Color = true, float64(i), 0, pale
		if c.Contender == subject {
			bar.Color = ours
		}
		p.Add(bar)
		whiskers.XYs = append(whiskers.XYs, plotter.XY{X: record.Median(c.Ns), Y: float64(i)})
		m := record.Median(c.Ns)
		whiskers.XErrors = append(whiskers.XErrors, struct{ Low, High float64 }{
			m - record.Quantile(c.Ns, 0.25), record.Quantile(c.Ns, 0.75) - m,
		})
	}
	errs, err := plotter.NewXErrorBars(whiskers)
	if err != nil {
		return nil, err
	}
	errs.LineStyle.Color, errs.CapWidth = ink, vg.Points(4)
	p.Add(errs)
	p.NominalY(labels...)
	p.X.Min = 0
	return p, nil
}

type whiskers struct {
	plotter.XYs
	plotter.XErrors
}

func throughput(f *record.File) (plots []*plot.Plot) {
	for _, w := range f.Works {
		if !slices.Contains(short, w.Name) {
			continue
		}
		var cells []record.Cell
		for _, c := range f.Cells {
			if c.Work == w.Name && c.Ran() {
				cells = append(cells, c)
			}
		}
		if len(cells) == 0 {
			continue
		}
		if p, err := bars(w.Name+": ns for each "+w.Op, cells); err == nil {
			plots = append(plots, p)
		}
	}
	return plots
}

// latencies is a plot for each load: for each contender a line from p50 to p99.9 until settled.
func latencies(f *record.File) (plots []*plot.Plot) {
	for _, l := range f.Loads {
		var rows []record.Latency
		for _, x := range f.Latencies {
			if x.Load == l.Name && x.Cannot == "" && x.Count > 0 {
				rows = append(rows, x)
			}
		}
		if len(rows) == 0 {
			continue
		}
		slices.SortFunc(rows, func(a, b record.Latency) int { return int(b.Settled.P99 - a.Settled.P99) })
		p := newPlot("latency, " + l.Name + ": submit until settled, p50 - p99 - p99.9, µs")
		var labels []string
		for i, x := range rows {
			labels = append(labels, x.Contender)
			var dots plotter.XYs
			for _, q := range quantiles {
				dots = append(dots, plotter.XY{X: max(0.1, float64(q.of(x.Settled))/1e3), Y: float64(i)})
			}
			line, points, err := plotter.NewLinePoints(dots)
			if err != nil {
				continue
			}
			line.Color, points.Color = others, others
			if x.Contender == subject {
				line.Color, points.Color = ours, ours
			}
			line.Width, points.Radius, points.Shape = vg.Points(2), vg.Points(3.5), draw.CircleGlyph{}
			p.Add(line, points)
		}
		p.NominalY(labels...)
		p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, decades{}
		p.X.Min, p.X.Max = math.Pow(10, math.Floor(math.Log10(p.X.Min))), math.Pow(10, math.Ceil(math.Log10(p.X.Max)))
		p.Y.Min, p.Y.Max = -0.5, float64(len(rows))-0.5
		g := plotter.NewGrid()
		g.Horizontal.Width, g.Vertical.Color = 0, faint
		p.Add(g)
		plots = append(plots, p)
	}
	return plots
}

// decades are the ticks of a logarithmic axis, without a million zeros.
type decades struct{}

func (decades) Ticks(lo, hi float64) (ticks []plot.Tick) {
	for e := math.Floor(math.Log10(lo)); e <= math.Ceil(math.Log10(hi)); e++ {
		ticks = append(ticks, plot.Tick{Value: math.Pow(10, e), Label: num(math.Pow(10, e))})
	}
	return ticks
}

// grain is the time for tasks of growing length, over the ideal.
func grain(f *record.File) []*plot.Plot {
	p := newPlot("tasks of real work: time over the ideal (1 is all processors at work, hand-over free)")
	p.X.Label.Text = "ideal ns for each task"
	rivals := 0
	for _, c := range f.Contenders {
		var dots plotter.XYs
		for _, w := range f.Works {
			ideal := record.Median(f.Ideals[w.Name])
			if cell := f.Cell(w.Name, c.Name); ideal >= 100 && w.Name != "sleep" && cell.Ran() {
				dots = append(dots, plotter.XY{X: ideal, Y: record.Median(cell.Ns) / ideal})
			}
		}
		if len(dots) == 0 {
			continue
		}
		line, points, err := plotter.NewLinePoints(dots)
		if err != nil {
			continue
		}
		line.Width, points.Radius, points.Shape = vg.Points(1.2), vg.Points(2.5), draw.CircleGlyph{}
		if c.Name == subject {
			line.Color, points.Color, line.Width = ours, ours, vg.Points(3)
		} else {
			line.Color, points.Color = lines[rivals%len(lines)], lines[rivals%len(lines)]
			rivals++
		}
		p.Add(line, points)
		p.Legend.Add(c.Name, line)
	}
	if p.X.Min > p.X.Max {
		return nil
	}
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, decades{}
	p.X.Min, p.X.Max = math.Pow(10, math.Floor(math.Log10(p.X.Min))), math.Pow(10, math.Ceil(math.Log10(p.X.Max)))
	p.Y.Min = min(1, p.Y.Min)
	g := plotter.NewGrid()
	g.Vertical.Color, g.Horizontal.Color = faint, faint
	p.Add(g)
	p.Legend.Top = true
	return []*plot.Plot{p}
}

// grid writes plots below and beside each other into one file, or none if there is none.
func grid(name string, columns int, plots []*plot.Plot) error {
	if len(plots) == 0 {
		return nil
	}
	rows := (len(plots) + columns - 1) / columns
	width, height := vg.Points(720), vg.Points(190)*vg.Length(rows)
	if len(plots) == 1 {
		height = vg.Points(320)
	}
	canvas := vgsvg.New(width, height)
	tiles := draw.Tiles{Rows: rows, Cols: columns, PadX: vg.Points(14), PadY: vg.Points(12), PadTop: vg.Points(4), PadLeft: vg.Points(6), PadRight: vg.Points(10)}
	dc := draw.New(canvas)
	for i, p := range plots {
		p.Draw(tiles.At(dc, i%columns, i/columns))
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	_, err = canvas.WriteTo(file)
	return errors.Join(err, file.Close())
}
