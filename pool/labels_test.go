package pool_test

import (
	"bytes"
	"context"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/forebay-go/forebay/pool"
)

// labelProbe returns the profiler labels of its own goroutine, as the goroutine profile
// prints them: "" if there are none.
//
//go:noinline
func labelProbe() string {
	var buf bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&buf, 1); err != nil {
		return err.Error()
	}
	for stack := range strings.SplitSeq(buf.String(), "\n\n") {
		if !strings.Contains(stack, "pool_test.labelProbe") {
			continue
		}
		for line := range strings.SplitSeq(stack, "\n") {
			if labels, ok := strings.CutPrefix(line, "# labels: "); ok {
				return labels
			}
		}
		return ""
	}
	return "labelProbe is not in the profile:\n" + buf.String()
}

const turbine = `{"pool":"turbine"}`

// labelled runs f with a profiler label of its own, that nothing of ours may inherit.
func labelled(f func(ctx context.Context)) {
	pprof.Do(context.Background(), pprof.Labels("request", "secret"), f)
}

// A worker has the pool's name as its only label, whoever started it.
func TestLabels(t *testing.T) {
	var got string
	probe := func(context.Context, int) (int, error) { // writes got, and the submitter waits
		got = labelProbe()
		return 0, nil
	}
	exit := func(ctx context.Context, n int) (int, error) {
		labelled(func(context.Context) { runtime.Goexit() })
		return n, nil
	}
	for _, tt := range []struct {
		name string
		opts []pool.Option
		act  func(p *intPool)
		want string
	}{
		{"started by Submit", nil, func(p *intPool) { _, _ = p.Do(context.Background(), probe, 0) }, turbine},
		{"started by a labelled Submit", nil, func(p *intPool) {
			labelled(func(ctx context.Context) { _, _ = p.Do(ctx, probe, 0) })
		}, turbine},
		{"started by a labelled Go", nil, func(p *intPool) {
			labelled(func(ctx context.Context) { _ = p.Go(ctx, probe, 0) })
			_ = p.Close()
		}, turbine},
		{"started by another pool's worker", nil, func(p *intPool) {
			other := pool.New[int, int](pool.WithName("other"))
			defer other.Close()
			_, _ = other.Do(context.Background(), func(ctx context.Context, n int) (int, error) { return p.Do(ctx, probe, n) }, 0)
		}, turbine},
		{"replaced by a labelled task that exited", nil, func(p *intPool) {
			_, _ = p.Do(context.Background(), exit, 0)
			_, _ = p.Do(context.Background(), probe, 0)
		}, turbine},
		{"started beside a labelled awaiter", nil, func(p *intPool) {
			_, _ = p.Do(context.Background(), func(ctx context.Context, n int) (int, error) {
				sooner, cancel := context.WithCancel(ctx)
				defer cancel()
				labelled(func(context.Context) { _, _ = p.Submit(ctx, probe, n).Await(sooner) })
				return n, nil
			}, 0)
		}, turbine},
		{"started by a labelled Resize", nil, func(p *intPool) {
			hold := make(gate)
			p.Submit(context.Background(), hold.hold, 0)
			f := p.Submit(context.Background(), probe, 0)
			labelled(func(context.Context) { p.Resize(2) })
			_, _ = f.Await(context.Background())
			hold.open()
		}, turbine},
		{"without a name", options(pool.WithName("")), func(p *intPool) {
			labelled(func(ctx context.Context) { _, _ = p.Do(ctx, probe, 0) })
		}, ""},
		{"in WithWorkerInit", options(pool.WithWorkerInit(func(ctx context.Context) (context.Context, func()) {
			got = labelProbe()
			return ctx, nil
		})), func(p *intPool) { _, _ = p.Do(context.Background(), inc, 0) }, turbine},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := pool.New[int, int](append(options(pool.WithWorkers(1), pool.WithName("turbine")), tt.opts...)...)
			got = "the probe did not run"
			tt.act(p)
			_ = p.Close()
			if got != tt.want {
				t.Errorf("the worker's labels are %q, want %q", got, tt.want)
			}
		})
	}
}

// The caller keeps its own labels when it runs a task.
func TestLabels_CallersStay(t *testing.T) {
	p := pool.New[int, int](pool.WithName("turbine"))
	defer p.Close()
	labelled(func(ctx context.Context) {
		_, _ = p.Do(ctx, inc, 1)
		if got := labelProbe(); got != `{"request":"secret"}` {
			t.Errorf("the submitter's labels are %q after Do, want its own", got)
		}
	})
}
