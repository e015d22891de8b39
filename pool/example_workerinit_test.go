package pool_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/forebay-go/forebay/pool"
)

// Each worker has a buffer of its own, which its tasks use one after the other, without a lock.
func ExampleWithWorkerInit() {
	type bufferKey struct{}
	p := pool.New[string, string](
		pool.WithWorkers(1),
		pool.WithWorkerInit(func(ctx context.Context) (context.Context, func()) {
			fmt.Println("worker starts")
			return context.WithValue(ctx, bufferKey{}, new(bytes.Buffer)), func() { fmt.Println("worker ends") }
		}),
	)
	shout := func(ctx context.Context, s string) (string, error) {
		b := ctx.Value(bufferKey{}).(*bytes.Buffer)
		b.Reset()
		fmt.Fprintf(b, "%s!", s)
		return b.String(), nil
	}
	for _, s := range []string{"open", "close"} {
		fmt.Println(p.Do(context.Background(), shout, s))
	}
	_ = p.Close()
	// Output:
	// worker starts
	// open! <nil>
	// close! <nil>
	// worker ends
}
