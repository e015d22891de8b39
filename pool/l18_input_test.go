package pool_test

import (
	"context"
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// Every way to call us wrongly panics at the call, with a text that says what is wrong.
func TestL18_BadInputPanicsAtTheCall(t *testing.T) {
	var (
		nilCtx  context.Context
		ctx     = t.Context()
		options = func(opts ...pool.Option) func() { return func() { pool.New[int, int](opts...) } }
	)
	p := pool.New[int, int](pool.WithWorkers(1))
	defer p.Close()
	weighted := pool.New[int, int](pool.WithBudget(5))
	defer weighted.Close()
	arg := future.Resolved(1)
	for _, tt := range []struct {
		call string
		bad  func()
		want []string // the method, the argument, the value
	}{
		{"Submit", func() { p.Submit(nilCtx, inc, 1) }, []string{"Submit", "ctx", "nil"}},
		{"Submit", func() { p.Submit(ctx, nil, 1) }, []string{"Submit", "fn", "nil"}},
		{"TrySubmit", func() { _, _ = p.TrySubmit(nilCtx, inc, 1) }, []string{"TrySubmit", "ctx", "nil"}},
		{"TrySubmit", func() { _, _ = p.TrySubmit(ctx, nil, 1) }, []string{"TrySubmit", "fn", "nil"}},
		{"Go", func() { _ = p.Go(nilCtx, inc, 1) }, []string{"Go", "ctx", "nil"}},
		{"Go", func() { _ = p.Go(ctx, nil, 1) }, []string{"Go", "fn", "nil"}},
		{"Do", func() { _, _ = p.Do(nilCtx, inc, 1) }, []string{"Do", "ctx", "nil"}},
		{"Do", func() { _, _ = p.Do(ctx, nil, 1) }, []string{"Do", "fn", "nil"}},
		{"Shutdown", func() { _ = p.Shutdown(nilCtx) }, []string{"Shutdown", "ctx", "nil"}},
		{"Resize", func() { p.Resize(0) }, []string{"Resize", "workers is 0"}},
		{"Resize", func() { p.Resize(-3) }, []string{"Resize", "workers is -3"}},
		{"Resize", func() { p.Resize(math.MaxInt) }, []string{"Resize", "workers is " + strconv.Itoa(math.MaxInt)}},
		{"Block", func() { pool.Block(nilCtx, func() {}) }, []string{"Block", "ctx", "nil"}},
		{"Block", func() { pool.Block(ctx, nil) }, []string{"Block", "fn", "nil"}},
		{"New", options(nil), []string{"New", "option 0", "nil"}},
		{"New", options(pool.WithWorkers(1), nil), []string{"New", "option 1", "nil"}},
		{"WithWorkers", func() { pool.WithWorkers(0) }, []string{"WithWorkers", "n is 0"}},
		{"WithWorkers", func() { pool.WithWorkers(-1) }, []string{"WithWorkers", "n is -1"}},
		{"WithWorkers", func() { pool.WithWorkers(1 << 20) }, []string{"WithWorkers", "n is 1048576"}},
		{"WithQueue", func() { pool.WithQueue(0) }, []string{"WithQueue", "n is 0"}},
		{"WithQueue", func() { pool.WithQueue(-1) }, []string{"WithQueue", "n is -1"}},
		{"WithOnFull", func() { pool.WithOnFull(9) }, []string{"WithOnFull", "policy", "9"}},
		{"WithContext", func() { pool.WithContext(nilCtx) }, []string{"WithContext", "ctx", "nil"}},
		{"WithTaskTimeout", func() { pool.WithTaskTimeout(-time.Second) }, []string{"WithTaskTimeout", "d is -1s"}},
		{"WithIdleTimeout", func() { pool.WithIdleTimeout(-1) }, []string{"WithIdleTimeout", "d is -1ns"}},
		{"WithPanicHandler", func() { pool.WithPanicHandler(nil) }, []string{"WithPanicHandler", "f", "nil"}},
		{"WithWorkerInit", func() { pool.WithWorkerInit(nil) }, []string{"WithWorkerInit", "f", "nil"}},
		{"WithHooks", func() { pool.WithHooks(nil) }, []string{"WithHooks", "h", "nil"}},
		{"WithUnobserved", func() { pool.WithUnobserved(nil) }, []string{"WithUnobserved", "f", "nil"}},
		{"WithBudget", func() { pool.WithBudget(0) }, []string{"WithBudget", "n is 0"}},
		{"SubmitAfter", func() { p.SubmitAfter(nilCtx, arg, inc) }, []string{"SubmitAfter", "ctx", "nil"}},
		{"SubmitAfter", func() { p.SubmitAfter(ctx, nil, inc) }, []string{"SubmitAfter", "arg", "nil"}},
		{"SubmitAfter", func() { p.SubmitAfter(ctx, arg, nil) }, []string{"SubmitAfter", "fn", "nil"}},
		{"SubmitAll", func() { p.SubmitAll(nilCtx, inc, nil) }, []string{"SubmitAll", "ctx", "nil"}},
		{"SubmitAll", func() { p.SubmitAll(ctx, nil, nil) }, []string{"SubmitAll", "fn", "nil"}},
		{"SubmitWeighted", func() { weighted.SubmitWeighted(nilCtx, 1, inc, 1) }, []string{"SubmitWeighted", "ctx", "nil"}},
		{"SubmitWeighted", func() { weighted.SubmitWeighted(ctx, 0, inc, 1) }, []string{"SubmitWeighted", "weight is 0", "5"}},
		{"SubmitWeighted", func() { weighted.SubmitWeighted(ctx, 6, inc, 1) }, []string{"SubmitWeighted", "weight is 6", "5"}},
		{"SubmitWeighted", func() { p.SubmitWeighted(ctx, 1, inc, 1) }, []string{"SubmitWeighted", "WithBudget"}},
	} {
		text := panicText(tt.bad)
		if !strings.HasPrefix(text, "pool: ") {
			t.Errorf("%s: panicked with %q, want a text with the prefix %q", tt.call, text, "pool: ")
		}
		for _, want := range tt.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: panicked with %q, want %q in it", tt.call, text, want)
			}
		}
	}
	// Nothing came of any of it.
	wantValue(t, "a task after all the bad calls", p.Submit(ctx, inc, 1), 2)
	if s := p.Stats(); s.Accepted != 1 || s.Rejected != 0 || s.Limit != 1 {
		t.Errorf("after bad calls and one task: got %d accepted, %d rejected, limit %d, want 1, 0, 1", s.Accepted, s.Rejected, s.Limit)
	}
}

