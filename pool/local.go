package pool

import (
	"context"
	"sync/atomic"

	"github.com/forebay-go/forebay/internal/frame"
	"github.com/forebay-go/forebay/internal/promise"
	"github.com/forebay-go/forebay/internal/sched"
)

// A local is what a worker keeps for itself. It outlives the worker's goroutine, and is
// used by the next, so there are as many as there ever were workers at once.
type local struct {
	_     [128]byte
	ended tally
	lag   uint64          // tasks without a future that succeeded and are not in ended yet
	links frame.Links     // for tasks without a future
	ctx   context.Context // WithWorkerInit: whose values the tasks see
	stop  func()
	_     [128]byte
}

// maxLag is how many ended tasks a busy worker may be behind in Stats. Nobody can tell when
// a task without a future has ended, so its count need not be seen at once, and an atomic
// addition a task is a tenth of the cost of an empty one.
const maxLag = 64

// add counts a task without a future.
func (l *local) add(s promise.State) {
	if s != promise.Succeeded {
		l.ended.add(s)
		return
	}
	if l.lag++; l.lag == maxLag {
		l.publish()
	}
}

// publish makes what was counted visible.
func (l *local) publish() {
	if l.lag > 0 {
		l.ended[promise.Succeeded].Add(l.lag)
		l.lag = 0
	}
}

// local returns what belongs to w.
func (c *crew) local(w *sched.Worker) *local {
	if w.Local == nil {
		l := new(local)
		w.Local = l
		c.mu.Lock()
		c.locals = append(c.locals, l)
		c.mu.Unlock()
	}
	return w.Local.(*local)
}

// A counter counts the end of tasks.
type counter interface{ add(promise.State) }

// A tally counts tasks by the state that they ended in.
type tally [promise.Dropped + 1]atomic.Uint64

func (t *tally) add(s promise.State) { t[s].Add(1) }
