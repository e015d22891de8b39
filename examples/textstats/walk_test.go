package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// walked returns what files yields, relative to root.
func walked(root string) (paths []string, errs []error) {
	for path, err := range files(root) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		rel, _ := filepath.Rel(root, path)
		paths = append(paths, filepath.ToSlash(rel))
	}
	return paths, errs
}

func TestWalkOrder(t *testing.T) {
	root := tree(t, map[string]string{"c": "", "a/y": "", "a/x": "", "a/b/z": "", "b/w": "", "d": ""})
	got, errs := walked(root)
	want := []string{"c", "d", "a/x", "a/y", "a/b/z", "b/w"}
	if !slices.Equal(got, want) || errs != nil {
		t.Errorf("got %q, errors %v; want %q", got, errs, want)
	}
}

func TestWalkFindsAllOfAWideFolder(t *testing.T) {
	names := map[string]string{}
	for i := range readBatch + 1 {
		names[fmt.Sprintf("f%d", i)] = ""
	}
	got, errs := walked(tree(t, names))
	slices.Sort(got)
	if got = slices.Compact(got); len(got) != len(names) || errs != nil {
		t.Errorf("%d different files, errors %v; want %d", len(got), errs, len(names))
	}
}

func TestWalkStopsWhenAsked(t *testing.T) {
	root := tree(t, map[string]string{"a": "", "b/c": "", "b/d": "", "e/f": ""})
	for limit := 1; limit <= 4; limit++ {
		n := 0
		for range files(root) {
			if n++; n == limit {
				break
			}
		}
		if n != limit {
			t.Errorf("%d files after a break at %d", n, limit)
		}
	}
}

func TestWalkDoesNotFollowLinks(t *testing.T) {
	root := tree(t, map[string]string{"sub/a": ""})
	for name, target := range map[string]string{"loop": root, "dangling": "nowhere", "file": filepath.Join(root, "sub", "a")} {
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Skip(err) // Windows asks for a privilege
		}
	}
	got, errs := walked(root)
	if want := []string{"sub/a"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(errs) != 3 {
		t.Fatalf("errors %v, want 3", errs)
	}
	for _, err := range errs {
		if !errors.Is(err, errLink) || !strings.HasPrefix(err.Error(), root) {
			t.Errorf("error %v, want a path and %v", err, errLink)
		}
	}
	_, stdout, stderr := textstats(t.Context(), root)
	if !strings.Contains(stdout, "(3 symbolic links not followed)") || stderr != "" {
		t.Errorf("stderr %q, stdout:\n%s", stderr, stdout)
	}
}

func TestWalkReportsFolderThatWentAway(t *testing.T) {
	gone := filepath.Join(t.TempDir(), "gone")
	_, errs := walked(gone)
	if len(errs) != 1 || !errors.Is(errs[0], fs.ErrNotExist) || !strings.HasPrefix(errs[0].Error(), gone) {
		t.Errorf("errors %v", errs)
	}
}
