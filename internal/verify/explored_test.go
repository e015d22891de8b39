//go:build explore

package verify_test

import (
	"errors"
	"flag"
	"testing"

	"github.com/forebay-go/forebay/internal/explore"
)

var (
	deeper = flag.Int("deeper", 0, "how many more preemptions than usual")
	replay = flag.String("replay", "", "run this schedule only; pick the scenario with -run")
)

// explored runs a program under every schedule, and logs how many there were.
func explored(t *testing.T, o explore.Options, program func(*explore.Run)) {
	t.Helper()
	if o.Schedules == 0 {
		o.Schedules = 20_000
	}
	o.Schedules = int(float64(o.Schedules) * *budget)
	o.Preemptions += *deeper
	o.Replay = *replay
	report, err := explore.Explore(o, program)
	total.scenarios++
	total.schedules += report.Schedules
	total.steps += report.Steps
	var failure *explore.Failure
	switch {
	case errors.As(err, &failure):
		t.Fatalf("after %d schedules: %v\nagain: go test -tags explore -run '%s' -replay '%s' .",
			report.Schedules, failure, t.Name(), failure.Schedule)
	case err != nil:
		t.Fatal(err)
	default:
		t.Log(report)
	}
}
