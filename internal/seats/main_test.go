package seats_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails the package if a goroutine is left when its tests are over.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
