package work_test

import (
	"errors"
	"testing"

	"go.uber.org/goleak"

	"github.com/forebay-go/forebay/benchmarks/contend"
	"github.com/forebay-go/forebay/benchmarks/work"
)

// TestMain looks for goroutines that stay behind. Ants starts some by being imported, which
// is what IgnoreCurrent is for.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent())
}

// TestSmoke runs every contender at every work once, as small as it goes, so that none rots.
// Adapters check all results themselves, and panic.
func TestSmoke(t *testing.T) {
	for _, w := range work.All(true) {
		t.Run(w.Name, func(t *testing.T) {
			did := 0
			for _, c := range contend.All() {
				n := w.Unit
				if w.Fixed > 0 {
					n = w.Fixed
				}
				trial, err := w.Measure(c, n)
				var cannot contend.Cannot
				switch {
				case errors.As(err, &cannot):
					if c.About().Name == "forebay" {
						t.Errorf("forebay: %v", err)
					}
				case err != nil:
					t.Errorf("%s: %v", c.About().Name, err)
				case trial.Ns <= 0:
					t.Errorf("%s: %v ns", c.About().Name, trial.Ns)
				default:
					did++
				}
			}
			if did < 2 {
				t.Errorf("%d contenders do it, want Forebay and another", did)
			}
		})
	}
}
