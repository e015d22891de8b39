package pool_test

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/forebay-go/forebay/pool"
)

// The pool has many workers; at most two of them are at one host.
func ExampleLimit() {
	p := pool.New[string, int](pool.WithWorkers(16))
	defer p.Close()

	var now, tooMany atomic.Int64
	visit := func(_ context.Context, page string) (int, error) {
		if now.Add(1) > 2 {
			tooMany.Add(1)
		}
		defer now.Add(-1)
		return len(page), nil
	}
	g, _ := p.Group(context.Background(), pool.Limit(2))
	for _, page := range []string{"/", "/gates", "/wheels", "/gates/1"} {
		g.Submit(visit, page) // waits while two are on their way
	}
	sizes, err := g.Wait()
	fmt.Println(sizes, err, tooMany.Load())
	// Output: [1 6 7 8] <nil> 0
}
