package pool_test

import (
	"context"
	"fmt"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

func ExampleWithHooks() {
	p := pool.New[int, int](pool.WithName("squares"), pool.WithHooks(&pool.Hooks{
		Finished: func(i pool.TaskInfo, s future.State, err error) {
			fmt.Printf("%s: task %d: %v, took time: %t\n", i.Pool, i.ID, s, i.Ended.After(i.Queued))
		},
	}))
	square := func(_ context.Context, n int) (int, error) { return n * n, nil }
	fmt.Println(p.Do(context.Background(), square, 7))
	_ = p.Close()
	// Output:
	// squares: task 1: Succeeded, took time: true
	// 49 <nil>
}
