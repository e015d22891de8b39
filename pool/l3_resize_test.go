package pool_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/forebay-go/forebay/pool"
)

func TestL3_Resize(t *testing.T) {
	bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
		h := hold(p, 10)
		h.let(t, "limit 2", 2)
		p.Resize(4)
		h.let(t, "up to 4, at once", 4)
		p.Resize(2)
		h.let(t, "down to 2 with 4 running", 4)
		h.let(t, "one of 4 has ended", 4, 0)
		h.let(t, "two of 4 have ended", 4, 1)
		h.let(t, "three of 4 have ended, one begins", 5, 2)
		p.Resize(1)
		h.let(t, "down to 1 with 2 running", 5)
		h.let(t, "one of 2 has ended", 5, 3)
		h.let(t, "both have ended, one begins", 6, 4)
		p.Resize(3)
		h.let(t, "up to 3", 8)
		h.let(t, "the rest", 10, 5, 6, 7, 8, 9)
	})
}

// A task that comes back from a wait counts for the new limit: it goes on at once if that
// is higher, and if it is lower not before enough of the others have ended.
func TestL3_ResizeWhileATaskComesBack(t *testing.T) {
	for _, limit := range []int{1, 3} {
		bubble(t, options(pool.WithWorkers(2)), func(t *testing.T, p *intPool) {
			wait, back := make(gate), make(chan struct{})
			p.Submit(t.Context(), func(ctx context.Context, n int) (int, error) {
				pool.Block(ctx, func() { <-wait })
				close(back)
				return n, nil
			}, 0)
			h := hold(p, 2) // in its slot, and in the other one
			wait.open()
			wantOver(t, "Block, while both slots are in use,", back, false)
			p.Resize(limit)
			wantOver(t, fmt.Sprintf("Block, after Resize(%d) with two running,", limit), back, limit == 3)
			h.let(t, "one has ended", 2, 0)
			wantOver(t, fmt.Sprintf("Block, after Resize(%d) with one running,", limit), back, limit == 3)
			h.let(t, "both have ended", 2, 1)
			wantOver(t, "Block, with none running,", back, true)
		})
	}
}

// Workers that are asleep when the limit goes down do not come back for more.
func TestL3_ResizeOfAnIdlePool(t *testing.T) {
	bubble(t, options(pool.WithWorkers(4)), func(t *testing.T, p *intPool) {
		h := hold(p, 4)
		h.let(t, "limit 4", 4, 0, 1, 2, 3)
		p.Resize(2)
		for range 4 {
			h.submit()
		}
		h.let(t, "down to 2 while idle", 6)
		h.let(t, "the rest", 8, 4, 5, 6, 7)
	})
}
