package scale_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/forebay-go/forebay/benchmarks/contend"
	"github.com/forebay-go/forebay/benchmarks/scale"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent())
}

// TestSmoke has every contender at the first points of every curve.
func TestSmoke(t *testing.T) {
	for _, v := range scale.All(true, 10*time.Millisecond) {
		t.Run(v.Name, func(t *testing.T) {
			did := 0
			for _, c := range append(contend.All(), scale.Nothing) {
				name := c.About().Name
				if !v.Does(name) {
					continue
				}
				points, err := v.Plan(c, 0, func(x int, why contend.Cannot) {
					if name == "forebay" {
						t.Errorf("%s at %d: %v", name, x, why)
					}
				})
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
				for _, p := range points {
					got, err := p.Measure()
					if err != nil || got < 0 {
						t.Errorf("%s at %d: %v, %v", name, p.X, got, err)
					}
				}
				if len(points) > 0 {
					did++
				}
			}
			if did < 2 {
				t.Errorf("%d contenders do it, want Forebay and another", did)
			}
		})
	}
}

// TestPlan: a measurement takes about as long as wanted, and what would take far longer is
// left out, with a reason.
func TestPlan(t *testing.T) {
	for _, v := range scale.All(false, time.Millisecond) {
		if v.Name != "tasks" {
			continue
		}
		skipped := 0
		points, err := v.Plan(contend.All()[0], 100*time.Microsecond, func(int, contend.Cannot) { skipped++ })
		if err != nil || len(points) == 0 || skipped == 0 || len(points)+skipped != len(v.Xs) {
			t.Errorf("%d points and %d left out of %d, %v", len(points), skipped, len(v.Xs), err)
		}
		return
	}
	t.Error("no curve of tasks")
}
