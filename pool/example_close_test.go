package pool_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/forebay-go/forebay/pool"
)

// Close runs what was accepted, and takes nothing more.
func ExamplePool_Close() {
	ctx := context.Background()
	p := pool.New[string, int](pool.WithWorkers(1))
	f := p.Submit(ctx, countWords, "still counted")
	fmt.Println(p.Close())

	r, settled := f.Try()
	fmt.Println(r.Value, settled)
	_, err := p.Do(ctx, countWords, "too late")
	fmt.Println(errors.Is(err, pool.ErrClosed))
	// Output:
	// <nil>
	// 2 true
	// true
}

// Shutdown gives the tasks time, then ends their contexts, and still waits for them.
func ExamplePool_Shutdown() {
	p := pool.New[string, string](pool.WithWorkers(1))
	running := make(chan struct{})
	f := p.Submit(context.Background(), func(ctx context.Context, name string) (string, error) {
		close(running)
		<-ctx.Done()
		return name + " stopped cleanly", nil
	}, "wheel")
	<-running // a task that has not started would never run

	patience, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	fmt.Println(p.Shutdown(patience))
	fmt.Println(f.Await(context.Background()))
	// Output:
	// context deadline exceeded
	// wheel stopped cleanly <nil>
}

// Stop cancels everything, with a reason, and waits until nothing runs.
func ExamplePool_Stop() {
	ctx := context.Background()
	p := pool.New[string, int](pool.WithWorkers(1))
	running := make(chan struct{})
	first := p.Submit(ctx, func(ctx context.Context, _ string) (int, error) {
		close(running)
		<-ctx.Done()
		return 0, context.Cause(ctx)
	}, "")
	<-running
	queued := p.Submit(ctx, countWords, "never counted")

	p.Stop(errors.New("flood"))
	_, err := first.Await(ctx)
	fmt.Println(first.State(), err)
	_, err = queued.Await(ctx)
	fmt.Println(queued.State(), err)
	// Output:
	// Failed flood
	// Canceled future: canceled before it ran: flood
}
