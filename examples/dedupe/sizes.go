package main

import (
	"context"
	"io/fs"
	"iter"
	"path/filepath"
)

// sizes is the first stage: the paths of files by size.
type sizes map[int64][]string

// sizesOf walks the tree below root and looks at files of at least so many bytes. What cannot be
// looked at is reported and left out. It is no work for a pool: a task costs more than a look.
func sizesOf(ctx context.Context, root string, atLeast int64, report func(error)) (found sizes, err error) {
	found = make(sizes)
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			report(err)
			return nil
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			report(err)
		} else if info.Size() >= atLeast {
			found[info.Size()] = append(found[info.Size()], path)
		}
		return nil
	})
	return found, err
}

// files is how many there are.
func (s sizes) files() (n int) {
	for _, paths := range s {
		n += len(paths)
	}
	return n
}

// twins yields the files that are not the only ones of their size.
func (s sizes) twins() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, paths := range s {
			if len(paths) < 2 {
				continue
			}
			for _, path := range paths {
				if !yield(path) {
					return
				}
			}
		}
	}
}
