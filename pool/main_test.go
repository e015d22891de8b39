package pool_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails the package if a goroutine is left when its tests are over, but for the one
// that TestL13_LeakProfile plants.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/forebay-go/forebay/pool_test.plant"))
}
