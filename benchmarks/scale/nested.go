package scale

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/forebay-go/forebay/benchmarks/contend"
	"github.com/forebay-go/forebay/pool"
)

// nested is a chain of tasks, each of which submits the next and awaits it: all of them are
// begun before the first ends.
func nested() []*Curve {
	return []*Curve{{
		Name: "depth", Axis: "levels", Unit: "ns for each level", grows: true,
		Contenders: []string{"forebay", "channel", "goroutine", "ants", "pond"},
		Doc:        "a chain of tasks, each submits the next and awaits it; a goroutine and a channel for each level by hand",
		Xs:         []int{1, 10, 100, 1000, 10_000},
		measure: func(c contend.Contender, x, n int) (float64, error) {
			chain, end, err := newChain(c)
			if err != nil {
				return 0, err
			}
			defer end()
			chain(x) // the stack is as deep as it gets from here on
			runtime.GC()
			start := time.Now()
			for range n {
				if got := chain(x); got != x {
					return 0, fmt.Errorf("a chain of %d levels: got %d", x, got)
				}
			}
			return float64(time.Since(start)) / float64(n*x), nil
		},
	}}
}

// newChain returns a function that runs a chain of so many levels, and counts them.
func newChain(c contend.Contender) (chain func(levels int) int, end func(), err error) {
	ctx := context.Background()
	switch c.About().Name {
	case "forebay":
		p := pool.New[int, int](pool.WithWorkers(runtime.GOMAXPROCS(0)))
		var next pool.Func[int, int]
		next = func(ctx context.Context, left int) (int, error) {
			if left == 1 {
				return 1, nil
			}
			n, err := p.Submit(ctx, next, left-1).Await(ctx)
			return n + 1, err
		}
		return func(levels int) int {
			n, err := p.Submit(ctx, next, levels).Await(ctx)
			must(err)
			return n
		}, func() { must(p.Close()) }, nil
	case "goroutine":
		return goChain, func() {}, nil
	}
	// Who cannot fork cannot do this, for the same reason.
	if _, err = c.Start(contend.Fork, contend.Setup{Workers: 1, Queue: 1, Producers: 1}); err == nil {
		err = contend.Cannot("has no chain here")
	}
	return nil, nil, err
}

func goChain(levels int) int {
	out := make(chan int, 1)
	go func() {
		if levels == 1 {
			out <- 1
		} else {
			out <- goChain(levels-1) + 1
		}
	}()
	return <-out
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
