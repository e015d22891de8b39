package frame_test

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/forebay-go/forebay/internal/frame"
)

// What a link says after its task, whether anybody asked while it ran or not, and what it says
// then does not change with the tasks that the worker runs afterwards.
func TestLink_AfterItsTask(t *testing.T) {
	for _, tt := range []struct {
		name string
		ask  func(ctx context.Context)
	}{
		{"nobody asks", func(context.Context) {}},
		{"Err", func(ctx context.Context) { _ = ctx.Err() }},
		{"Done", func(ctx context.Context) { ctx.Done() }},
		{"Value", func(ctx context.Context) { ctx.Value(key("n")) }},
		{"From", func(ctx context.Context) { frame.From(ctx) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			home, stop := newHome()
			defer stop(nil)
			var links frame.Links
			var old []*frame.Link
			for n := range 100 {
				submit, cancel := context.WithCancel(context.WithValue(context.Background(), key("n"), n))
				l := links.Begin(submit, home)
				if n%3 > 0 {
					tt.ask(l)
				}
				if n%3 > 1 {
					if got := l.Value(key("n")); got != n || l.Err() != nil || ended(l) {
						t.Fatalf("task %d: Value %v, Err %v, done: %t", n, got, l.Err(), ended(l))
					}
				}
				if !l.End() {
					t.Fatalf("task %d: no slot in hand", n)
				}
				cancel()
				old = append(old, l)
			}
			links.Begin(context.Background(), home)
			for n, l := range old {
				if got := l.Value(key("n")); got != nil || l.Err() != context.Canceled || context.Cause(l) != context.Canceled || !ended(l) {
					t.Fatalf("task %d is over: Value %v, Err %v, Cause %v, done: %t", n, got, l.Err(), context.Cause(l), ended(l))
				}
				if _, ok := l.Deadline(); ok {
					t.Errorf("task %d is over: it has a deadline", n)
				}
			}
		})
	}
}

// A task outside the limit has no slot.
func TestLink_Outside(t *testing.T) {
	home, stop := newHome()
	defer stop(nil)
	for _, asked := range []bool{false, true} {
		l := frame.NewLink(context.Background(), home)
		l.Outside()
		if asked {
			_ = l.Err()
		}
		if l.End() {
			t.Errorf("asked: %t: a task outside the limit has a slot in hand", asked)
		}
	}
}

// A task submitted with a link as its ctx is nested in the link's.
func TestLink_Nested(t *testing.T) {
	home, stop := newHome()
	defer stop(nil)
	var links frame.Links
	outer := links.Begin(context.Background(), home)
	inner := newFrame(outer, home)
	if !inner.Nested() || inner.Dead() != nil {
		t.Fatalf("nested: %t, dead: %v, want true, nil", inner.Nested(), inner.Dead())
	}
	outer.End()
	if inner.Dead() == nil {
		t.Error("the outer task is over, and the inner not dead")
	}
	inner.End()
	if late := newFrame(outer, home); late.Nested() || late.Dead() != context.Canceled {
		t.Errorf("submitted with a ctx that is over: nested: %t, dead: %v, want false, %v", late.Nested(), late.Dead(), context.Canceled)
	}
}

// A link of a task that is over keeps nothing of it, nor of the next, and neither does the worker.
func TestL14_LinksHoldNothing(t *testing.T) {
	home, stop := newHome()
	defer stop(nil)
	for _, asked := range []bool{false, true} {
		var links frame.Links
		ctx, v := newValue()
		l := links.Begin(ctx, home)
		if asked {
			_ = l.Done()
		}
		l.End()
		if ctx = nil; !collected(v) {
			t.Errorf("asked: %t: the ctx of a task that is over is kept", asked)
		}
		runtime.KeepAlive(l)
		runtime.KeepAlive(&links)
	}
}

// A task whose ctx nobody asks costs a slab's 32nd part; for one that is asked a frame's comes to it.
func TestL20_LinkCost(t *testing.T) {
	if size := unsafe.Sizeof(frame.Link{}); strconv.IntSize == 64 && size != 16 {
		t.Errorf("a link has %d bytes, want 16", size)
	}
	home, stop := newHome()
	defer stop(nil)
	ctx := context.Background()
	var links frame.Links
	for _, tt := range []struct {
		name string
		ask  func(l *frame.Link)
		want float64
	}{
		{"nobody asks", func(*frame.Link) {}, 1},
		{"Err", func(l *frame.Link) { _ = l.Err() }, 2},
	} {
		got := testing.AllocsPerRun(100, func() {
			for range 32 {
				l := links.Begin(ctx, home)
				tt.ask(l)
				l.End()
			}
		})
		if got != tt.want {
			t.Errorf("%s: 32 tasks cost %v allocations, want %v", tt.name, got, tt.want)
		}
	}
}

// A link is readable where a context is printed, as a frame is.
func TestLink_String(t *testing.T) {
	home, stop := newHome()
	defer stop(nil)
	l := frame.NewLink(t.Context(), home)
	defer l.End()
	for what, got := range map[string]string{
		"the link":                fmt.Sprint(l),
		"a frame":                 fmt.Sprint(newFrame(t.Context(), home)),
		"what is derived from it": fmt.Sprint(context.WithoutCancel(l)),
	} {
		if !strings.HasPrefix(got, "pool.task") || len(got) > len("pool.task.WithoutCancel") {
			t.Errorf("%s: got %q, want pool.task", what, got)
		}
	}
}
