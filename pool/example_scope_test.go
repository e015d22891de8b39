package pool_test

import (
	"context"
	"fmt"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// Scope leaves no task behind, however its body ends. A scope inside a task needs no worker of
// its own: this pool has one.
func ExamplePool_Scope() {
	p := pool.New[[]int, int](pool.WithWorkers(1), pool.WithQueue(1))
	defer p.Close()

	var sum pool.Func[[]int, int]
	sum = func(ctx context.Context, ns []int) (total int, err error) {
		if len(ns) == 1 {
			return ns[0], nil
		}
		err = p.Scope(ctx, func(ctx context.Context, g *pool.Group[[]int, int]) error {
			half := len(ns) / 2
			a, b, err := future.Join2(ctx, g.Submit(sum, ns[:half]), g.Submit(sum, ns[half:]))
			total = a + b
			return err
		})
		return total, err
	}
	fmt.Println(p.Do(context.Background(), sum, []int{1, 2, 3, 4, 5, 6, 7, 8}))
	// Output: 36 <nil>
}
