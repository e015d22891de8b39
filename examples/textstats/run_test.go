package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/forebay-go/forebay/examples/internal/cli"
)

var small = map[string]string{
	"a.txt":           "Hello, world!\nHello again.\n",
	"deep/er/b.txt":   "one last line without its newline",
	"deep/empty.txt":  "",
	"deep/umlaut.txt": "Ärger über ÄRGER, sagt er\n",
	"image.bin":       "GIF\x00hello hello",
	"numbers.txt":     "in 2026 uint8 is 8 bits\n",
}

func TestOutput(t *testing.T) {
	root := tree(t, small)
	status, stdout, stderr := textstats(t.Context(), "-top", "4", "-workers", "3", root)
	if want := "textstats: skipped " + filepath.Join(root, "image.bin") + ": binary file\n"; stderr != want {
		t.Errorf("stderr %q, want %q", stderr, want)
	}
	const want = `   1.              2  hello
   2.              2  ärger
   3.              1  again
   4.              1  bits

files                        5  (1 skipped)
lines                        5
words                       19
distinct words              17
bytes                      113

# s with 3 workers: # files/s, # kB/s
`
	speed := regexp.MustCompile(`(?m)^.*? s with (.*): .* files/s, .*/s$`)
	got := speed.ReplaceAllString(stdout, "# s with $1: # files/s, # kB/s")
	if status != cli.OK || got != want {
		t.Errorf("status %d, stdout:\n%s\nwant:\n%s", status, got, want)
	}
}

func TestUsageErrors(t *testing.T) {
	root := tree(t, small)
	file := filepath.Join(root, "a.txt")
	missing := filepath.Join(root, "missing")
	for _, tt := range []struct {
		args []string
		says string
	}{
		{nil, "no folder"},
		{[]string{"-wrokers", "2", root}, "-wrokers"},
		{[]string{"-workers", "0", root}, "-workers 0"},
		{[]string{"-workers", "2000000", root}, "-workers 2000000"},
		{[]string{"-workers", "two", root}, `"two"`},
		{[]string{"-top", "-1", root}, "-top -1"},
		{[]string{"-rounds", "0", root}, "-rounds 0"},
		{[]string{root, "-compare"}, "one folder"},
		{[]string{missing}, missing},
		{[]string{file}, file + ": not a folder"},
		{[]string{"new\nline"}, "new?line"},
	} {
		status, stdout, stderr := textstats(t.Context(), tt.args...)
		if status != cli.Usage || stdout != "" {
			t.Errorf("%q: status %d, want %d; stdout %q, want none", tt.args, status, cli.Usage, stdout)
		}
		if strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "textstats: ") || !strings.Contains(stderr, tt.says) {
			t.Errorf("%q: stderr %q, want one line that says %q", tt.args, stderr, tt.says)
		}
	}
}

func TestHelp(t *testing.T) {
	status, stdout, stderr := textstats(t.Context(), "-h")
	if status != cli.OK || stderr != "" || !strings.Contains(stdout, "-fail-fast") {
		t.Errorf("status %d, stderr %q, stdout:\n%s", status, stderr, stdout)
	}
}

func TestFailFastNamesTheFile(t *testing.T) {
	files := map[string]string{"m.bin": "\x00"}
	for i := range 100 {
		files[fmt.Sprintf("t%02d.txt", i)] = "some text\n"
	}
	root := tree(t, files)
	status, stdout, stderr := textstats(t.Context(), "-fail-fast", root)
	want := "textstats: " + filepath.Join(root, "m.bin") + ": binary file\n"
	if status != cli.Failed || stdout != "" || stderr != want {
		t.Errorf("status %d, stdout %q, stderr %q; want %d, none, %q", status, stdout, stderr, cli.Failed, want)
	}
}

func TestFailFastUnreadable(t *testing.T) {
	if os.Getuid() <= 0 {
		t.Skip("everything is readable to root, and Windows has no modes")
	}
	root := tree(t, map[string]string{"a.txt": "a", "locked.txt": "b"})
	locked := filepath.Join(root, "locked.txt")
	if err := os.Chmod(locked, 0); err != nil {
		t.Fatal(err)
	}
	status, _, stderr := textstats(t.Context(), "-fail-fast", root)
	if status != cli.Failed || !strings.Contains(stderr, locked) {
		t.Errorf("status %d, stderr %q; want %d and the name", status, stderr, cli.Failed)
	}
	status, _, stderr = textstats(t.Context(), root)
	if status != cli.OK || !strings.Contains(stderr, "skipped "+locked) {
		t.Errorf("without -fail-fast: status %d, stderr %q", status, stderr)
	}
}

func TestFailFastWithoutFailure(t *testing.T) {
	root := tree(t, map[string]string{"a.txt": "a", "b.txt": "b"})
	if status, _, stderr := textstats(t.Context(), "-fail-fast", "-compare", "-rounds", "1", root); status != cli.OK {
		t.Errorf("status %d, stderr %q", status, stderr)
	}
}

