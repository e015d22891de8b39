package frame_test

import (
	"context"
	"errors"
	"testing"

	"github.com/forebay-go/forebay/internal/frame"
)

func TestOwn_ValueOrder(t *testing.T) {
	home, stop := newHome()
	defer stop(nil)
	with := func(ctx context.Context, value string, keys ...key) context.Context {
		for _, k := range keys {
			ctx = context.WithValue(ctx, k, value)
		}
		return ctx
	}
	home.Base = with(home.Base, "base", "all", "submit+base", "worker+base", "base")
	f := newFrame(with(t.Context(), "submit", "all", "submit+base", "worker+submit", "submit"), home)
	defer f.End()
	worker := with(context.Background(), "worker", "all", "worker+submit", "worker+base", "worker")
	for _, tt := range []struct {
		key       key
		want      any // with a worker's values
		frameOnly any // without
	}{
		{"all", "worker", "submit"},
		{"worker+submit", "worker", "submit"},
		{"worker+base", "worker", "base"},
		{"worker", "worker", nil},
		{"submit+base", "submit", "submit"},
		{"submit", "submit", "submit"},
		{"base", "base", "base"},
		{"none", nil, nil},
	} {
		if got := (&frame.Own{Context: f, Frame: f, Values: worker}).Value(tt.key); got != tt.want {
			t.Errorf("with the worker's values: Value(%q): %v, want %v", tt.key, got, tt.want)
		}
		if got := (&frame.Own{Context: f, Frame: f}).Value(tt.key); got != tt.frameOnly {
			t.Errorf("without: Value(%q): %v, want %v", tt.key, got, tt.frameOnly)
		}
	}
}

// Package context finds its own contexts by Value. The worker's ctx may be such a one, and
// must not be taken for the task's: a context derived from Own ends with the task, not with
// the worker.
func TestOwn_WorkersContextIsNotTheTasks(t *testing.T) {
	home, stop := newHome()
	defer stop(nil)
	submit, cancelSubmit := context.WithCancelCause(t.Context())
	defer cancelSubmit(nil)
	f := newFrame(submit, home)
	defer f.End()
	worker, cancelWorker := context.WithCancel(context.WithValue(context.Background(), key("ctx"), t.Context()))
	own := &frame.Own{Context: f, Frame: f, Values: worker}
	if v := own.Value(key("ctx")); v != nil {
		t.Errorf("a worker's value that is a context: %v, want nil: it is skipped", v)
	}
	derived, cancel := context.WithCancel(own)
	defer cancel()
	cancelWorker()
	if derived.Err() != nil || own.Err() != nil {
		t.Errorf("the worker's ctx ended: Err %v, and of a derived context %v; want nil", own.Err(), derived.Err())
	}
	cancelSubmit(errSubmit)
	if !ended(derived) || !errors.Is(context.Cause(derived), errSubmit) || !errors.Is(context.Cause(own), errSubmit) {
		t.Errorf("the submit ctx ended: cause %v, and of a derived context %v; want %v",
			context.Cause(own), context.Cause(derived), errSubmit)
	}
}

func TestOwn_Values(t *testing.T) {
	home, stop := newHome()
	defer stop(nil)
	f := newFrame(t.Context(), home)
	defer f.End()
	worker := context.WithValue(context.Background(), key("worker"), 1)
	own := &frame.Own{Context: f, Frame: f, Values: worker}
	for _, tt := range []struct {
		name string
		ctx  context.Context
		want context.Context
	}{
		{"no task", t.Context(), nil},
		{"a frame", f, nil},
		{"without values", &frame.Own{Context: f, Frame: f}, nil},
		{"with values", own, worker},
		{"derived", context.WithValue(own, key("k"), 1), worker},
	} {
		if got := frame.Values(tt.ctx); got != tt.want {
			t.Errorf("%s: Values %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestFrom(t *testing.T) {
	home, stop := newHome()
	defer stop(nil)
	f := newFrame(t.Context(), home)
	g := newFrame(t.Context(), home)
	own := &frame.Own{Context: f, Frame: f}
	withTimeout := func(ctx context.Context) context.Context {
		ctx, cancel := context.WithTimeout(ctx, 1<<40)
		t.Cleanup(cancel)
		return ctx
	}
	inner := newFrame(withTimeout(f), home)
	defer inner.End()
	for _, tt := range []struct {
		name string
		ctx  context.Context
		want *frame.Frame
		own  bool
	}{
		{"no task", t.Context(), nil, false},
		{"background", context.Background(), nil, false},
		{"the frame", f, f, true},
		{"own", own, f, true},
		{"own with a timeout", &frame.Own{Context: withTimeout(f), Frame: f}, f, true},
		{"a value", context.WithValue(f, key("k"), 1), f, true},
		{"a value of own", context.WithValue(own, key("k"), 1), f, true},
		{"a timeout", withTimeout(f), f, false},
		{"a timeout of own", withTimeout(own), f, false},
		{"a value of a timeout", context.WithValue(withTimeout(f), key("k"), 1), f, false},
		{"without cancel", context.WithoutCancel(f), f, true},
		{"without cancel, and a timeout", withTimeout(context.WithoutCancel(f)), f, false},
		{"a timeout, without cancel", context.WithoutCancel(withTimeout(f)), f, true},
		{"a task in a task", inner, inner, true},
		{"another task", context.WithoutCancel(g), g, true},
	} {
		if got, own := frame.From(tt.ctx); got != tt.want || own != tt.own {
			t.Errorf("%s: From %p, %t; want %p, %t", tt.name, got, own, tt.want, tt.own)
		}
	}
	f.End()
	g.End()
	// Who has the ctx of a task that is over still learns which task it was.
	if got, own := frame.From(context.WithoutCancel(f)); got != f || !own {
		t.Errorf("the task is over: From %p, %t; want %p, true", got, own, f)
	}
}
