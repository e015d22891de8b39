package main

import (
	"bytes"
	"context"
	"image"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/forebay-go/forebay/examples/internal/cli"
)

// thumbsProgram runs the program.
func thumbsProgram(ctx context.Context, args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = run(ctx, args, &out, &errs)
	return status, out.String(), errs.String()
}

func TestOutput(t *testing.T) {
	output := filepath.Join(t.TempDir(), "thumbs")
	status, stdout, stderr := thumbsProgram(t.Context(), "-make", "5", "-budget", "4", "-side", "100", "-workers", "3", "-o", output)
	stdout = regexp.MustCompile(`in [\d.]+m?s,`).ReplaceAllString(stdout, "in #,")
	want := `sample000.png         200x150  -> 100x75
sample001.jpg         597x413  -> 100x69
sample002.gif         994x676  -> 100x68
sample004.jpg         388x1202 -> 32x100
4 of 6 images in #, with 4.0 MiB for what is decoded at a time
thumbnails in ` + output + "\n"
	if status != cli.OK || stdout != want {
		t.Errorf("status %d, stdout:\n%swant:\n%s", status, stdout, want)
	}
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	if len(lines) != 2 || !strings.HasSuffix(lines[0], "broken.png: image: unknown format") ||
		!strings.HasSuffix(lines[1], "sample003.png: 5.0 MiB decoded, more than the budget") {
		t.Errorf("stderr:\n%s", stderr)
	}
	for name, want := range map[string]image.Point{"sample000.png.png": {X: 100, Y: 75}, "sample004.jpg.png": {X: 32, Y: 100}} {
		got, err := decode(filepath.Join(output, name))
		if err != nil {
			t.Error(err)
		} else if got.Bounds().Size() != want {
			t.Errorf("%s: size %v, want %v", name, got.Bounds().Size(), want)
		}
	}
}

func TestFolder(t *testing.T) {
	dir := filepath.Dir(samples(t, 2)[0])
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("not looked at"), 0o644); err != nil {
		t.Fatal(err)
	}
	status, stdout, stderr := thumbsProgram(t.Context(), "-o", t.TempDir(), dir)
	if status != cli.OK || stderr != "" || !strings.Contains(stdout, "2 of 2 images") {
		t.Errorf("status %d, stderr %q, stdout:\n%s", status, stderr, stdout)
	}
}

func TestBadFlags(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		args []string
		says string
	}{
		{nil, "no folder"},
		{[]string{"-make", "-1"}, "-make -1"},
		{[]string{"-make", "3", dir}, "not both"},
		{[]string{"-side", "0", dir}, "-side 0"},
		{[]string{"-budget", "0", dir}, "-budget 0"},
		{[]string{"-budget", "9000000000000000000", dir}, "-budget 9"},
		{[]string{"-workers", "0", dir}, "-workers 0"},
		{[]string{"-wrokers", "2", dir}, "-wrokers"},
		{[]string{dir, dir}, "one folder"},
		{[]string{filepath.Join(dir, "missing")}, "missing"},
	} {
		status, stdout, stderr := thumbsProgram(t.Context(), tt.args...)
		if status != cli.Usage || stdout != "" {
			t.Errorf("%q: status %d, want %d; stdout %q, want none", tt.args, status, cli.Usage, stdout)
		}
		if strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "thumbs: ") || !strings.Contains(stderr, tt.says) {
			t.Errorf("%q: stderr %q, want one line that says %q", tt.args, stderr, tt.says)
		}
	}
}

func TestHelp(t *testing.T) {
	status, stdout, stderr := thumbsProgram(t.Context(), "-help")
	if status != cli.OK || stderr != "" || !strings.Contains(stdout, "-budget") {
		t.Errorf("status %d, stderr %q, stdout:\n%s", status, stderr, stdout)
	}
}

func TestCancelExits130(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, args := range [][]string{{"-make", "3"}, {filepath.Dir(samples(t, 2)[0])}} {
		args = append([]string{"-o", t.TempDir()}, args...)
		if status, _, stderr := thumbsProgram(ctx, args...); status != cli.Interrupted || stderr != "thumbs: interrupted\n" {
			t.Errorf("%q: status %d, stderr %q", args, status, stderr)
		}
	}
}