// A queue that no memory could hold is bad input too, whether the number overflows a
// computation of ours or the allocator's.
func TestL18_QueueTooLarge(t *testing.T) {
	for _, n := range []int{math.MaxInt, math.MaxInt/2 + 2, math.MaxInt >> 3} {
		text := panicText(func() { pool.New[int, int](pool.WithQueue(n)) })
		if !strings.HasPrefix(text, "pool: ") {
			t.Errorf("WithQueue(%d): panicked with %q, want a text with the prefix %q", n, text, "pool: ")
		}
	}
}

// panicText returns what bad panics with, an error's text where it is one.
func panicText(bad func()) (text string) {
	defer func() {
		switch v := recover().(type) {
		case string:
			text = v
		case error:
			text = v.Error()
		}
	}()
	bad()
	return ""
}

// A task that waits for its own pool to shut down would wait for itself; Shutdown can tell.
func TestL18_ShutdownFromInside(t *testing.T) {
	p := pool.New[int, int](pool.WithWorkers(1))
	_, err := p.Do(t.Context(), func(ctx context.Context, n int) (int, error) { return n, p.Shutdown(ctx) }, 1)
	var pe *future.PanicError
	if !errors.As(err, &pe) {
		t.Fatalf("Do() = %v, want Shutdown to have panicked", err)
	}
	if text, _ := pe.Value.(string); !strings.HasPrefix(text, "pool: Shutdown: ") {
		t.Errorf("Shutdown panicked with %q, want the prefix %q", pe.Value, "pool: Shutdown: ")
	}
	// Intake is still open.
	wantValue(t, "a task after", p.Submit(t.Context(), inc, 1), 2)
	_ = p.Close()
}

// Everything that can happen at run time is an error value.
func TestL18_RunTimeIsErrors(t *testing.T) {
	dead, cancel := context.WithCancel(t.Context())
	cancel()
	closed := pool.New[int, int]()
	_ = closed.Close()
	open := pool.New[int, int](pool.WithContext(dead))
	defer open.Close()
	live := pool.New[int, int]()
	defer live.Close()
	for _, tt := range []struct {
		name string
		p    *intPool
		ctx  context.Context
		want error
	}{
		{"a closed pool", closed, t.Context(), pool.ErrClosed},
		{"a closed pool, a dead ctx", closed, dead, pool.ErrClosed},
		{"a pool whose ctx has ended", open, t.Context(), future.ErrCanceled},
		{"a dead ctx", live, dead, future.ErrCanceled},
	} {
		before := tt.p.Stats().Rejected
		f := tt.p.Submit(tt.ctx, inc, 1)
		wantFailure(t, "Submit: "+tt.name, f, future.Canceled, tt.want)
		if f, err := tt.p.TrySubmit(tt.ctx, inc, 1); f != nil || !errors.Is(err, tt.want) {
			t.Errorf("TrySubmit: %s: got %v, %v, want nil, %v", tt.name, f, err, tt.want)
		}
		wantErr(t, "Go: "+tt.name, tt.p.Go(tt.ctx, inc, 1), tt.want)
		_, err := tt.p.Do(tt.ctx, inc, 1)
		wantErr(t, "Do: "+tt.name, err, tt.want)
		if s := tt.p.Stats(); s.Rejected != before+4 || s.Accepted != 0 {
			t.Errorf("%s: got %d rejected, %d accepted, want 4, 0", tt.name, s.Rejected-before, s.Accepted)
		}
	}
	if err := closed.Close(); err != nil {
		t.Errorf("Close() of a closed pool = %v, want nil", err)
	}
	if err := closed.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown() of a closed pool = %v, want nil", err)
	}
	closed.Stop(nil)
	closed.Resize(3)
	closed.Stats()
}

// A pool that is down already is down, also for a Shutdown whose ctx has ended.
func TestL18_ShutdownOfADownPoolWithADeadCtx(t *testing.T) {
	dead, cancel := context.WithCancel(t.Context())
	cancel()
	p := pool.New[int, int]()
	_ = p.Close()
	for i := range 50 {
		if err := p.Shutdown(dead); err != nil {
			t.Fatalf("call %d: Shutdown(dead) of a pool that is down = %v, want nil: there was nothing to cut short", i, err)
		}
	}
}
