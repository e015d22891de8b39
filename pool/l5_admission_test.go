package pool_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// admissions are the ways to submit that wait for room. They return the refusal.
var admissions = []struct {
	name  string
	admit func(p *intPool, ctx context.Context, n int) error
}{
	{"Submit", func(p *intPool, ctx context.Context, n int) error {
		f := p.Submit(ctx, inc, n)
		if f == nil {
			return errors.New("Submit returned nil")
		}
		if f.State() != future.Canceled {
			return nil
		}
		_, err := f.Await(context.Background())
		return err
	}},
	{"Go", func(p *intPool, ctx context.Context, n int) error { return p.Go(ctx, inc, n) }},
	{"Do", func(p *intPool, ctx context.Context, n int) error {
		_, err := p.Do(ctx, inc, n)
		return err
	}},
}

// full is a pool of one worker that is held, and a full queue.
func full(p *intPool, capacity int) (worker gate) {
	worker = make(gate)
	p.Submit(context.Background(), worker.hold, 0)
	synctest.Wait()
	for range capacity {
		p.Submit(context.Background(), inc, 0)
	}
	return worker
}

func TestL5_BlocksExactlyWhileFull(t *testing.T) {
	for _, capacity := range []int{1, 2, 3, 1000} {
		for _, tt := range admissions {
			t.Run(fmt.Sprintf("%s, queue of %d", tt.name, capacity), func(t *testing.T) {
				bubble(t, options(pool.WithWorkers(1), pool.WithQueue(capacity)), func(t *testing.T, p *intPool) {
					worker := make(gate)
					p.Submit(t.Context(), worker.hold, 0)
					synctest.Wait()
					for i := range capacity {
						over := start(func() { p.Submit(t.Context(), inc, 0) })
						wantOver(t, fmt.Sprintf("Submit number %d", i+1), over, true)
					}
					if s := p.Stats(); s.Queued != capacity || s.QueueCap != capacity {
						t.Errorf("full queue: got %d of %d queued, want %d", s.Queued, s.QueueCap, capacity)
					}
					if f, err := p.TrySubmit(t.Context(), inc, 0); f != nil || !errors.Is(err, pool.ErrFull) {
						t.Errorf("TrySubmit to a full queue: got %v, %v, want nil, %v", f, err, pool.ErrFull)
					}
					var err error
					over := start(func() { err = tt.admit(p, t.Context(), 0) })
					wantOver(t, tt.name+" to a full queue", over, false)
					worker.open()
					wantOver(t, tt.name+" when there is room", over, true)
					if err != nil {
						t.Errorf("%s when there is room: %v", tt.name, err)
					}
				})
			})
		}
	}
}

// Whatever ends the wait ends it at once, while the queue is as full as before.
func TestL5_TheWaitEnds(t *testing.T) {
	ways := []struct {
		name string
		end  func(p *intPool, base, ctx context.CancelCauseFunc)
		want []error // one of them
	}{
		{"ctx ends", func(_ *intPool, _, ctx context.CancelCauseFunc) { ctx(errStop) }, []error{errStop}},
		{"ctx times out", func(*intPool, context.CancelCauseFunc, context.CancelCauseFunc) {
			time.Sleep(2 * time.Minute)
		}, []error{context.DeadlineExceeded}},
		{"Close", func(p *intPool, _, _ context.CancelCauseFunc) { go p.Close() }, []error{pool.ErrClosed}},
		{"Stop", func(p *intPool, _, _ context.CancelCauseFunc) { go p.Stop(errStop) }, []error{pool.ErrClosed, errStop}},
		{"Shutdown", func(p *intPool, _, _ context.CancelCauseFunc) {
			go func() { _ = p.Shutdown(context.Background()) }()
		}, []error{pool.ErrClosed}},
		{"pool's ctx ends", func(_ *intPool, base, _ context.CancelCauseFunc) { base(errStop) }, []error{errStop}},
	}
	for _, way := range ways {
		for _, tt := range admissions {
			t.Run(tt.name+", "+way.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					base, endBase := context.WithCancelCause(t.Context())
					defer endBase(nil)
					p := pool.New[int, int](pool.WithWorkers(1), pool.WithQueue(2), pool.WithContext(base))
					worker := full(p, 2)
					ctx, end := context.WithCancelCause(t.Context())
					ctx, cancel := context.WithTimeout(ctx, time.Minute)
					defer cancel()
					var err error
					over := start(func() { err = tt.admit(p, ctx, 0) })
					wantOver(t, tt.name+" to a full queue", over, false)
					way.end(p, endBase, end)
					wantOver(t, tt.name, over, true)
					if s := p.Stats(); s.Queued != 2 || s.Rejected != 1 {
						t.Errorf("after the wait: got %d queued, %d rejected, want 2, 1", s.Queued, s.Rejected)
					}
					if i := slices.IndexFunc(way.want, func(e error) bool { return errors.Is(err, e) }); i < 0 {
						t.Errorf("refusal: got %v, want one of %v", err, way.want)
					} else if e := new(future.CancelError); way.want[i] != pool.ErrClosed && !errors.As(err, &e) {
						t.Errorf("refusal: got %T %v, want a %T", err, err, e)
					}
					worker.open()
					_ = p.Close()
					wantBalance(t, p)
				})
			})
		}
	}
}

