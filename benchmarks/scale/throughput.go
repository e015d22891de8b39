package scale

import (
	"slices"

	"github.com/forebay-go/forebay/benchmarks/contend"
	"github.com/forebay-go/forebay/benchmarks/work"
)

// throughput are the curves that vary one number of a work. The method is the work's: warm-up,
// a collection, and the time from the first submit until all have run.
func throughput(smoke bool) []*Curve {
	fire, sleep := find(smoke, "fire"), find(smoke, "sleep")
	sleep.Fixed, sleep.Ideal = 0, nil
	return []*Curve{
		{
			Name: "producers", Axis: "producers", Unit: "ns for each task", Contenders: four,
			Doc: "fire, by so many producers at once; a worker for each processor",
			Xs:  []int{1, 2, 4, 8, 16, 32, 64}, step: of(fire.Unit),
			measure: vary(fire, func(s *contend.Setup, x int) { s.Producers = x }),
		},
		{
			Name: "workers", Axis: "workers", Unit: "ns for each task", Contenders: four,
			Doc: "fire, by one producer to so many workers, which have next to nothing to do; the end of the workers is inside where that is how a contender is joined",
			Xs:  []int{1, 10, 100, 1000, 10_000},
			// Enough tasks for each worker that its own end is little beside them.
			step:    func(x int) int { return max(fire.Unit, 20*x) },
			measure: vary(fire, func(s *contend.Setup, x int) { s.Workers = x }),
		},
		{
			Name: "sleepers", Axis: "workers", Unit: "ns for each task", Contenders: append(slices.Clone(four), "goroutine"),
			Doc: "tasks that sleep 1 ms on so many workers, all of them busy",
			Xs:  []int{1, 10, 100, 1000, 10_000}, step: func(x int) int { return x },
			measure: vary(sleep, func(s *contend.Setup, x int) { s.Workers = x }),
		},
		{
			Name: "queue", Axis: "room in the queue", Unit: "ns for each task", Contenders: four,
			Doc: "fire, by one producer, with room for so many tasks to wait",
			Xs:  []int{2, 16, 128, 1024, 16_384, 131_072, 1_000_000}, step: of(fire.Unit),
			measure: func(c contend.Contender, x, n int) (float64, error) {
				if c.About().Name == "ants" {
					return 0, contend.Cannot("has no queue")
				}
				return vary(fire, func(s *contend.Setup, x int) { s.Queue = x })(c, x, n)
			},
		},
		{
			Name: "tasks", Axis: "tasks", Unit: "ns for each task", Contenders: four, grows: true,
			Doc: "fire, so many tasks in one go and no more, with the end of the pool where that is how it is joined",
			Xs:  []int{1000, 10_000, 100_000, 1_000_000, 10_000_000},
			measure: func(c contend.Contender, x, n int) (float64, error) {
				sum := 0.0
				for range n {
					t, err := fire.Measure(c, x)
					if err != nil {
						return 0, err
					}
					sum += t.Ns
				}
				return sum / float64(n), nil
			},
		},
	}
}

// find returns a copy of a work.
func find(smoke bool, name string) work.Work {
	all := work.All(smoke)
	i := slices.IndexFunc(all, func(w work.Work) bool { return w.Name == name })
	return all[i]
}

func of(n int) func(int) int { return func(int) int { return n } }

// vary measures w with a number changed.
func vary(w work.Work, change func(s *contend.Setup, x int)) func(c contend.Contender, x, n int) (float64, error) {
	return func(c contend.Contender, x, n int) (float64, error) {
		w := w
		change(&w.Setup, x)
		t, err := w.Measure(c, n)
		return t.Ns, err
	}
}
