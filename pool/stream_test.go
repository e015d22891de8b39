package pool_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
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

// However a loop ends, what is left of it is cancelled, and has ended before control returns.
func TestL12_StreamJoins(t *testing.T) {
	body := func(end func()) func(pair) bool { return func(pair) bool { end(); return true } }
	for _, s := range streams {
		for _, tt := range []struct {
			name string
			each func(pair) bool // the loop's body
			// what the input does after six
			input func()
		}{
			{"break", func(pair) bool { return false }, nil},
			{"panic in the body", body(func() { panic(errStop) }), nil},
			{"Goexit in the body", body(runtime.Goexit), nil},
			{"panic in the input", nil, func() { panic(errStop) }},
			{"Goexit in the input", nil, runtime.Goexit},
		} {
			for _, where := range []string{"outside", "inside a task"} {
				t.Run(s.name+", "+tt.name+", "+where, func(t *testing.T) {
					bubble(t, options(pool.WithWorkers(3)), func(t *testing.T, p *intPool) {
						var running gauge
						fed, obey := make(gate), make(gate)
						item := running.task(func(ctx context.Context, n int) (int, error) {
							if n > 0 || tt.input != nil {
								<-ctx.Done()
								<-obey
							} else {
								<-fed
							}
							return n, ctx.Err()
						})
						input := func(yield func(int) bool) {
							for i := range 6 {
								if !yield(i) {
									return
								}
							}
							fed.open()
							time.Sleep(time.Second) // until nothing else goes on
							if tt.input != nil {
								tt.input()
							}
						}
						loop := func(ctx context.Context) {
							defer func() { _ = recover() }()
							defer func() {
								if n := running.now.Load(); n != 0 {
									t.Errorf("control is back while %d items run", n)
								}
							}()
							for r := range s.pairs(p, ctx, item, input, pool.Window(7)) {
								time.Sleep(time.Second)
								if !tt.each(r) {
									break
								}
							}
						}
						over := start(func() {
							if where == "outside" {
								loop(t.Context())
								return
							}
							_, _ = p.Do(t.Context(), func(ctx context.Context, n int) (int, error) {
								loop(ctx)
								return n, nil
							}, 0)
						})
						time.Sleep(time.Minute)
						wantOver(t, "a loop whose items have not obeyed", over, false)
						obey.open()
						<-over
						synctest.Wait()
						if s := p.Stats(); s.Running != 0 || s.Lent != 0 {
							t.Errorf("after the loop: %+v", s)
						}
					})
				})
			}
		}
	}
}

// When ctx ends no further input is pulled; after what runs has returned, one last pair has
// the cause.
func TestL8_StreamCtxEnds(t *testing.T) {
	for _, s := range streams {
		for _, tt := range []struct {
			name  string
			at    int // the result after which ctx ends
			pairs int
		}{
			{"while the loop waits", -1, 6},
			{"in the loop's body", 2, 4},
		} {
			t.Run(s.name+", "+tt.name, func(t *testing.T) {
				bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
					ctx, cancel := context.WithCancelCause(t.Context())
					defer cancel(nil)
					busy := full(p, 0) // so that most items are queued behind the one that runs
					var pulled atomic.Int64
					var running gauge
					fed, obey := make(gate), make(gate)
					input := func(yield func(int) bool) {
						for i := range naturals(&pulled) {
							if i == 5 {
								fed.open()
							}
							if !yield(i) {
								return
							}
						}
					}
					item := running.task(func(ctx context.Context, n int) (int, error) {
						if n < 5 {
							return fed.hold(ctx, n)
						}
						<-ctx.Done()
						<-obey
						return n, nil
					})
					var all []pair
					over := start(func() {
						for r := range s.pairs(p, ctx, item, input, pool.Window(6)) {
							if all = append(all, r); len(all) == tt.at+1 {
								time.Sleep(time.Second) // until nothing else goes on
								cancel(errStop)
							}
							if r.err != nil && running.now.Load() != 0 {
								t.Error("the last pair came before the items had ended")
							}
						}
					})
					time.Sleep(time.Minute)
					cancel(errStop)
					wantOver(t, "a loop whose item has not obeyed", over, false)
					atEnd := pulled.Load()
					obey.open()
					<-over
					if n := pulled.Load(); n != atEnd {
						t.Errorf("%d inputs were pulled after ctx had ended", n-atEnd)
					}
					if len(all) != tt.pairs {
						t.Fatalf("got %d pairs, want %d: %v", len(all), tt.pairs, all)
					}
					for i, r := range all[:len(all)-1] {
						if r.value != i || r.err != nil {
							t.Errorf("pair %d: got %v", i, r)
						}
					}
					last := all[len(all)-1]
					if last.value != 0 || last.err != errStop {
						t.Errorf("last pair: got %v, want 0, %v", last, errStop)
					}
					if s.name == "StreamUnordered" && last.index != -1 {
						t.Errorf("last pair: got index %d, want -1", last.index)
					}
					busy.open()
				})
			})
		}
	}
}

