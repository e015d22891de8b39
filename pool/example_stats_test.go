package pool_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/forebay-go/forebay/pool"
)

func ExamplePool_Stats() {
	ctx := context.Background()
	p := pool.New[string, int](pool.WithName("words"), pool.WithWorkers(4))
	for _, line := range []string{"a b", "c", ""} {
		_ = p.Go(ctx, func(ctx context.Context, line string) (int, error) {
			if line == "" {
				return 0, errors.New("empty line")
			}
			return countWords(ctx, line)
		}, line)
	}
	_ = p.Close()
	s := p.Stats()
	fmt.Println(s.Name, s.Accepted, "=", s.Succeeded, "+", s.Failed)
	// Output: words 3 = 2 + 1
}
