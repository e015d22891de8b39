package pool_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/forebay-go/forebay/pool"
)

// Eight workers for all the work; no more than two requests at once to one host.
func ExampleShare() {
	ctx := context.Background()
	p := pool.New[string, string](pool.WithWorkers(8))
	defer p.Close()

	host := pool.Share[string, int](p, pool.WithWorkers(2), pool.WithName("host"))
	fetch := func(_ context.Context, path string) (int, error) { return len(path), nil }

	// A task of one pool may await one of another: they are the same workers.
	f := p.Submit(ctx, func(ctx context.Context, path string) (string, error) {
		n, err := host.Do(ctx, fetch, path)
		return strings.Repeat("*", n), err
	}, "/index")
	fmt.Println(f.Await(ctx))

	_ = host.Close() // p goes on
	fmt.Println(host.Go(ctx, fetch, "/late"))
	s := host.Stats()
	fmt.Println(s.Name, s.Limit, s.Succeeded, p.Stats().Limit)
	// Output:
	// ****** <nil>
	// pool: closed
	// host 2 1 8
}
