package pool_test

import (
	"context"
	"fmt"

	"github.com/forebay-go/forebay/pool"
)

// A task that submits to its own pool and awaits cannot deadlock, on one worker and with a
// queue of one, at any depth. It only has to pass its own ctx on.
func Example_recursion() {
	p := pool.New[int, int](pool.WithWorkers(1), pool.WithQueue(1))
	defer p.Close()

	var fib pool.Func[int, int]
	fib = func(ctx context.Context, n int) (int, error) {
		if n < 2 {
			return n, nil
		}
		left := p.Submit(ctx, fib, n-1)
		right := p.Submit(ctx, fib, n-2)
		a, err := left.Await(ctx)
		if err != nil {
			return 0, err
		}
		b, err := right.Await(ctx)
		return a + b, err
	}
	fmt.Println(p.Do(context.Background(), fib, 12))
	// Output: 144 <nil>
}
