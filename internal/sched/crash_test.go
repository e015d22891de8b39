package sched_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/forebay-go/forebay/internal/sched"
)

// crashVariable tells the test binary to crash, and how.
const crashVariable = "SCHED_TEST_CRASH"

var crashes = map[string]job{
	"panic":             panicking,
	"panic in Goexit":   func(w *sched.Worker) { defer panicking(w); runtime.Goexit() },
	"panic after panic": func(w *sched.Worker) { defer panicking(w); panic("the first panic") },
}

//go:noinline
func panicking(*sched.Worker) { panic(lastWords{}) }

// lastWords is what a job panics with. The runtime asks for its text when all deferred calls
// have returned, just before the process ends. It gives the others a chance to run then.
type lastWords struct{}

func (lastWords) Error() string {
	for range 1000 {
		runtime.Gosched()
	}
	if afterwards.Load() {
		return "the panic of a job, and the next job ran"
	}
	return "the panic of a job"
}

var afterwards atomic.Bool

// crash runs a job that panics, with another behind it, and waits for the end of the
// scheduler, which never comes.
func crash() {
	c := newCrew(1, time.Second)
	c.submit(crashes[os.Getenv(crashVariable)])
	c.submit(func(*sched.Worker) { afterwards.Store(true) })
	c.shut()
	c.sched.Join()
}

// A panic that nobody recovers crashes the process with its own message and its own stack,
// as in a bare goroutine. The scheduler does nothing about it: it neither recovers, nor
// replaces the worker, nor counts it out.
func TestL10_PanicCrashesTheProcess(t *testing.T) {
	for how := range crashes {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), crashVariable+"="+how, "GOTRACEBACK=single")
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			var exit *exec.ExitError
			if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != 2 {
				t.Errorf("the process ended with %v, want exit status 2", err)
			}
			for _, want := range []string{"panic: ", "the panic of a job", "sched_test.panicking("} {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("the crash does not show %q", want)
				}
			}
			for _, not := range []string{"all goroutines are asleep", "fatal error", "recovered", "the next job ran"} {
				if strings.Contains(stderr.String(), not) {
					t.Errorf("the crash says %q", not)
				}
			}
			if t.Failed() {
				t.Logf("stderr:\n%s", stderr.String())
			}
		})
	}
}
