package pool_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/pool"
)

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
