//go:build unix

package main

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/forebay-go/forebay/examples/internal/cli"
)

// A pipe that nobody writes to must not be opened: that would wait forever.
func TestPipeIsSkipped(t *testing.T) {
	root := tree(t, map[string]string{"a.txt": "text"})
	pipe := filepath.Join(root, "pipe")
	if err := syscall.Mkfifo(pipe, 0o644); err != nil {
		t.Skip(err)
	}
	status, stdout, stderr := textstats(t.Context(), root)
	if want := "textstats: skipped " + pipe + ": not a regular file\n"; status != cli.OK || stderr != want {
		t.Errorf("status %d, stderr %q; want %d, %q", status, stderr, cli.OK, want)
	}
	if !strings.Contains(stdout, "(1 skipped)") {
		t.Errorf("stdout:\n%s", stdout)
	}
	status, _, stderr = textstats(t.Context(), "-fail-fast", root)
	if want := "textstats: " + pipe + ": not a regular file\n"; status != cli.Failed || stderr != want {
		t.Errorf("-fail-fast: status %d, stderr %q; want %d, %q", status, stderr, cli.Failed, want)
	}
}