// ctx is dead before, or ends when everything was yielded, or the loop breaks when it ends.
func TestL8_StreamCtxEndsEarlyOrLate(t *testing.T) {
	for _, s := range streams {
		bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			n := 0
			fed := make(gate)
			input := func(yield func(int) bool) { // known to be over before the first result
				_ = yield(0) && yield(1) && yield(2)
				fed.open()
			}
			for r := range s.pairs(p, ctx, fed.hold, input, pool.Window(5)) {
				if n++; n == 3 {
					cancel(errStop)
				}
				if r.err != nil {
					t.Errorf("%s: pair %v", s.name, r)
				}
			}
			if n != 3 {
				t.Errorf("%s: %d pairs, want 3", s.name, n)
			}
			var pulled atomic.Int64
			n = 0
			for r := range s.pairs(p, ctx, inc, naturals(&pulled)) {
				n++
				wantErr(t, s.name+" with a dead ctx", r.err, errStop)
			}
			if n != 1 || pulled.Load() != 0 {
				t.Errorf("%s with a dead ctx: %d pairs, %d inputs pulled, want 1, 0", s.name, n, pulled.Load())
			}
			live, end := context.WithCancelCause(t.Context())
			defer end(nil)
			n = 0
			for range s.pairs(p, live, inc, naturals(&pulled)) {
				n++
				end(errStop)
				break
			}
			if n != 1 {
				t.Errorf("%s: %d pairs after a break, want 1", s.name, n)
			}
		})
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

// The memory of a stream does not grow with its length; in a task neither, where the queue
// keeps an entry for each item that the loop runs itself until a worker passes it.
func TestStream_FlatMemory(t *testing.T) {
	n := 200_000
	if testing.Short() || raceEnabled {
		n = 20_000
	}
	for _, s := range streams {
		for _, where := range []string{"outside", "inside a task"} {
			p := pool.New[int, int](pool.WithWorkers(1))
			loop := func(ctx context.Context, n int) (int, error) {
				var before, most int64
				i := 0
				for range s.pairs(p, ctx, inc, upTo(n), pool.Window(64)) {
					if i++; i%(n/8) == 0 {
						if before == 0 {
							before = heapInUse()
						} else {
							most = max(most, heapInUse()-before)
						}
					}
				}
				if most > 256<<10 {
					t.Errorf("%s %s: the heap grew by %d bytes in %d items, want it flat", s.name, where, most, n)
				}
				return i, nil
			}
			if where == "outside" {
				_, _ = loop(t.Context(), n)
			} else {
				wantValue(t, s.name, p.Submit(t.Context(), loop, n), n)
			}
			_ = p.Close()
			wantBalance(t, p)
		}
	}
}

// Streams at once, with breaks and cancellations, leave nothing.
func TestStream_Stress(t *testing.T) {
	p := pool.New[int, int](pool.WithWorkers(3), pool.WithQueue(4))
	var running gauge
	var loops [4]<-chan struct{}
	for g := range loops {
		loops[g] = start(func() {
			for round := range scaled(100) {
				s := streams[(g+round)%2]
				ctx, cancel := context.WithCancelCause(context.Background())
				n := 0
				for r := range s.pairs(p, ctx, running.task(inc), upTo(50), pool.Window(1+round%7)) {
					if r.err == nil && r.value != r.index+1 {
						t.Errorf("%s: got %v", s.name, r)
					}
					if n++; n == 10+round%50 {
						if g%2 == 0 {
							break
						}
						cancel(errStop)
					}
				}
				cancel(nil)
				want := 50
				if g%2 == 0 {
					want = min(50, 10+round%50)
				} else if round%50 < 40 {
					want = 11 + round%50
				}
				// Cancelled at its last result, a stream may not know yet that it was the last.
				if n != want && !(n == 51 && round%50 == 40 && g%2 == 1) {
					t.Errorf("%s, round %d: got %d pairs, want %d", s.name, round, n, want)
				}
			}
		})
	}
	for _, over := range loops {
		<-over
	}
	running.wantPeak(t, 3)
	_ = p.Close()
	wantBalance(t, p)
}
