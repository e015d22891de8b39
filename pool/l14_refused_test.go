package pool_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/pool"
)

// A submit that is refused inside a task leaves nothing on that task: its ctx goes with its
// end, though its future is kept.
func TestL14_ARefusedChildLetsGoOfItsParent(t *testing.T) {
	refusals := map[string]func(p *intPool, ctx context.Context) error{
		"TrySubmit": func(p *intPool, ctx context.Context) error {
			_, err := p.TrySubmit(ctx, inc, 1)
			return err
		},
		"Submit": func(p *intPool, ctx context.Context) error {
			_, err := p.Submit(ctx, inc, 1).Await(ctx)
			return err
		},
		"Go": func(p *intPool, ctx context.Context) error { return p.Go(ctx, inc, 1) },
	}
	for name, refused := range refusals {
		t.Run(name, func(t *testing.T) {
			bubble(t, options(pool.WithWorkers(1), pool.WithQueue(1), pool.WithOnFull(pool.RejectWhenFull)), func(t *testing.T, p *intPool) {
				hold := make(gate)
				value := new(thing)
				gone := probeOf("a value of the parent's ctx", value)
				f := p.Submit(context.WithValue(context.Background(), ctxKey{}, value), func(ctx context.Context, n int) (int, error) {
					<-hold
					return n, refused(p, ctx)
				}, 1)
				synctest.Wait()
				p.Submit(t.Context(), inc, 1) // fills the queue
				hold.open()
				if _, err := f.Await(t.Context()); err != pool.ErrFull {
					t.Fatalf("%s on a full queue: got %v, want ErrFull", name, err)
				}
				value = nil
				wantCollected(t, "the parent is settled", gone)
				f.State()
			})
		})
	}
}
