package pool_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/forebay-go/forebay/pool"
)

// Ask all mirrors, and take the first that answers: the others are cancelled.
func ExamplePool_First() {
	p := pool.New[string, string](pool.WithWorkers(3))
	defer p.Close()

	fetch := func(ctx context.Context, mirror string) (string, error) {
		switch mirror {
		case "down":
			return "", errors.New("no route to host")
		case "slow":
			<-ctx.Done() // until another has won
			return "", ctx.Err()
		}
		return "the page, from " + mirror, nil
	}
	fmt.Println(p.First(context.Background(), fetch, "down", "slow", "near"))

	_, err := p.First(context.Background(), fetch, "down", "down")
	fmt.Println(err)
	// Output:
	// the page, from near <nil>
	// future: item 0: no route to host
	// future: item 1: no route to host
}
