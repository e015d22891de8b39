package pool_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// Nobody waits for the text: when it is there, its words are counted on a worker.
func ExamplePool_SubmitAfter() {
	ctx := context.Background()
	p := pool.New[string, int]()
	defer p.Close()
	text := future.NewPromise[string]()
	words := p.SubmitAfter(ctx, text.Future(), func(_ context.Context, s string) (int, error) {
		return len(strings.Fields(s)), nil
	})
	fmt.Println(words.State())
	text.Resolve("surges in, a steady flow out")
	fmt.Println(words.Await(ctx))
	// Output:
	// Pending
	// 6 <nil>
}
