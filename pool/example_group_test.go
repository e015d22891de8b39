package pool_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/forebay-go/forebay/pool"
)

// A group collects the results in the order of submission. If a task fails, no other starts, and
// the contexts of those that run end.
func ExamplePool_Group() {
	p := pool.New[string, int](pool.WithWorkers(4))
	defer p.Close()

	g, _ := p.Group(context.Background())
	for _, text := range []string{"a surge in", "out, steady and slow", "", "the wheels run"} {
		g.Submit(countWords, text)
	}
	fmt.Println(g.Wait())

	g, ctx := p.Group(context.Background())
	stuck := errors.New("the gate is stuck")
	g.Go(func(context.Context, string) (int, error) { return 0, stuck }, "")
	g.Go(func(ctx context.Context, _ string) (int, error) {
		<-ctx.Done() // or it never starts
		return 0, ctx.Err()
	}, "")
	_, err := g.Wait()
	fmt.Println(err, err == stuck, context.Cause(ctx) == stuck)
	// Output:
	// [3 4 0 3] <nil>
	// the gate is stuck true true
}
