package future_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/forebay-go/forebay/future"
)

// A cache returns futures: what it has is resolved already.
func ExampleResolved() {
	cache := map[string]int{"one": 1}
	lookup := func(key string) *future.Future[int] {
		if v, ok := cache[key]; ok {
			return future.Resolved(v)
		}
		return future.Rejected[int](errors.New("not found: " + key))
	}
	fmt.Println(lookup("one").Await(context.Background()))
	fmt.Println(lookup("two").Await(context.Background()))
	// Output:
	// 1 <nil>
	// 0 not found: two
}

func ExampleRejected() {
	f := future.Rejected[int](errors.New("no network"))
	_, err := f.Await(context.Background())
	fmt.Println(f.State(), err)
	// Output: Failed no network
}
