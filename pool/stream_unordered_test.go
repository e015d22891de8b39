package pool_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/pool"
)

// Results come as they complete, whatever the order of their inputs.
func TestStreamUnordered_CompletionOrder(t *testing.T) {
	bubble(t, options(pool.WithWorkers(4)), func(t *testing.T, p *intPool) {
		delays := []int{40, 10, 30, 20, 5, 1}
		var order []int
		for i, r := range p.StreamUnordered(t.Context(), func(_ context.Context, n int) (int, error) {
			time.Sleep(time.Duration(delays[n]) * time.Second)
			return n * n, nil
		}, upTo(len(delays)), pool.Window(4)) {
			if r.Value != i*i || r.Err != nil {
				t.Errorf("index %d: got %v", i, r)
			}
			order = append(order, i)
		}
		if got, want := fmt.Sprint(order), "[1 4 5 3 2 0]"; got != want { // ends at 10, 15, 16, 20, 30, 40
			t.Errorf("got order %s, want %s", got, want)
		}
	})
}

// One slow item keeps only its own place in the window.
func TestStreamUnordered_SlowItemHoldsUpNoOther(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
		hold := make(gate)
		n := 0
		over := start(func() {
			for range p.StreamUnordered(t.Context(), func(ctx context.Context, n int) (int, error) {
				if n == 0 {
					return hold.hold(ctx, n)
				}
				return n, nil
			}, upTo(100), pool.Window(2)) {
				n++
			}
		})
		wantOver(t, "a loop with a slow item", over, false)
		if n != 99 {
			t.Errorf("%d results beside a slow item, want 99", n)
		}
		hold.open()
		<-over
	})
}

// Inside a task the loop lends its slot while it waits, and not while its body runs.
func TestL3_StreamUnorderedLendsItsSlot(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
		hold := make(gate)
		f := p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			for range p.StreamUnordered(ctx, hold.hold, upTo(3)) {
				if s := p.Stats(); s.Lent != 0 {
					t.Errorf("in the loop's body: %d slots lent, want 0", s.Lent)
				}
			}
			return n, nil
		}, 1)
		synctest.Wait()
		if s := p.Stats(); s.Lent != 1 || s.Running != 2 {
			t.Errorf("while the loop waits: got %d lent, %d running, want 1, 2", s.Lent, s.Running)
		}
		hold.open()
		wantValue(t, "the task", f, 1)
	})
}
