package future_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/forebay-go/forebay/future"
)

// Settle waits for all, whether they succeed or fail.
func ExampleSettle() {
	for i, r := range future.Settle(
		context.Background(),
		future.Resolved("here"),
		future.Rejected[string](errors.New("no network")),
	) {
		fmt.Printf("%d: %q %v\n", i, r.Value, r.Err)
	}
	// Output:
	// 0: "here" <nil>
	// 1: "" no network
}
