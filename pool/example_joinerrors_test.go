package pool_test

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/forebay-go/forebay/pool"
)

// Two inspectors find something. The error of the third task, which only stops because of that,
// is not worth a line.
func ExampleJoinErrors() {
	p := pool.New[string, int](pool.WithWorkers(3))
	defer p.Close()

	var both sync.WaitGroup
	both.Add(2)
	g, ctx := p.Group(context.Background(), pool.JoinErrors(10))
	for _, gate := range []string{"north", "south"} {
		g.Go(func(_ context.Context, name string) (int, error) {
			both.Done()
			both.Wait() // or the other might not start any more
			return 0, errors.New(name + " gate is stuck")
		}, gate)
	}
	g.Go(func(ctx context.Context, _ string) (int, error) {
		<-ctx.Done()
		return 0, ctx.Err()
	}, "")
	_, err := g.Wait()
	fmt.Println(err)
	fmt.Println(errors.Is(err, context.Cause(ctx)))
	// Output:
	// north gate is stuck
	// south gate is stuck
	// true
}
