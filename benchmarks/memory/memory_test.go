package memory_test

import (
	"errors"
	"testing"

	"go.uber.org/goleak"

	"github.com/forebay-go/forebay/benchmarks/contend"
	"github.com/forebay-go/forebay/benchmarks/memory"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent())
}

func TestSmoke(t *testing.T) {
	for _, w := range memory.Ways() {
		t.Run(w.Name, func(t *testing.T) {
			for _, c := range contend.All() {
				bytes, end, err := w.Measure(c, 2000)
				var cannot contend.Cannot
				if errors.As(err, &cannot) && c.About().Name != "forebay" {
					continue
				}
				if err != nil {
					t.Errorf("%s: %v", c.About().Name, err)
					continue
				}
				end()
				t.Logf("%s: %.0f B", c.About().Name, bytes)
			}
		})
	}
}
