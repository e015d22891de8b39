package latency_test

import (
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/forebay-go/forebay/benchmarks/contend"
	"github.com/forebay-go/forebay/benchmarks/latency"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent())
}

func TestSmoke(t *testing.T) {
	for _, l := range latency.Loads() {
		t.Run(l.Name, func(t *testing.T) {
			for _, c := range contend.All() {
				p := latency.NewPair()
				err := l.Measure(c, 10*time.Millisecond, p)
				var cannot contend.Cannot
				if errors.As(err, &cannot) && c.About().Name != "forebay" {
					continue
				}
				if err != nil {
					t.Errorf("%s: %v", c.About().Name, err)
				}
				if got := p.Settled.TotalCount(); got == 0 || got != p.Start.TotalCount() {
					t.Errorf("%s: %d settled, %d started", c.About().Name, got, p.Start.TotalCount())
				}
				if start, settled := p.Start.ValueAtQuantile(50), p.Settled.ValueAtQuantile(50); start > settled {
					t.Errorf("%s: starts after %d ns, settled after %d", c.About().Name, start, settled)
				}
			}
		})
	}
}
