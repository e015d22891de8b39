package pool_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

func countWords(_ context.Context, text string) (int, error) {
	return len(strings.Fields(text)), nil
}

func ExampleNew() {
	p := pool.New[string, int](
		pool.WithWorkers(8),
		pool.WithQueue(100),
		pool.WithName("words"),
	)
	defer p.Close()
	s := p.Stats()
	fmt.Println(s.Name, s.Limit, s.QueueCap, s.Idle) // no worker before there is work
	// Output: words 8 100 0
}

func ExamplePool_Submit() {
	ctx := context.Background()
	p := pool.New[string, int]()
	defer p.Close()

	var fs []*future.Future[int]
	for _, line := range []string{"the flow", "runs through the forebay", "to the wheels"} {
		fs = append(fs, p.Submit(ctx, countWords, line))
	}
	for _, f := range fs {
		n, err := f.Await(ctx)
		fmt.Println(n, err)
	}
	// Output:
	// 2 <nil>
	// 4 <nil>
	// 3 <nil>
}

// A task submitted with a ctx that ends is cancelled; one that had not started never runs.
func ExamplePool_Submit_cancel() {
	p := pool.New[string, int](pool.WithWorkers(1))
	defer p.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	f := p.Submit(ctx, countWords, "never counted")
	_, err := f.Await(context.Background())
	fmt.Println(f.State(), err)
	// Output: Canceled future: canceled before it ran: context canceled
}
