package future_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/forebay-go/forebay/future"
)

// Race takes whatever settles first, be it a failure. The loser goes on.
func ExampleRace() {
	slow := future.NewPromise[string]()
	i, _, err := future.Race(context.Background(), slow.Future(), future.Rejected[string](errors.New("no network")))
	fmt.Println(i, err, slow.Future().State())
	// Output: 1 no network Pending
}
