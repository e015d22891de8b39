package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/forebay-go/forebay/benchmarks/contend"
	"github.com/forebay-go/forebay/benchmarks/record"
	"github.com/forebay-go/forebay/benchmarks/scale"
)

// A stop is one x of one curve: its contenders have their turn one after the other, as at a
// work.
type stop []*point

type point struct {
	scale.Point
	at int // index into file.Points
}

// curves has all stops, and those that are to come in the current pass, in random order. A
// pass goes on over several rounds: there are many points, and some take long.
type curves struct {
	all, next []stop
	passes    int
}

// share is what the curves take of the time of all rounds.
const share = 0.3

func (r *runner) planCurves(ctx context.Context) error {
	// Half of what a work has: that many more medians come out of the share.
	each := min(75*time.Millisecond, max(10*time.Millisecond, r.each/2))
	if r.each == 0 { // nothing but curves was picked
		each = min(75*time.Millisecond, max(10*time.Millisecond, r.budget/2000))
	}
	if r.smoke {
		each = 0
	}
	began, points := time.Now(), 0
	for _, v := range scale.All(r.smoke, max(10*time.Millisecond, min(time.Second, 14*each))) {
		var stops map[int]stop
		for _, c := range append(contend.All(), scale.Nothing) {
			name := c.About().Name
			if !v.Does(name) || !r.picked.MatchString("scale-"+v.Name+"/"+name) {
				continue
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			if stops == nil {
				stops = map[int]stop{}
				r.file.Curves = append(r.file.Curves, record.Curve{Name: v.Name, Doc: v.Doc, Axis: v.Axis, Unit: v.Unit})
			}
			got, err := v.Plan(c, each, func(x int, why contend.Cannot) {
				r.file.Points = append(r.file.Points, record.Point{Curve: v.Name, Contender: name, X: x, Cannot: string(why)})
			})
			if err != nil {
				return fmt.Errorf("scale-%s/%s: %w", v.Name, name, err)
			}
			for _, p := range got {
				stops[p.X] = append(stops[p.X], &point{p, len(r.file.Points)})
				r.file.Points = append(r.file.Points, record.Point{Curve: v.Name, Contender: name, X: p.X, N: p.N})
				points++
			}
		}
		for _, x := range v.Xs { // not in the map's order: a seed is to give the same run
			if len(stops[x]) > 0 {
				r.curves.all = append(r.curves.all, stops[x])
			}
		}
	}
	r.file.PointEach = each.Round(time.Millisecond).String()
	fmt.Fprintf(os.Stderr, "bench: %d points of curves of %s, calibrated in %v\n", points, r.file.PointEach, time.Since(began).Round(time.Second))
	return nil
}

// someCurves measures stops after a round that took so long, for as long as the share allows;
// after a round of nothing, a whole pass.
func (r *runner) someCurves(ctx context.Context, round time.Duration) error {
	if len(r.works) == 0 && len(r.samples) == 0 {
		r.curves.next = nil
		for done := false; !done; done = len(r.curves.next) == 0 {
			if err := r.oneStop(ctx); err != nil {
				return err
			}
		}
		return nil
	}
	began := time.Now()
	for !r.smoke && time.Since(began) < time.Duration(float64(round)*share/(1-share)) && len(r.curves.all) > 0 {
		if err := r.oneStop(ctx); err != nil {
			return err
		}
	}
	return nil
}

// allCurves ends the first pass, if it has not ended yet, so that each point has a value.
func (r *runner) allCurves(ctx context.Context) error {
	for len(r.curves.all) > 0 && (r.curves.passes == 0 || r.curves.passes == 1 && len(r.curves.next) > 0) {
		if err := r.oneStop(ctx); err != nil {
			return err
		}
	}
	return nil
}

// oneStop measures the next stop's contenders once, in random order.
func (r *runner) oneStop(ctx context.Context) error {
	v := &r.curves
	if len(v.all) == 0 {
		return nil
	}
	if len(v.next) == 0 {
		shuffle(r.rng, v.all)
		v.next = v.all
		v.passes++
	}
	s := v.next[0]
	v.next = v.next[1:]
	shuffle(r.rng, s)
	for _, p := range s {
		if err := ctx.Err(); err != nil {
			return err
		}
		value, err := p.Measure()
		if err != nil {
			return fmt.Errorf("scale-%s/%s at %d: %w", p.Curve.Name, p.Contender.About().Name, p.X, err)
		}
		at := &r.file.Points[p.at]
		at.Values = append(at.Values, value)
	}
	return nil
}
