// Package memory measures what tasks cost that wait in a queue.
package memory

import (
	"context"
	"runtime"
	"runtime/debug"

	"github.com/forebay-go/forebay/benchmarks/contend"
)

// Tasks is the number of tasks that wait.
const Tasks = 1_000_000

// A Way is a way to let them wait.
type Way struct {
	Name  string
	Doc   string
	Shape contend.Shape
}

// Ways returns them.
func Ways() []Way {
	return []Way{
		{"fired", "nobody awaits: Forebay's `Go`", contend.Fire},
		{"with a handle", "all the handles are kept, and counted: Forebay's `Submit`", contend.Hold},
	}
}

// Measure returns the bytes, heap and stacks, that each of n tasks takes that wait in
// contender c, whose one worker is held up. end lets them run and joins them; it takes long,
// and a process that exits need not call it. Measure wants a process of its own: a million
// goroutines leave traces in the runtime.
func (w Way) Measure(c contend.Contender, n int) (bytes float64, end func(), err error) {
	before := inUse() // the contender itself counts: a channel's buffer is its queue
	gate := make(chan struct{})
	session, err := c.Start(w.Shape, contend.Setup{
		Workers: 1, Queue: contend.Unbounded, Producers: 1,
		Fn: func(_ context.Context, arg int) (int, error) {
			<-gate
			return arg + 1, nil
		},
	})
	if err != nil {
		return 0, nil, err
	}
	// No collection in between: of a million goroutines each takes long, and changes nothing.
	percent := debug.SetGCPercent(-1)
	session.Do(0, n)
	after := inUse()
	debug.SetGCPercent(percent)
	return float64(after-before) / float64(n), func() {
		close(gate)
		session.Join()
		if session.Stop != nil {
			session.Stop()
		}
	}, nil
}

func inUse() int64 {
	runtime.GC()
	runtime.GC() // what the first one found in a sync.Pool
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
