package pool_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// A pair is what both streams yield, as the tests for both see it. Stream has no index.
type pair struct {
	index, value int
	err          error
}

// Both streams, in one form.
var streams = []struct {
	name  string
	pairs func(p *intPool, ctx context.Context, fn intFunc, args iter.Seq[int], opts ...pool.StreamOption) iter.Seq[pair]
}{
	{"Stream", func(p *intPool, ctx context.Context, fn intFunc, args iter.Seq[int], opts ...pool.StreamOption) iter.Seq[pair] {
		s := p.Stream(ctx, fn, args, opts...)
		return func(yield func(pair) bool) {
			i := 0
			for v, err := range s {
				if !yield(pair{i, v, err}) {
					return
				}
				i++
			}
		}
	}},
	{"StreamUnordered", func(p *intPool, ctx context.Context, fn intFunc, args iter.Seq[int], opts ...pool.StreamOption) iter.Seq[pair] {
		s := p.StreamUnordered(ctx, fn, args, opts...)
		return func(yield func(pair) bool) {
			for i, r := range s {
				if !yield(pair{i, r.Value, r.Err}) {
					return
				}
			}
		}
	}},
}

// naturals is an infinite input that counts what was pulled.
func naturals(pulled *atomic.Int64) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 0; ; i++ {
			pulled.Add(1)
			if !yield(i) {
				return
			}
		}
	}
}

// Every input's result comes once, with its own error; Stream's in order.
func TestStream_EveryInputOnce(t *testing.T) {
	fn := func(ctx context.Context, n int) (int, error) {
		switch n % 10 {
		case 3:
			return n, errTask
		case 5:
			return endings.panics(ctx, n)
		case 7:
			return endings.exits(ctx, n)
		}
		return n + 1, nil
	}
	for _, s := range streams {
		for _, workers := range []int{1, 3} {
			for _, window := range []int{1, 2, 7, 1000} {
				t.Run(fmt.Sprintf("%s, %d workers, window of %d", s.name, workers, window), func(t *testing.T) {
					const n = 200
					p := pool.New[int, int](pool.WithWorkers(workers), pool.WithQueue(1))
					seq := s.pairs(p, t.Context(), fn, upTo(n), pool.Window(window))
					for range 2 { // it can be run again
						seen := make(map[int]bool)
						for r := range seq {
							if s.name == "Stream" && r.index != len(seen) || seen[r.index] {
								t.Fatalf("pair %d: got index %d", len(seen), r.index)
							}
							seen[r.index] = true
							var pe *future.PanicError
							ok := r.value == r.index+1 && r.err == nil
							switch r.index % 10 {
							case 3:
								ok = r.value == r.index && r.err == errTask
							case 5:
								ok = errors.As(r.err, &pe)
							case 7:
								ok = errors.Is(r.err, future.ErrGoexit)
							}
							if !ok {
								t.Errorf("input %d: got %d, %v", r.index, r.value, r.err)
							}
						}
						if len(seen) != n {
							t.Errorf("got %d pairs, want %d", len(seen), n)
						}
					}
					_ = p.Close()
					wantBalance(t, p)
				})
			}
		}
	}
}

// A result that is there is yielded before the next input is pulled, all of them.
func TestStream_ResultsComeBeforeTheNextInput(t *testing.T) {
	for _, s := range streams {
		bubble(t, options(pool.WithWorkers(4)), func(t *testing.T, p *intPool) {
			yielded := 0
			input := func(yield func(int) bool) {
				for i := range 20 {
					time.Sleep(time.Second)
					synctest.Wait()
					// The first takes 5.5 s, the others no time.
					want := i - 1
					switch {
					case s.name == "Stream" && i < 7:
						want = 0
					case i < 7:
						want = max(0, i-2)
					}
					if yielded < want { // the latest input's may be there too, or not
						t.Errorf("%s: %d results yielded when input %d comes, want %d at least", s.name, yielded, i, want)
					}
					if !yield(i) {
						return
					}
				}
			}
			for range s.pairs(p, t.Context(), func(_ context.Context, n int) (int, error) {
				if n == 0 {
					time.Sleep(5*time.Second + time.Second/2)
				}
				return n, nil
			}, input, pool.Window(10)) {
				yielded++
			}
			if yielded != 20 {
				t.Errorf("%s: %d results, want 20", s.name, yielded)
			}
		})
	}
}

