package promise_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scaled is n, or less of it with -short.
func scaled(n int) int {
	if testing.Short() {
		return n / 10
	}
	return n
}
