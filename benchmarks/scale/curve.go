// Package scale measures curves: how a cost grows with the producers, the workers, the queue,
// the tasks or the depth, and what a pool costs that starts, waits or has nothing to do.
package scale

import (
	"fmt"
	"slices"
	"time"

	"github.com/forebay-go/forebay/benchmarks/contend"
)

// A Curve is one cost over one number.
type Curve struct {
	Name       string // in tables, and in -only after "scale-"
	Doc        string // one sentence for the vocabulary
	Axis       string // what x counts
	Unit       string // what a value is
	Xs         []int  // ascending
	Contenders []string

	// grows says that one step takes longer in proportion to x, and once that a measurement is
	// one step, however short that is.
	grows, once bool
	// step is the least n at x; nil is 1.
	step func(x int) int
	// measure is a value from n steps' worth of work, after a warm-up.
	measure func(c contend.Contender, x, n int) (float64, error)
}

// A Point is one contender at one x, ready to be measured.
type Point struct {
	Curve     *Curve
	Contender contend.Contender
	X, N      int
}

// Measure returns one value.
func (p Point) Measure() (float64, error) { return p.Curve.measure(p.Contender, p.X, p.N) }

// limit is how many times longer than others a point may take which is one step.
const limit = 40

// Plan returns the points of contender c. Each takes about target, unless one step takes
// longer; a target of 0 is one step for each. What grows, and going by the point before would
// take more than limit times the target, is left out without having been tried. skip is called
// with the reason, for each x that has no point.
func (v *Curve) Plan(c contend.Contender, target time.Duration, skip func(x int, why contend.Cannot)) ([]Point, error) {
	var points []Point
	var step time.Duration // of the point before
	last := 0
	for _, x := range v.Xs {
		if v.grows && target > 0 && step*time.Duration(x/max(1, last)) > limit*target {
			skip(x, contend.Cannot(fmt.Sprintf("left out: one step would take more than %d times as long as other measurements", limit)))
			continue
		}
		n, took, err := v.calibrate(c, x, target)
		if why, ok := err.(contend.Cannot); ok {
			skip(x, why)
			continue
		}
		if err != nil {
			return nil, err
		}
		points = append(points, Point{Curve: v, Contender: c, X: x, N: n})
		step, last = took, x
	}
	return points, nil
}

// calibrate returns the n that takes about target, and how long one step takes. Times are of
// the whole measurement, as the warm-up and the collection are a part of the budget too.
func (v *Curve) calibrate(c contend.Contender, x int, target time.Duration) (n int, step time.Duration, err error) {
	least := 1
	if v.step != nil {
		least = v.step(x)
	}
	for n = least; ; n *= 4 {
		start := time.Now()
		if _, err := v.measure(c, x, n); err != nil {
			return 0, 0, err
		}
		took := time.Since(start)
		step = took / time.Duration(n/least)
		switch {
		case v.once || target <= 0 || took > target:
			return n, step, nil
		case took > target/4:
			return max(1, int(float64(n/least)*float64(target)/float64(took))) * least, step, nil
		}
	}
}

// Does says whether the curve has a contender.
func (v *Curve) Does(name string) bool { return slices.Contains(v.Contenders, name) }

// All returns the curves. smoke makes them small. window is how long the pools of idle-cpu
// have nothing to do.
func All(smoke bool, window time.Duration) []*Curve {
	curves := slices.Concat(throughput(smoke), nested(), startup(), waiting(), idle(window))
	if smoke {
		for _, v := range curves {
			v.Xs = v.Xs[:min(2, len(v.Xs))]
		}
	}
	return curves
}

// four are the pools whose constructor and submit every curve can use: ours, what one writes
// by hand, the rival with a queue and the rival without.
var four = []string{"forebay", "channel", "ants", "pond"}
