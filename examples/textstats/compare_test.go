package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/forebay-go/forebay/examples/internal/cli"
)

func TestEnginesAgree(t *testing.T) {
	root := tree(t, small)
	want := count(t, inSequence, root)
	if want.Files != 5 || want.Skipped != 1 || want.Lines != 5 || want.Words != 19 || want.Bytes != 113 {
		t.Errorf("sequential: %+v", want.totals)
	}
	for _, e := range []engine{withPool, withErrgroup} {
		if err := agree(e.name, count(t, e, root), want); err != nil {
			t.Error(err)
		}
	}
}

func TestDisagreement(t *testing.T) {
	root := tree(t, map[string]string{"a": "one two\n"})
	other := tree(t, map[string]string{"a": "one owt\n"})
	a, b := count(t, inSequence, root), count(t, inSequence, other)
	if err := agree("b", b, a); err == nil || !strings.Contains(err.Error(), "words") {
		t.Errorf("other words: %v", err)
	}
	b.Lines++
	if err := agree("b", b, a); err == nil || !strings.Contains(err.Error(), "Lines:2") {
		t.Errorf("other totals: %v", err)
	}
}

func TestCompareOutput(t *testing.T) {
	status, stdout, stderr := textstats(t.Context(), "-compare", "-rounds", "2", "-workers", "2", tree(t, small))
	if status != cli.OK || strings.Count(stderr, "\n") != 1 {
		t.Errorf("status %d, stderr %q; want the skipped file reported once", status, stderr)
	}
	want := regexp.MustCompile(`
the same work again with 2 workers, best of 2:
sequential  +\d\.\d{3} s +[\d.]+ .B/s +1\.00 x sequential
errgroup  +\d\.\d{3} s +[\d.]+ .B/s +[\d.]+ x sequential
pool  +\d\.\d{3} s +[\d.]+ .B/s +[\d.]+ x sequential
pool took [\d.]+ of the time that errgroup took; all results agree
$`)
	if !want.MatchString(stdout) {
		t.Errorf("stdout:\n%s", stdout)
	}
}

// A folder that changes between the passes is told from one that is counted wrongly by nobody; it
// must at least not go unnoticed.
func TestCompareNoticesAChange(t *testing.T) {
	root := tree(t, small)
	cfg := config{root: root, workers: 2, rounds: 1}
	want := count(t, withPool, root)
	if err := os.WriteFile(filepath.Join(root, "new.txt"), []byte("new"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := compare(t.Context(), cfg, &console{}, want, io.Discard); err == nil || !strings.Contains(err.Error(), "disagrees") {
		t.Errorf("error %v", err)
	}
}

func TestFailFastInEveryEngine(t *testing.T) {
	root := tree(t, small)
	for _, e := range []engine{withPool, inSequence, withErrgroup} {
		_, _, err := e.run(context.Background(), config{root: root, workers: 2, failFast: true}, &console{})
		if err == nil || !strings.Contains(err.Error(), "image.bin") {
			t.Errorf("%s: error %v, want one that names image.bin", e.name, err)
		}
	}
}
