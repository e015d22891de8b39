package pool_test

import (
	"context"
	"fmt"

	"github.com/forebay-go/forebay/pool"
)

// Nobody waits for room, and memory grows with what is queued.
func ExampleWithUnboundedQueue() {
	p := pool.New[int, int](pool.WithWorkers(1), pool.WithUnboundedQueue(), pool.WithName("mail"))
	release := make(chan struct{})
	for n := range 100_000 {
		_ = p.Go(context.Background(), func(_ context.Context, n int) (int, error) {
			<-release
			return n, nil
		}, n)
	}
	s := p.Stats()
	fmt.Println(s.Name, s.Accepted, s.QueueCap)
	close(release)
	_ = p.Close()
	fmt.Println(p.Stats().Succeeded)
	// Output:
	// mail 100000 0
	// 100000
}
