package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/forebay-go/forebay/examples/internal/cli"
)

// dedupeProgram runs the program.
func dedupeProgram(ctx context.Context, args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = run(ctx, args, &out, &errs)
	return status, out.String(), errs.String()
}

// tree makes a folder with these files in it; a name may have folders in front.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

var small = map[string]string{
	"alone.txt":      "no other file is as long as this one",
	"b/same.txt":     "the same text",
	"a.txt":          "the same text",
	"b/c/same.txt":   "the same text",
	"same size.txt":  "THE SAME TEXT",
	"big/1.bin":      strings.Repeat("x", 100_000),
	"big/2.bin":      strings.Repeat("x", 100_000),
	"big/3.bin":      strings.Repeat("x", 99_999) + "y",
	"empty/1.txt":    "",
	"empty/2.txt":    "",
	"short/one.txt":  "a",
	"short/two.txt":  "a",
	"short/else.txt": "b",
}

func TestOutput(t *testing.T) {
	root := tree(t, small)
	const all = `2 files of 100000 bytes:
  big/1.bin
  big/2.bin
3 files of 13 bytes:
  a.txt
  b/c/same.txt
  b/same.txt
2 files of 1 bytes:
  short/one.txt
  short/two.txt
11 files, 10 of them read, 0 unreadable
3 groups with 4 copies: 100027 bytes could be saved
#
`
	const large = `2 files of 100000 bytes:
  big/1.bin
  big/2.bin
4 files, 3 of them read, 0 unreadable
1 groups with 1 copies: 100000 bytes could be saved
#
`
	elapsed := regexp.MustCompile(`(?m)^[\d.]+m?s$`)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"-workers", "1"}, all},
		{[]string{"-workers", "8"}, all},
		{[]string{"-min", "14"}, large},
	} {
		status, stdout, stderr := dedupeProgram(t.Context(), append(tt.args, root)...)
		if got := elapsed.ReplaceAllString(stdout, "#"); status != cli.OK || got != tt.want || stderr != "" {
			t.Errorf("%q: status %d, stderr %q, stdout:\n%swant:\n%s", tt.args, status, stderr, got, tt.want)
		}
	}
}

func TestLinksAreNotFollowed(t *testing.T) {
	root := tree(t, map[string]string{"real/a.txt": "text", "real/b.txt": "text"})
	link := filepath.Join(t.TempDir(), "link")
	for name, target := range map[string]string{link: root, filepath.Join(root, "again"): filepath.Join(root, "real")} {
		if err := os.Symlink(target, name); err != nil {
			t.Skip(err) // Windows asks for a privilege
		}
	}
	// The folder itself may be a link.
	if _, stdout, stderr := dedupeProgram(t.Context(), link); !strings.Contains(stdout, "2 files, 2 of them read") || stderr != "" {
		t.Errorf("stderr %q, stdout:\n%s", stderr, stdout)
	}
}

func TestUnreadableIsReported(t *testing.T) {
	if os.Getuid() <= 0 {
		t.Skip("everything is readable to root, and Windows has no modes")
	}
	root := tree(t, map[string]string{"a.txt": "text", "b.txt": "text", "locked.txt": "text", "folder/c.txt": "text"})
	for _, name := range []string{"locked.txt", "folder"} {
		path := filepath.Join(root, name)
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
		defer os.Chmod(path, 0o755)
	}
	status, stdout, stderr := dedupeProgram(t.Context(), root)
	if status != cli.OK || !strings.Contains(stdout, "3 files, 2 of them read, 2 unreadable") {
		t.Errorf("status %d, stdout:\n%s", status, stdout)
	}
	if strings.Count(stderr, "\n") != 2 || !strings.Contains(stderr, "locked.txt") || !strings.Contains(stderr, "folder") {
		t.Errorf("stderr %q", stderr)
	}
}

// A file may go away between the stages.
func TestGoneBetweenTheStages(t *testing.T) {
	root := tree(t, small)
	found, err := sizesOf(t.Context(), root, 1, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	gone := filepath.Join(root, "big", "2.bin")
	if err := os.Remove(gone); err != nil {
		t.Fatal(err)
	}
	var reported []error
	read, same, err := contentsOf(t.Context(), found, 2, func(err error) { reported = append(reported, err) })
	if read != 9 || len(groupsOf(same)) != 2 || err != nil {
		t.Errorf("%d files read, %d groups, error %v", read, len(groupsOf(same)), err)
	}
	if len(reported) != 1 || !errors.Is(reported[0], os.ErrNotExist) || !strings.Contains(reported[0].Error(), gone) {
		t.Errorf("reported %v", reported)
	}
}

func TestBadFlags(t *testing.T) {
	root := tree(t, small)
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"-workers", "0", root}, "-workers 0"},
		{[]string{"-workers", "many", root}, `"many"`},
		{[]string{"-min", "0", root}, "-min 0"},
		{[]string{"-wrokers", "2", root}, "-wrokers"},
		{[]string{root, root}, "one folder"},
		{[]string{filepath.Join(root, "missing")}, "missing"},
		{[]string{filepath.Join(root, "a.txt")}, "a.txt"},
	} {
		status, stdout, stderr := dedupeProgram(t.Context(), tt.args...)
		if status != cli.Usage || stdout != "" {
			t.Errorf("%q: status %d, want %d; stdout %q, want none", tt.args, status, cli.Usage, stdout)
		}
		if strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "dedupe: ") || !strings.Contains(stderr, tt.says) {
			t.Errorf("%q: stderr %q, want one line that says %q", tt.args, stderr, tt.says)
		}
	}
}

func TestHelp(t *testing.T) {
	status, stdout, stderr := dedupeProgram(t.Context(), "-help")
	if status != cli.OK || stderr != "" || !strings.Contains(stdout, "-min") {
		t.Errorf("status %d, stderr %q, stdout:\n%s", status, stderr, stdout)
	}
}

func TestCancel(t *testing.T) {
	root := tree(t, small)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	found, err := sizesOf(ctx, root, 1, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, _, err := contentsOf(ctx, found, 2, func(err error) { t.Error(err) }); !errors.Is(err, context.Canceled) {
		t.Errorf("second stage: error %v", err)
	}
	if _, err := readFile(ctx, filepath.Join(root, "a.txt")); !errors.Is(err, context.Canceled) {
		t.Errorf("reading: error %v", err)
	}
	status, stdout, stderr := dedupeProgram(ctx, root)
	if status != cli.Interrupted || stdout != "" || stderr != "dedupe: interrupted\n" {
		t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("disk on fire") }

func TestBrokenStdout(t *testing.T) {
	var stderr bytes.Buffer
	if status := run(t.Context(), []string{tree(t, small)}, brokenWriter{}, &stderr); status != cli.Failed {
		t.Errorf("status %d, want %d; stderr %q", status, cli.Failed, &stderr)
	}
}