func TestNotesAreCapped(t *testing.T) {
	files := map[string]string{}
	for i := range 25 {
		files[fmt.Sprintf("%02d.bin", i)] = "\x00"
	}
	root := tree(t, files)
	_, stdout, stderr := textstats(t.Context(), root)
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	if len(lines) != maxNotes+1 || lines[maxNotes] != "textstats: and 15 more" {
		t.Errorf("stderr:\n%s", stderr)
	}
	if !strings.Contains(stdout, "(25 skipped)") {
		t.Errorf("stdout:\n%s", stdout)
	}
}

func TestLongLineIsReportedAndCounted(t *testing.T) {
	root := tree(t, map[string]string{"min.js": strings.Repeat("var x;", 500_000)})
	_, stdout, stderr := textstats(t.Context(), root)
	if want := "min.js: counted, with a line of 3.0 MB\n"; !strings.HasSuffix(stderr, want) {
		t.Errorf("stderr %q, want it to end with %q", stderr, want)
	}
	if !strings.Contains(stdout, "1,000,000") {
		t.Errorf("stdout has not the million words:\n%s", stdout)
	}
}

// A plug is a writer that is pulled when something is written to it.
type plug struct {
	text strings.Builder
	pull func()
}

func (p *plug) Write(b []byte) (int, error) {
	p.pull()
	return p.text.Write(b)
}

// The first note pulls the plug. No more files are under way then than the window has.
func TestInterruptExits130(t *testing.T) {
	files := map[string]string{}
	for i := range 3 * window {
		files[fmt.Sprintf("%05d.bin", i)] = "\x00"
	}
	root := tree(t, files)
	ctx, cancel := context.WithCancel(t.Context())
	stderr := plug{pull: cancel}
	var stdout bytes.Buffer
	status := run(ctx, []string{"-compare", root}, &stdout, &stderr)
	if status != cli.Interrupted {
		t.Errorf("status %d, want %d", status, cli.Interrupted)
	}
	if want := "textstats: interrupted; the figures cover what was done until then\n"; !strings.HasSuffix(stderr.text.String(), want) {
		t.Errorf("stderr %q, want it to end with %q", &stderr.text, want)
	}
	if !strings.Contains(stdout.String(), "distinct words") || strings.Contains(stdout.String(), "sequential") {
		t.Errorf("want the figures until then, and no comparison; stdout:\n%s", &stdout)
	}
	var skipped int
	_, text, _ := strings.Cut(stdout.String(), "(")
	if _, err := fmt.Sscanf(text, "%d skipped", &skipped); err != nil || skipped > window {
		t.Errorf("%d files skipped, want %d at most; error %v; stdout:\n%s", skipped, window, err, &stdout)
	}
}

// What is printed after an interrupt fits together: the words of a file that broke off are in the
// totals as they are in the vocabulary. The bar that is drawn for the first file pulls the plug while
// others are being read.
func TestInterruptedTotalsAgree(t *testing.T) {
	const n, words = 12, 100_000
	files := map[string]string{}
	for i := range n {
		files[fmt.Sprintf("%02d.txt", i)] = strings.Repeat("word\n", words)
	}
	root := tree(t, files)
	for _, e := range []engine{withPool, inSequence, withErrgroup} {
		ctx, cancel := context.WithCancel(t.Context())
		con := &console{w: &plug{pull: cancel}, total: n}
		res, _, err := e.run(ctx, config{root: root, workers: 3}, con)
		if err == nil { // a goroutine that was long in waking up finds all done
			t.Logf("%s: not interrupted in time", e.name)
		}
		if got := res.vocab.asMap()["word"]; got != res.Words || res.Lines != res.Words {
			t.Errorf("%s: %d words and %d lines in the totals, %d words in the vocabulary", e.name, res.Words, res.Lines, got)
		}
		if res.Skipped != 0 {
			t.Errorf("%s: %d files count as skipped", e.name, res.Skipped)
		}
	}
}

func TestCancelledBeforeItBegan(t *testing.T) {
	root := tree(t, small)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, e := range []engine{withPool, inSequence, withErrgroup} {
		res, _, err := e.run(ctx, config{root: root, workers: 2}, &console{})
		if err == nil || res.Files != 0 || res.Words != 0 {
			t.Errorf("%s: %+v, error %v; want nothing, and an error", e.name, res.totals, err)
		}
	}
}

func TestRootMayBeALink(t *testing.T) {
	root := tree(t, small)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(root, link); err != nil {
		if runtime.GOOS == "windows" {
			t.Skip(err)
		}
		t.Fatal(err)
	}
	if _, stdout, _ := textstats(t.Context(), link); !strings.Contains(stdout, "(1 skipped)") {
		t.Errorf("stdout:\n%s", stdout)
	}
}

func TestBrokenStdout(t *testing.T) {
	root := tree(t, small)
	var stderr bytes.Buffer
	closed, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	if status := run(t.Context(), []string{root}, closed, &stderr); status != cli.Failed {
		t.Errorf("status %d, want %d; stderr %q", status, cli.Failed, &stderr)
	}
}
