package scale

import (
	"context"
	"runtime"

	"github.com/forebay-go/forebay/benchmarks/contend"
	"github.com/forebay-go/forebay/future"
)

// waiting is the memory of what is not over yet. Package memory has that of a million tasks for
// all contenders, without a bound; here the queue has just the room.
func waiting() []*Curve {
	counts := []int{1000, 10_000, 100_000, 1_000_000}
	handles := []string{"forebay", "channel", "ants", "pond"}
	return []*Curve{
		{
			Name: "queued tasks", Axis: "tasks", Unit: "bytes for each", Contenders: handles, Xs: counts, grows: true, once: true,
			Doc:     "heap of a queue with room for so many tasks, and of the tasks in it; nobody awaits",
			measure: held(contend.Fire),
		},
		{
			Name: "queued futures", Axis: "tasks", Unit: "bytes for each", Contenders: handles, Xs: counts, grows: true, once: true,
			Doc:     "the same with a handle of each task, which is kept: Forebay's `Submit`",
			measure: held(contend.Hold),
		},
		{
			Name: "promises", Axis: "promises", Unit: "bytes for each", Contenders: handles[:2], Xs: counts, grows: true, once: true,
			Doc: "heap of so many results that are still to come, without a pool: Forebay's `NewPromise` with its future, and a channel with room for a value and an error",
			measure: func(c contend.Contender, x, _ int) (float64, error) {
				if c.About().Name == "forebay" {
					return grown(x, future.NewPromise[int]), nil
				}
				return grown(x, func() chan future.Result[int] { return make(chan future.Result[int], 1) }), nil
			},
		},
	}
}

// held returns what measures tasks that wait behind one worker, which is held up.
func held(shape contend.Shape) func(c contend.Contender, x, n int) (float64, error) {
	return func(c contend.Contender, x, _ int) (float64, error) {
		if c.About().Name == "ants" {
			return 0, contend.Cannot("has no queue")
		}
		before := heap()
		gate, taken := make(chan struct{}), make(chan struct{}, 1)
		s, err := c.Start(shape, contend.Setup{
			Workers: 1, Queue: x, Producers: 1,
			Fn: func(_ context.Context, arg int) (int, error) {
				if arg == 0 {
					taken <- struct{}{}
					<-gate
				}
				return arg + 1, nil
			},
		})
		if err != nil {
			return 0, err
		}
		if shape == contend.Fire {
			s.Do(0, 1)
			<-taken
			s.Do(1, x) // all of which wait
		} else {
			s.Do(0, x) // one call, as the handles are the call's; one runs
			<-taken
		}
		bytes := heap() - before
		close(gate)
		s.Join()
		if s.Stop != nil {
			s.Stop()
		}
		return float64(bytes) / float64(x), nil
	}
}

// grown is the heap that each of x values of a kind takes, the slot that points to it not
// counted.
func grown[E any](x int, create func() E) float64 {
	kept := make([]E, x)
	before := heap()
	for i := range kept {
		kept[i] = create()
	}
	bytes := heap() - before
	runtime.KeepAlive(kept)
	return float64(bytes) / float64(x)
}

func heap() int64 {
	runtime.GC()
	runtime.GC() // what the first one found in a sync.Pool
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// inUse is the heap and the stacks.
func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
