package pool_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// The results are in the order of the arguments, whichever is ready first.
func ExamplePool_Map() {
	p := pool.New[string, int]()
	defer p.Close()

	lengths, err := p.Map(context.Background(), func(_ context.Context, s string) (int, error) {
		return len(s), nil
	}, []string{"a", "forebay", "feeds", "turbines"})
	fmt.Println(lengths, err)
	// Output: [1 7 5 8] <nil>
}

// The first failure says which item it was; it ends the rest.
func ExamplePool_Map_error() {
	p := pool.New[string, int](pool.WithWorkers(1))
	defer p.Close()

	numbers, err := p.Map(context.Background(), func(_ context.Context, s string) (int, error) {
		return strconv.Atoi(s)
	}, []string{"1", "2", "three", "4"})

	var failed *future.IndexError
	if errors.As(err, &failed) {
		fmt.Println("item", failed.Index, "failed:", failed.Err)
	}
	fmt.Println(numbers)
	// Output:
	// item 2 failed: strconv.Atoi: parsing "three": invalid syntax
	// [1 2 0 0]
}

// A Map in each item of a Map needs no second pool, not even a second worker.
func ExamplePool_Map_nested() {
	p := pool.New[int, int](pool.WithWorkers(1), pool.WithQueue(1))
	defer p.Close()

	square := func(_ context.Context, n int) (int, error) { return n * n, nil }
	row := func(ctx context.Context, n int) (int, error) {
		squares, err := p.Map(ctx, square, []int{n, n + 1, n + 2})
		sum := 0
		for _, s := range squares {
			sum += s
		}
		return sum, err
	}
	fmt.Println(p.Map(context.Background(), row, []int{0, 10, 20}))
	// Output: [5 365 1325] <nil>
}
