package pool_test

import (
	"context"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// A crash ends the process, so each runs in one of its own: this test binary again, told by
// an environment variable what to do instead of the tests.

const crashEnv = "FOREBAY_CRASH"

//go:noinline
func explode(_ context.Context, v int) (int, error) { panic("boom") }

func explodeInHook() { _, _ = explode(context.Background(), 1) }

func crashingFinished(pool.TaskInfo, future.State, error) { explodeInHook() }

var crashes = map[string]func(p func(...pool.Option) *intPool){
	// Go has no handle, and there is no handler.
	"Go": func(p func(...pool.Option) *intPool) {
		_ = p().Go(context.Background(), explode, 1)
	},
	// CallerRuns runs a Go inside a task whose own panics would be recovered.
	"GoInCallerRuns": func(p func(...pool.Option) *intPool) {
		q := p(pool.WithWorkers(1), pool.WithQueue(1), pool.WithOnFull(pool.CallerRunsWhenFull))
		_, _ = q.Do(context.Background(), func(ctx context.Context, _ int) (int, error) {
			q.Submit(ctx, inc, 1)
			return 0, q.Go(ctx, explode, 1)
		}, 1)
	},
	// CallerRuns runs a Go for a caller that recovers panics, as an HTTP server does.
	"GoForRecoveringCaller": func(p func(...pool.Option) *intPool) {
		q := p(pool.WithWorkers(1), pool.WithQueue(1), pool.WithOnFull(pool.CallerRunsWhenFull))
		hold, held := make(gate), make(gate)
		q.Submit(context.Background(), func(ctx context.Context, n int) (int, error) {
			held.open()
			return hold.hold(ctx, n)
		}, 1)
		<-held
		q.Submit(context.Background(), inc, 1)
		defer func() { _ = recover() }()
		_ = q.Go(context.Background(), explode, 1)
	},
	"CrashOnPanic": func(p func(...pool.Option) *intPool) {
		handler := func(*future.PanicError) { os.Stderr.WriteString("the handler was called\n") }
		q := p(pool.WithPanicHandler(handler), pool.WithCrashOnPanic())
		q.Submit(context.Background(), explode, 1)
	},
	"CrashOnPanicGo": func(p func(...pool.Option) *intPool) {
		handler := func(*future.PanicError) { os.Stderr.WriteString("the handler was called\n") }
		_ = p(pool.WithCrashOnPanic(), pool.WithPanicHandler(handler)).Go(context.Background(), explode, 1)
	},
	// The panicking task runs inline, in the Await of another.
	"CrashOnPanicInline": func(p func(...pool.Option) *intPool) {
		q := p(pool.WithWorkers(1), pool.WithCrashOnPanic())
		q.Submit(context.Background(), func(ctx context.Context, n int) (int, error) {
			return q.Submit(ctx, explode, n).Await(ctx)
		}, 1)
	},
	"CrashOnPanicMap": func(p func(...pool.Option) *intPool) {
		_, _ = p(pool.WithCrashOnPanic()).Map(context.Background(), explode, []int{1, 2, 3})
	},
	// The task that maps runs the item, and would recover.
	"CrashOnPanicMapInATask": func(p func(...pool.Option) *intPool) {
		q := p(pool.WithWorkers(1), pool.WithCrashOnPanic())
		_, _ = q.Do(context.Background(), func(ctx context.Context, n int) (int, error) {
			defer func() { _ = recover() }()
			_, err := q.Map(ctx, explode, []int{1, 2, 3})
			return n, err
		}, 1)
	},
	// A Go that hooks follow is another kind of task.
	"GoWithHooksForRecoveringCaller": func(p func(...pool.Option) *intPool) {
		q := p(pool.WithWorkers(1), pool.WithQueue(1), pool.WithOnFull(pool.CallerRunsWhenFull), pool.WithHooks(&pool.Hooks{}))
		hold, held := make(gate), make(gate)
		q.Submit(context.Background(), func(ctx context.Context, n int) (int, error) {
			held.open()
			return hold.hold(ctx, n)
		}, 1)
		<-held
		q.Submit(context.Background(), inc, 1)
		defer func() { _ = recover() }()
		_ = q.Go(context.Background(), explode, 1)
	},
	// Hooks, on goroutines that recover.
	"CrashOnPanicInQueued": func(p func(...pool.Option) *intPool) {
		defer func() { _ = recover() }()
		q := p(pool.WithCrashOnPanic(), pool.WithHooks(&pool.Hooks{Queued: func(pool.TaskInfo) { explodeInHook() }}))
		q.Submit(context.Background(), inc, 1)
	},
	"CrashOnPanicInRejected": func(p func(...pool.Option) *intPool) {
		defer func() { _ = recover() }()
		q := p(pool.WithCrashOnPanic(), pool.WithHooks(&pool.Hooks{Rejected: func(error) { explodeInHook() }}))
		q.Submit(deadCtx(errBoom), inc, 1)
	},
	"CrashOnPanicInFinishedOfCancel": func(p func(...pool.Option) *intPool) {
		defer func() { _ = recover() }()
		q := p(pool.WithCrashOnPanic(), pool.WithHooks(&pool.Hooks{Finished: crashingFinished}), pool.WithWorkers(1))
		q.Submit(context.Background(), make(gate).hold, 1)
		q.Submit(context.Background(), inc, 1).Cancel(nil)
	},
	"CrashOnPanicInFinishedInline": func(p func(...pool.Option) *intPool) {
		q := p(pool.WithCrashOnPanic(), pool.WithHooks(&pool.Hooks{Finished: crashingFinished}), pool.WithWorkers(1))
		q.Submit(context.Background(), func(ctx context.Context, n int) (int, error) {
			defer func() { _ = recover() }()
			return q.Submit(ctx, inc, n).Await(ctx)
		}, 1)
	},
	"CrashOnPanicInStarted": func(p func(...pool.Option) *intPool) {
		q := p(pool.WithCrashOnPanic(), pool.WithHooks(&pool.Hooks{Started: func(pool.TaskInfo) { explodeInHook() }}))
		q.Submit(context.Background(), inc, 1)
	},
	"CrashOnPanicInWorkerStarted": func(p func(...pool.Option) *intPool) {
		q := p(pool.WithCrashOnPanic(), pool.WithHooks(&pool.Hooks{WorkerStarted: explodeInHook}))
		q.Submit(context.Background(), inc, 1)
	},
	"WorkerInit": func(p func(...pool.Option) *intPool) {
		q := p(pool.WithWorkerInit(func(context.Context) (context.Context, func()) {
			_, _ = explode(context.Background(), 1)
			return nil, nil
		}))
		q.Submit(context.Background(), inc, 1)
	},
}

// TestCrashChild is the process that is to crash.
func TestCrashChild(t *testing.T) {
	crash := crashes[os.Getenv(crashEnv)]
	if crash == nil {
		t.Skip("only run by tests that start a process")
	}
	go crash(func(opts ...pool.Option) *intPool { return pool.New[int, int](opts...) })
	select {} // until the crash, or -test.timeout
}

// A crashed is a child process that has ended.
type crashed struct {
	out string
	err error
}

// crashAll runs all crashes at once, once for this process: they do not depend on -cpu, and
// one crash is like the other.
var crashAll = sync.OnceValue(func() map[string]crashed {
	ended := make(map[string]crashed)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for name := range crashes {
		wg.Go(func() {
			cmd := exec.Command(os.Args[0], "-test.run=^TestCrashChild$", "-test.timeout=10s")
			cmd.Env = append(os.Environ(), crashEnv+"="+name, "GOTRACEBACK=single")
			out, err := cmd.CombinedOutput()
			mu.Lock()
			defer mu.Unlock()
			ended[name] = crashed{string(out), err}
		})
	}
	wg.Wait()
	return ended
})