// CPython #74028, #131466: an eager map eats an infinite input, and the window overshoots by
// one. The default is twice the workers.
func TestField29_WindowIsExact(t *testing.T) {
	for _, s := range streams {
		for _, tt := range []struct {
			opts   []pool.StreamOption
			window int64
		}{
			{[]pool.StreamOption{pool.Window(1)}, 1},
			{[]pool.StreamOption{pool.Window(9), pool.Window(3)}, 3},
			{[]pool.StreamOption{pool.Window(100)}, 100},
			{nil, 4},
		} {
			bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
				p.Resize(2)
				var pulled, most atomic.Int64
				hold := make(gate)
				over := start(func() {
					yielded := int64(0)
					for range s.pairs(p, t.Context(), hold.hold, naturals(&pulled), tt.opts...) {
						most.Store(max(most.Load(), pulled.Load()-yielded))
						if yielded++; yielded == 1000 {
							break
						}
					}
				})
				synctest.Wait()
				if n := pulled.Load(); n != tt.window {
					t.Errorf("%s: %d inputs pulled and none yielded, want the window of %d", s.name, n, tt.window)
				}
				hold.open()
				<-over
				if n := most.Load(); n != tt.window {
					t.Errorf("%s: %d inputs outstanding at most, want the window of %d", s.name, n, tt.window)
				}
			})
		}
	}
}

// A pool that is closed midway refuses the rest: each has that error.
func TestStream_PoolClosedMidway(t *testing.T) {
	for _, s := range streams {
		for _, stop := range []bool{false, true} {
			bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
				n, refused := 0, 0
				for r := range s.pairs(p, t.Context(), inc, upTo(20), pool.Window(2)) {
					if n++; n == 5 {
						if stop {
							p.Stop(errStop)
						} else {
							_ = p.Close()
						}
					}
					if r.err != nil {
						refused++
						if !errors.Is(r.err, pool.ErrClosed) && !(stop && errors.Is(r.err, errStop)) {
							t.Errorf("%s: got %v, want %v", s.name, r.err, pool.ErrClosed)
						}
					}
				}
				if n != 20 || refused < 13 {
					t.Errorf("%s: %d pairs, %d refused, want 20, at least 13", s.name, n, refused)
				}
			})
		}
	}
}

// L6: a stream in a task, in each item of a stream, on one worker with a queue of one.
func TestL6_StreamInATask(t *testing.T) {
	for _, s := range streams {
		for _, d := range derivations {
			for _, workers := range []int{1, 2} {
				t.Run(fmt.Sprintf("%s, %s, %d workers", s.name, d.name, workers), func(t *testing.T) {
					bubble(t, options(pool.WithWorkers(workers), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
						var running gauge
						leaf := running.task(inc)
						level := func(next intFunc) intFunc {
							return func(ctx context.Context, n int) (int, error) {
								ctx, cancel := d.derive(ctx)
								defer cancel()
								sum := 0
								for r := range s.pairs(p, ctx, next, upTo(6), pool.Window(3)) {
									sum += r.value
									if r.err != nil {
										return 0, r.err
									}
								}
								return sum, nil
							}
						}
						wantValue(t, "a stream in a stream", p.Submit(t.Context(), level(level(leaf)), 0), 6*21)
						running.wantPeak(t, workers)
					})
				})
			}
		}
	}
}

func TestL19_StreamOfNothing(t *testing.T) {
	bubble(t, nil, func(t *testing.T, p *intPool) {
		_ = p.Close()
		for _, s := range streams {
			for r := range s.pairs(p, t.Context(), inc, upTo(0)) {
				t.Errorf("%s of nothing: got %v", s.name, r)
			}
		}
	})
}
