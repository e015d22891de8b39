package pool_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/pool"
)

// A sequence submits numbered tasks, and they note the order in which one worker starts them.
type sequence struct {
	*intPool
	started []int         // by the one worker
	ran     chan struct{} // has a token if a task has started since somebody looked
}

func newSequence(opts ...pool.Option) *sequence {
	return &sequence{
		intPool: pool.New[int, int](append(opts, pool.WithWorkers(1))...),
		ran:     make(chan struct{}, 1),
	}
}

func (q *sequence) run(_ context.Context, n int) (int, error) {
	q.started = append(q.started, n)
	select {
	case q.ran <- struct{}{}:
	default:
	}
	return n, nil
}

// submits are the ways to submit a task, which may be mixed without changing the order.
var submits = []struct {
	name   string
	submit func(q *sequence, ctx context.Context, n int) error
}{
	{"Submit", func(q *sequence, ctx context.Context, n int) error {
		q.Submit(ctx, q.run, n)
		return nil
	}},
	{"Go", func(q *sequence, ctx context.Context, n int) error { return q.Go(ctx, q.run, n) }},
	{"TrySubmit", func(q *sequence, ctx context.Context, n int) error {
		for {
			_, err := q.TrySubmit(ctx, q.run, n)
			if !errors.Is(err, pool.ErrFull) {
				return err
			}
			<-q.ran
		}
	}},
	{"Submit or Go", func(q *sequence, ctx context.Context, n int) error {
		if n%3 == 0 {
			q.Submit(ctx, q.run, n)
			return nil
		}
		return q.Go(ctx, q.run, n)
	}},
}

// wantOrder closes the pool and checks that the tasks 0 to n-1 have started in this order.
func (q *sequence) wantOrder(t *testing.T, n int) {
	t.Helper()
	_ = q.Close()
	for i, got := range q.started {
		if got != i {
			t.Fatalf("task that started as number %d: got %d, after %v, want %d", i, got, q.started[max(0, i-5):i], i)
		}
	}
	if len(q.started) != n {
		t.Fatalf("tasks that started: got %d, want %d", len(q.started), n)
	}
}

// One goroutine submits to one worker that runs meanwhile. Queues of 1 to 8 are mostly full
// then; an unbounded one has 1024 places in its ring, and the rest waits behind.
func TestL4_OneSubmitterOneWorker(t *testing.T) {
	queues := []struct {
		name  string
		opt   pool.Option
		tasks int
	}{
		{"queue of 1", pool.WithQueue(1), 200},
		{"queue of 2", pool.WithQueue(2), 200},
		{"queue of 3", pool.WithQueue(3), 200},
		{"queue of 8", pool.WithQueue(8), 400},
		{"unbounded queue", pool.WithUnboundedQueue(), 1500},
	}
	for _, tt := range queues {
		for _, s := range submits {
			t.Run(tt.name+", "+s.name, func(t *testing.T) {
				q := newSequence(tt.opt)
				n := scaled(tt.tasks)
				for i := range n {
					if err := s.submit(q, context.Background(), i); err != nil {
						t.Fatalf("%s of task %d: %v", s.name, i, err)
					}
				}
				q.wantOrder(t, n)
			})
		}
	}
}

// A backlog of thousands is in the ring and in the overflow when the worker begins, and grows
// at the one end while it shrinks at the other.
func TestL4_Backlog(t *testing.T) {
	q := newSequence(pool.WithUnboundedQueue())
	g := make(gate)
	q.Submit(context.Background(), g.hold, 0)
	const n = 6000
	for i := range n {
		if i == n/2 {
			g.open()
		}
		q.Submit(context.Background(), q.run, i)
	}
	q.wantOrder(t, n)
}

// Nested submits go beyond the capacity, and still start in order: those of a task while no
// worker is free, and those made in a Block while a worker takes them away.
func TestL4_NestedSubmits(t *testing.T) {
	n := scaled(500)
	for _, capacity := range []int{1, 2, 3, 8} {
		for _, s := range submits {
			if s.name == "TrySubmit" {
				continue // it says ErrFull, inside a task too
			}
			for _, when := range []string{"before", "during"} {
				t.Run(fmt.Sprintf("queue of %d, %s %s Block", capacity, s.name, when), func(t *testing.T) {
					q := newSequence(pool.WithQueue(capacity))
					_, err := q.Do(context.Background(), func(ctx context.Context, _ int) (int, error) {
						submit := func() {
							for i := range n {
								if err := s.submit(q, ctx, i); err != nil {
									t.Errorf("%s of task %d: %v", s.name, i, err)
								}
							}
						}
						if when == "before" {
							submit()
						}
						pool.Block(ctx, func() {
							if when == "during" {
								submit()
							}
							last := q.Submit(ctx, q.run, n)
							<-last.Done() // not Await, which would run it now
						})
						return 0, nil
					}, 0)
					if err != nil {
						t.Fatal(err)
					}
					q.wantOrder(t, n+1)
				})
			}
		}
	}
}

// A submitter that waits for room, and is let in, keeps the order too.
func TestL4_BlockedSubmitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newSequence(pool.WithQueue(1))
		const n = 20
		gates := make([]gate, n)
		for i := range gates {
			gates[i] = make(gate)
		}
		over := start(func() {
			for i := range n {
				q.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
					_, _ = q.run(ctx, n)
					return gates[n].hold(ctx, n)
				}, i)
			}
		})
		for i := range n {
			wantOver(t, "the submitter", over, i >= n-2)
			gates[i].open()
		}
		q.wantOrder(t, n)
	})
}
