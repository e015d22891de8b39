package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/forebay-go/forebay/examples/internal/cli"
)

// mergesort runs the program.
func mergesort(ctx context.Context, args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = run(ctx, args, &out, &errs)
	return status, out.String(), errs.String()
}

func textFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "lines.txt")
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestLinesOfAFile(t *testing.T) {
	file := textFile(t, "pear\nfig\r\n\napple\nfig\nno newline")
	output := filepath.Join(t.TempDir(), "sorted.txt")
	status, stdout, stderr := mergesort(t.Context(), "-cutoff", "1", "-workers", "1", "-queue", "1", "-o", output, file)
	if status != cli.OK || stdout != "sorted 6 lines: as slices.Sort does\n" || stderr != "" {
		t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
	got, err := os.ReadFile(output)
	if want := "\napple\nfig\nfig\nno newline\npear\n"; string(got) != want || err != nil {
		t.Errorf("got %q, error %v; want %q", got, err, want)
	}
}

func TestOutputThatCannotBeWritten(t *testing.T) {
	folder := t.TempDir()
	status, _, stderr := mergesort(t.Context(), "-n", "3", "-o", folder)
	if status != cli.Failed || !strings.Contains(stderr, folder) {
		t.Errorf("status %d, stderr %q", status, stderr)
	}
}

func TestCompareOutput(t *testing.T) {
	status, stdout, stderr := mergesort(t.Context(), "-n", "50000", "-workers", "3", "-compare")
	want := regexp.MustCompile(`^sorted 50000 numbers: as slices.Sort does
pool        [\d.]+[mµ]?s with 3 workers
slices.Sort [\d.]+[mµ]?s
pool / slices.Sort: \d+\.\d{3}
$`)
	if status != cli.OK || !want.MatchString(stdout) || stderr != "" {
		t.Errorf("status %d, stderr %q, stdout:\n%s", status, stderr, stdout)
	}
}

func TestCheckNamesThePlace(t *testing.T) {
	err := check([]int{1, 3, 2}, []int{1, 2, 3})
	if err == nil || err.Error() != "wrong at place 1: 3, slices.Sort has 2" {
		t.Errorf("error %v", err)
	}
}

func TestBadFlags(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.txt")
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"-n", "-1"}, "-n -1"},
		{[]string{"-n", "many"}, `"many"`},
		{[]string{"-workers", "0"}, "-workers 0"},
		{[]string{"-workers", "2000000"}, "-workers 2000000"},
		{[]string{"-queue", "0"}, "-queue 0"},
		{[]string{"-cutoff", "0"}, "-cutoff 0"},
		{[]string{"-wrokers", "2"}, "-wrokers"},
		{[]string{"a", "b"}, "one file"},
		{[]string{missing}, missing},
	} {
		status, stdout, stderr := mergesort(t.Context(), tt.args...)
		if status != cli.Usage || stdout != "" {
			t.Errorf("%q: status %d, want %d; stdout %q, want none", tt.args, status, cli.Usage, stdout)
		}
		if strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "mergesort: ") || !strings.Contains(stderr, tt.says) {
			t.Errorf("%q: stderr %q, want one line that says %q", tt.args, stderr, tt.says)
		}
	}
}

func TestHelp(t *testing.T) {
	status, stdout, stderr := mergesort(t.Context(), "-help")
	if status != cli.OK || stderr != "" || !strings.Contains(stdout, "-cutoff") {
		t.Errorf("status %d, stderr %q, stdout:\n%s", status, stderr, stdout)
	}
}

func TestCancelExits130(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	status, stdout, stderr := mergesort(ctx, "-n", "1000")
	if status != cli.Interrupted || stdout != "" || stderr != "mergesort: interrupted\n" {
		t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}
