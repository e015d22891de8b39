package pool_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/pool"
)

// Room comes about in other ways than by a task that a worker takes and runs to its end.

// More workers take more tasks.
func TestL5_ResizeMakesRoom(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
		worker := full(p, 1)
		over := start(func() { p.Submit(t.Context(), inc, 0) })
		wantOver(t, "Submit to a full queue", over, false)
		p.Resize(2)
		wantOver(t, "Submit after Resize", over, true)
		worker.open()
	})
}

// A task that waits lends its slot, and another worker takes tasks.
func TestL5_ALentSlotMakesRoom(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
		begin, end := make(gate), make(gate)
		p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			<-begin
			pool.Block(ctx, func() { <-end })
			return n, nil
		}, 0)
		synctest.Wait()
		p.Submit(t.Context(), inc, 0)
		over := start(func() { p.Submit(t.Context(), inc, 0) })
		wantOver(t, "Submit to a full queue", over, false)
		begin.open()
		wantOver(t, "Submit when the task lends its slot", over, true)
		end.open()
	})
}

// A cancelled task keeps its place until a worker passes it, without running it.
func TestL5_ACancelledTaskMakesRoomWhenItsTurnComes(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
		worker := make(gate)
		p.Submit(t.Context(), worker.hold, 0)
		synctest.Wait()
		f := p.Submit(t.Context(), inc, 0)
		f.Cancel(nil)
		over := start(func() { p.Submit(t.Context(), inc, 0) })
		wantOver(t, "Submit to a full queue", over, false)
		worker.open()
		wantOver(t, "Submit when the cancelled task was passed", over, true)
	})
}

// Tasks beyond the capacity that their awaiter has run are swept out of the queue by a later
// nested submit, without a worker that takes them. That too is room.
func TestL5_SweptTasksMakeRoom(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(3)), func(t *testing.T, p *intPool) {
		first, second, sweep, end := make(gate), make(gate), make(gate), make(gate)
		p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			<-first
			// The queue is full of three others. Behind them: a task, and five that are run here.
			p.Submit(ctx, func(ctx context.Context, n int) (int, error) {
				<-sweep
				p.Submit(ctx, inc, 0)
				<-end
				return n, nil
			}, 0)
			var fs []*intFuture
			for range 5 {
				fs = append(fs, p.Submit(ctx, inc, n))
			}
			for _, f := range fs {
				_, _ = f.Await(ctx)
			}
			pool.Block(ctx, func() { <-second })
			return n, nil
		}, 0)
		synctest.Wait()
		for range 3 {
			p.Submit(t.Context(), inc, 0)
		}
		first.open()
		synctest.Wait()
		if s := p.Stats(); s.Queued != 5 {
			t.Errorf("the five that were run by their awaiter: got %d queued, want 5; %+v", s.Queued, s)
		}
		over := start(func() { p.Submit(t.Context(), inc, 0) })
		wantOver(t, "Submit to a queue with five of three", over, false)
		sweep.open()
		synctest.Wait()
		if s := p.Stats(); s.Queued < 3 {
			wantOver(t, "Submit to a queue with less than three of three", over, true)
		}
		second.open()
		end.open()
	})
}

// A task of another pool is not inside: its submit waits. But it lends its slot there.
func TestL5_SubmitFromATaskOfAnotherPool(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
		worker := full(p, 1)
		other := pool.New[int, int](pool.WithWorkers(1))
		defer other.Close()
		f := other.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
			return p.Submit(ctx, inc, n).Await(ctx)
		}, 1)
		behind := other.Submit(t.Context(), inc, 2)
		synctest.Wait()
		if _, ok := f.Try(); ok {
			t.Errorf("task that submits to another pool's full queue: got state %v, want it waiting", f.State())
		}
		wantValue(t, "the task behind it", behind, 3)
		worker.open()
		wantValue(t, "the task when there is room", f, 2)
	})
}
