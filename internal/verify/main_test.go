package verify_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

var budget = flag.Float64("budget", 1, "how many times the usual number of schedules, or of rounds")

// total is what the summary says.
var total struct{ scenarios, schedules, steps, histories int }

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	fmt.Printf("verify: %d scenarios, %d schedules, %d steps, %d histories checked\n",
		total.scenarios, total.schedules, total.steps, total.histories)
	os.Exit(code)
}
