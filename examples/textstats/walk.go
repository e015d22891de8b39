package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// readBatch is how many names of a folder are held at a time.
const readBatch = 1024

var (
	errLink      = errors.New("symbolic link")
	errIrregular = errors.New("not a regular file")
)

// files walks the tree below root and yields the path of every regular file, and an error for
// everything else that is not a folder, links included (errLink), and for folders that cannot be
// read. The error names the path.
//
// filepath.WalkDir would read and sort each folder as a whole; a folder of ten million files
// then takes gigabytes. This walk reads folders in batches and remembers only the folders still
// to be visited, so names come sorted within a batch and files before subfolders.
func files(root string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		folders := []string{root}
		for len(folders) > 0 {
			last := len(folders) - 1
			dir := folders[last]
			subs, ok := listFolder(dir, folders[:last], yield)
			if !ok {
				return
			}
			// The first name of the batch has to be on top of the stack.
			slices.Reverse(subs[last:])
			folders = subs
		}
	}
}

// listFolder yields the files of dir and appends its folders to subs; false: yield has had enough.
func listFolder(dir string, subs []string, yield func(string, error) bool) ([]string, bool) {
	f, err := os.Open(dir)
	if err != nil {
		return subs, yield("", plain(err))
	}
	defer f.Close()
	for {
		batch, err := f.ReadDir(readBatch)
		slices.SortFunc(batch, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
		for _, entry := range batch {
			path := filepath.Join(dir, entry.Name())
			ok := true
			switch kind := entry.Type(); {
			case kind.IsDir():
				subs = append(subs, path)
			case kind.IsRegular():
				ok = yield(path, nil)
			case kind&fs.ModeSymlink != 0:
				ok = yield("", fmt.Errorf("%s: %w", path, errLink))
			default:
				// Opening a pipe would wait for its writer, and no context ends that.
				ok = yield("", fmt.Errorf("%s: %w", path, errIrregular))
			}
			if !ok {
				return subs, false
			}
		}
		if errors.Is(err, io.EOF) {
			return subs, true
		}
		if err != nil {
			return subs, yield("", plain(err))
		}
	}
}

// plain turns "open x: permission denied" into "x: permission denied": the name comes first, as
// in every line that textstats reports.
func plain(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("%s: %w", path.Path, path.Err)
	}
	return err
}
