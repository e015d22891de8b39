package pool_test

import (
	"context"
	"fmt"

	"github.com/forebay-go/forebay/pool"
)

// Do is a call with a limit on how many run at once.
func ExamplePool_Do() {
	p := pool.New[string, int](pool.WithWorkers(2))
	defer p.Close()
	n, err := p.Do(context.Background(), countWords, "as if it were called here")
	fmt.Println(n, err)
	// Output: 6 <nil>
}
