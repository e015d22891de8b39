package pool_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/forebay-go/forebay/pool"
)

// Each result comes as soon as it is there, with the index of its input.
func ExamplePool_StreamUnordered() {
	p := pool.New[string, string](pool.WithWorkers(2))
	defer p.Close()

	answer := make(chan struct{})
	ask := func(_ context.Context, server string) (string, error) {
		if server == "slow" {
			<-answer
		}
		return server + " says hello", nil
	}
	for i, r := range p.StreamUnordered(context.Background(), ask, slices.Values([]string{"slow", "fast"})) {
		fmt.Println(i, r.Value, r.Err)
		if i == 1 {
			close(answer)
		}
	}
	// Output:
	// 1 fast says hello <nil>
	// 0 slow says hello <nil>
}
