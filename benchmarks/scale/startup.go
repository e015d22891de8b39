package scale

import (
	"runtime"
	"time"

	"github.com/forebay-go/forebay/benchmarks/contend"
)

// startup is what a pool costs that is used once.
func startup() []*Curve {
	workers := []int{1, 10, 100, 1000, 10_000}
	return []*Curve{
		{
			Name: "new", Axis: "workers", Unit: "ns for each pool", Contenders: four, Xs: workers,
			Doc: "a pool with so many workers is made; its end is not counted",
			measure: func(c contend.Contender, x, n int) (float64, error) {
				var sum time.Duration
				runtime.GC()
				pools := make([]opened, min(n, 16)) // not all at once: by hand, each is x goroutines
				for left := n; left > 0; left -= len(pools) {
					pools = pools[:min(left, len(pools))]
					start := time.Now()
					for i := range pools {
						pools[i] = open(c.About().Name, x, 0)
					}
					sum += time.Since(start)
					for _, p := range pools {
						p.end()
					}
				}
				return float64(sum) / float64(n), nil
			},
		},
		{
			Name: "first task", Axis: "workers", Unit: "ns for each pool", Contenders: four, Xs: workers,
			Doc: "a pool with so many workers is made, its first task is done, and it is closed and has joined its workers",
			measure: func(c contend.Contender, x, n int) (float64, error) {
				runtime.GC()
				done := make(chan struct{}, 1)
				start := time.Now()
				for range n {
					p := open(c.About().Name, x, 0)
					p.run(func() { done <- struct{}{} })
					<-done
					p.end()
				}
				return float64(time.Since(start)) / float64(n), nil
			},
		},
	}
}
