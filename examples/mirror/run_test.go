package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/forebay-go/forebay/examples/internal/cli"
)

// mirrorProgram runs the program.
func mirrorProgram(ctx context.Context, args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = run(ctx, args, &out, &errs)
	return status, out.String(), errs.String()
}

func TestOutput(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	status, stdout, stderr := mirrorProgram(t.Context(), "-pages", "100", "-per-host", "1", "-rate", "0", "-latency", "0s", "-broken", "3", "-o", dir)
	const want = `pages          97 (3 failed)
bytes      268509
retries        27
requests      127, at most 1 at a time to one of 4 hosts
# ms, # pages/s
`
	speed := regexp.MustCompile(`(?m)^[\d.]+m?s, \d+ pages/s$`)
	if got := speed.ReplaceAllString(stdout, "# ms, # pages/s"); status != cli.OK || got != want {
		t.Errorf("status %d, stdout:\n%swant:\n%s", status, got, want)
	}
	const notes = `mirror: failed: http://host1.test/page97.html: 503 Service Unavailable
mirror: failed: http://host2.test/page98.html: 404 Not Found
mirror: failed: http://host3.test/page99.html: 503 Service Unavailable
`
	lines := slices.Sorted(strings.Lines(stderr)) // they come in any order
	if got := strings.Join(lines, ""); got != notes {
		t.Errorf("stderr:\n%swant:\n%s", got, notes)
	}
	if _, err := os.Stat(filepath.Join(dir, "host1.test", "page1.html")); err != nil {
		t.Error(err)
	}
}

func TestFailFastExits1(t *testing.T) {
	status, _, stderr := mirrorProgram(t.Context(), "-pages", "20", "-broken", "1", "-fail-fast", "-latency", "0s")
	if want := "mirror: http://host3.test/page19.html: 503 Service Unavailable\n"; status != cli.Failed || stderr != want {
		t.Errorf("status %d, stderr %q; want %d, %q", status, stderr, cli.Failed, want)
	}
}

func TestBadFlags(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"-workers", "0"},
		{"-workers", "many"},
		{"-per-host", "0"},
		{"-rate", "-1"},
		{"-rate", "NaN"},
		{"-pages", "0"},
		{"-hosts", "0"},
		{"-fan-out", "0"},
		{"-broken", "300"},
		{"-latency", "-1s"},
		{"-wrokers", "2"},
		{"-o", file},
		{"extra"},
	} {
		status, stdout, stderr := mirrorProgram(t.Context(), args...)
		if status != cli.Usage || stdout != "" {
			t.Errorf("%q: status %d, want %d; stdout %q, want none", args, status, cli.Usage, stdout)
		}
		if strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "mirror: ") || !strings.Contains(stderr, args[0]) && args[0] != "-o" {
			t.Errorf("%q: stderr %q, want one line", args, stderr)
		}
	}
}

func TestHelp(t *testing.T) {
	status, stdout, stderr := mirrorProgram(t.Context(), "-help")
	if status != cli.OK || stderr != "" || !strings.Contains(stdout, "-fail-fast") {
		t.Errorf("status %d, stderr %q, stdout:\n%s", status, stderr, stdout)
	}
}

func TestCancelExits130(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	status, stdout, stderr := mirrorProgram(ctx)
	if status != cli.Interrupted || !strings.HasPrefix(stdout, "pages           0") || stderr != "mirror: interrupted\n" {
		t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}