// Submits that do not wait say at once why they are refused.
func TestL5_Refusals(t *testing.T) {
	dead, cancel := context.WithCancelCause(context.Background())
	cancel(errStop)
	tests := []struct {
		name string
		prep func(p *intPool) gate
		ctx  context.Context
		want error
	}{
		{"dead ctx", func(*intPool) gate { return make(gate) }, dead, errStop},
		{"dead ctx and full queue", func(p *intPool) gate { return full(p, 1) }, dead, errStop},
		{"closed", func(p *intPool) gate { _ = p.Close(); return make(gate) }, context.Background(), pool.ErrClosed},
		{"stopped", func(p *intPool) gate { p.Stop(errStop); return make(gate) }, context.Background(), pool.ErrClosed},
		{"closed with a full queue", func(p *intPool) gate {
			g := full(p, 1)
			go p.Close()
			synctest.Wait()
			return g
		}, context.Background(), pool.ErrClosed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
				g := tt.prep(p)
				for _, way := range admissions {
					err := way.admit(p, tt.ctx, 0)
					wantErr(t, way.name, err, tt.want)
					if got := errors.Is(err, future.ErrCanceled); got != (tt.want == errStop) {
						t.Errorf("%s: got error %v, which is %v: %t", way.name, err, future.ErrCanceled, got)
					}
				}
				f, err := p.TrySubmit(tt.ctx, inc, 0)
				if wantErr(t, "TrySubmit", err, tt.want); f != nil {
					t.Errorf("TrySubmit: got a future beside the error, want nil")
				}
				if got := p.Stats().Rejected; got != 4 {
					t.Errorf("rejected: got %d, want 4", got)
				}
				g.open()
			})
		})
	}
}

// Submitters wait in line: each free place lets one of them in, the first.
func TestL5_OneFreePlaceLetsOneIn(t *testing.T) {
	bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
		const n = 10
		var in record[int]
		gates := make([]gate, n+1)
		gates[n] = full(p, 0)
		submit := func(i int) {
			gates[i] = make(gate)
			p.Submit(t.Context(), gates[i].hold, 0)
			in.add(i)
		}
		var want []int
		for i := range n {
			go submit(i)
			synctest.Wait()
			want = append(want, i)
		}
		for i := range n {
			if got := in.all(); !slices.Equal(got, want[:i+1]) {
				t.Fatalf("let in when %d tasks were taken: got %v, want %v", i, got, want[:i+1])
			}
			gates[(n+i)%(n+1)].open() // the task that runs
			synctest.Wait()
		}
		gates[n-1].open()
	})
}

// The first in line gives up just when there is room. The room goes to the next.
func TestL5_APlaceIsNotLost(t *testing.T) {
	for range scaled(100) {
		bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
			second := make(gate)
			worker := full(p, 0)
			p.Submit(t.Context(), second.hold, 0)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var first *intFuture
			var over [2]<-chan struct{}
			over[0] = start(func() { first = p.Submit(ctx, inc, 0) })
			synctest.Wait()
			over[1] = start(func() { p.Submit(t.Context(), inc, 1) })
			synctest.Wait()
			cancel() // it is awake now, but the worker gets there first, mostly
			worker.open()
			synctest.Wait()
			if !isOver(over[0]) {
				t.Error("the first in line still waits, though there was room and its ctx has ended")
			} else if _, refused := first.Try(); refused != isOver(over[1]) {
				t.Errorf("the first was refused: %t; the second was let in: %t; %+v", refused, isOver(over[1]), p.Stats())
			}
			second.open()
			<-over[1]
		})
	}
}

// Many more submitters than places, and workers that come and go: everybody gets in.
func TestL5_EverybodyGetsIn(t *testing.T) {
	for _, capacity := range []int{1, 3} {
		for _, workers := range []int{1, 3} {
			bubble(t, options(pool.WithWorkers(workers), pool.WithQueue(capacity)), func(t *testing.T, p *intPool) {
				const submitters, each = 50, 10
				var wg sync.WaitGroup
				for range submitters {
					wg.Go(func() {
						for range each {
							if err := p.Go(t.Context(), inc, 0); err != nil {
								t.Error(err)
							}
						}
					})
				}
				wg.Wait()
				_ = p.Close()
				wantCounts(t, p, pool.Stats{Accepted: submitters * each, Succeeded: submitters * each})
			})
		}
	}
}
