//go:build explore

package verify_test

import (
	"context"
	"testing"

	"github.com/forebay-go/forebay/internal/explore"
	"github.com/forebay-go/forebay/internal/frame"
)

// A worker runs two tasks without futures, whose links others have got hold of: what a link says
// is of its own task, or that this is over, and once over it stays so. Nothing is retained.
func TestLinks(t *testing.T) {
	const first, second = "first", "second"
	for _, tt := range []struct {
		name        string
		preemptions int
		askers      []string // each the task whose link it asks
		nested      bool     // they submit with it too
	}{
		{"one asks the first", 3, []string{first}, false},
		{"two ask the first", 2, []string{first, first}, false},
		{"one asks each", 2, []string{first, second}, false},
		{"one submits with the first", 2, []string{first}, true},
		{"one asks the second, one submits with the first", 1, []string{second, first}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			explored(t, explore.Options{Preemptions: tt.preemptions}, func(r *explore.Run) {
				home := &frame.Home{Ctx: context.Background(), Base: context.Background(), Counters: new(frame.Counters)}
				var links frame.Links
				shared := make(map[string]*frame.Link)
				over := make(map[string]bool)
				r.Go("worker", func() {
					for _, task := range []string{first, second} {
						l := links.Begin(context.WithValue(context.Background(), key{}, task), home)
						shared[task] = l
						r.Point()
						over[task] = true
						if !l.End() {
							r.Failf("the %s task has no slot in hand", task)
						}
					}
				})
				for _, task := range tt.askers {
					r.Go("asker", func() {
						r.Await("the task", func() bool { return shared[task] != nil })
						ask(r, shared[task], task, over)
						if tt.nested {
							f := new(frame.Frame)
							f.Init(shared[task], home)
							if v := f.Value(key{}); v != task && !over[task] {
								r.Failf("nested in the %s task, and the value is %v", task, v)
							}
							f.End()
						}
					})
				}
				r.Wait()
				for task, l := range shared {
					if l.Err() == nil || l.Value(key{}) != nil || frame.Retains(l.Frame()) {
						r.Failf("the %s task is over: Err %v, Value %v, retained %t", task, l.Err(), l.Value(key{}), frame.Retains(l.Frame()))
					}
				}
				if frame.Walks(home) {
					r.Failf("all is over, and broken frames are counted")
				}
			})
		})
	}
}

func ask(r *explore.Run, l *frame.Link, task string, over map[string]bool) {
	before := l.Err()
	if before != nil && !over[task] {
		r.Failf("the %s task runs, and Err is %v", task, before)
	}
	value := l.Value(key{})
	if value != task && (value != nil || !over[task]) {
		r.Failf("the value of the %s task is %v", task, value)
	}
	if after := l.Err(); after == nil && (before != nil || value == nil) {
		r.Failf("the %s task was over, and is not", task)
	}
}
