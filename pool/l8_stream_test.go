package pool_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/pool"
)

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

// An input that watches ctx, as it should, and stops: the last pair has the cause, also if every
// result was yielded before.
func TestL8_StreamInputEndsWithCtx(t *testing.T) {
	for _, s := range streams {
		bubble(t, nil, func(t *testing.T, p *intPool) {
			ctx, cancel := context.WithCancelCause(t.Context())
			watching := func(yield func(int) bool) {
				for i := 0; ctx.Err() == nil && yield(i); i++ {
					if i == 2 {
						cancel(errBoom)
					}
				}
			}
			var last pair
			for r := range s.pairs(p, ctx, inc, watching, pool.Window(1)) {
				last = r
			}
			if last.err != errBoom {
				t.Errorf("%s: the last pair is %v, want one with the cause", s.name, last)
			}
		})
	}
}

// When ctx ends while the submit of an input waits for room, no further input is pulled.
func TestL8_StreamCtxEndsWhileItSubmits(t *testing.T) {
	for _, tt := range streams {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1)), func(t *testing.T, p *intPool) {
				ctx, cancel := context.WithCancelCause(t.Context())
				g := make(gate)
				var pulled atomic.Int64
				var got []pair
				over := start(func() { got = slices.Collect(tt.pairs(p, ctx, g.hold, naturals(&pulled), pool.Window(9))) })
				wantOver(t, "the loop, whose third item does not find room,", over, false)
				cancel(errStop)
				synctest.Wait()
				g.open()
				wantOver(t, "the loop", over, true)
				if n := pulled.Load(); n != 3 || len(got) != 1 || got[0].err != errStop {
					t.Errorf("got %v after %d inputs, want only %v, after 3", got, n, errStop)
				}
			})
		})
	}
}

// An input that comes when ctx has ended, of an args that does not watch ctx, is not submitted.
func TestL8_StreamInputComesAfterCtx(t *testing.T) {
	for _, tt := range streams {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(1)), func(t *testing.T, p *intPool) {
				ctx, cancel := context.WithCancelCause(t.Context())
				args := func(yield func(int) bool) {
					yield(1)
					cancel(errStop)
					if yield(2) {
						t.Error("after the end of ctx: yield returned true")
					}
				}
				got := slices.Collect(tt.pairs(p, ctx, untilDone, args))
				if len(got) != 1 || got[0].err != errStop {
					t.Errorf("got %v, want only %v", got, errStop)
				}
				if s := p.Stats(); s.Accepted != 1 || s.Rejected != 0 {
					t.Errorf("got %d accepted, %d rejected, want the first input only", s.Accepted, s.Rejected)
				}
			})
		})
	}
}
