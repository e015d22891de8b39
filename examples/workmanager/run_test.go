package main

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"github.com/forebay-go/forebay/examples/internal/cli"
)

// asProgram makes this test binary behave as workmanager itself, for the test of a real signal.
const asProgram = "WORKMANAGER_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	goleak.VerifyTestMain(m)
}

// workmanager runs the program with a fake clock.
func workmanager(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var out, errs bytes.Buffer
		status = run(t.Context(), args, &out, &errs)
		stdout, stderr = out.String(), errs.String()
	})
	return status, stdout, stderr
}

func TestOutput(t *testing.T) {
	status, stdout, stderr := workmanager(t, "-jobs", "400", "-workers", "10", "-sleep", "10ms", "-compare")
	const want = `400 jobs of 10ms on 10 workers, ideal 400ms
pool        total 400ms, overhead 0s (0.000%)
goroutines  total 400ms, overhead 0s (0.000%)
pool / goroutines: 1.00000
`
	if status != cli.OK || stdout != want || stderr != "" {
		t.Errorf("status %d, stderr %q, stdout:\n%swant:\n%s", status, stderr, stdout, want)
	}
}

func TestDefaultsAreTheOriginalExperiment(t *testing.T) {
	_, stdout, _ := workmanager(t)
	const want = "10000 jobs of 100ms on 10 workers, ideal 1m40s\n"
	if !strings.HasPrefix(stdout, want) {
		t.Errorf("stdout:\n%swant it to begin with %q", stdout, want)
	}
}

func TestBadFlags(t *testing.T) {
	for _, args := range [][]string{
		{"-jobs", "0"},
		{"-jobs", "many"},
		{"-workers", "-1"},
		{"-workers", "2000000"},
		{"-sleep", "0s"},
		{"-sleep", "100"},
		{"-wrokers", "10"},
		{"extra"},
	} {
		status, stdout, stderr := workmanager(t, args...)
		if status != cli.Usage || stdout != "" {
			t.Errorf("%q: status %d, want %d; stdout %q, want none", args, status, cli.Usage, stdout)
		}
		if strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "workmanager: ") {
			t.Errorf("%q: stderr %q, want one line", args, stderr)
		}
	}
}

func TestHelp(t *testing.T) {
	status, stdout, stderr := workmanager(t, "-help")
	if status != cli.OK || stderr != "" || !strings.Contains(stdout, "-sleep") {
		t.Errorf("status %d, stderr %q, stdout:\n%s", status, stderr, stdout)
	}
}

func TestCancelExits130(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	if status := run(ctx, []string{"-sleep", "1h", "-compare"}, &stdout, &stderr); status != cli.Interrupted {
		t.Errorf("status %d, want %d", status, cli.Interrupted)
	}
	if !strings.Contains(stdout.String(), "0 of 10000 jobs") || stderr.String() != "workmanager: interrupted\n" {
		t.Errorf("stdout %q, stderr %q", &stdout, &stderr)
	}
}

// A real SIGINT to a real process, sent when its first line says that it has begun.
func TestInterrupt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be sent an interrupt there")
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-sleep", "1h")
	cmd.Env = append(os.Environ(), asProgram+"=1")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	if !lines.Scan() {
		t.Fatal("the program said nothing")
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	lines.Scan()
	if got := lines.Text(); !strings.Contains(got, "0 of 10000 jobs") {
		t.Errorf("after the interrupt it printed %q", got)
	}
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != cli.Interrupted {
		t.Errorf("exit status %d, want %d", got, cli.Interrupted)
	}
}
