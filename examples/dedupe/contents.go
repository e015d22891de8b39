package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"io"
	"os"
	"slices"

	"github.com/forebay-go/forebay/pool"
)

// A content is what a file has in it. Files of the same content are the same.
type content struct {
	size int64
	hash [sha256.Size]byte
}

// A file is the result of one task.
type file struct {
	path string
	content
}

// contentsOf is the second stage: it reads the files and groups them by content. Files that cannot
// be read are reported and left out. The error is that ctx has ended.
func contentsOf(ctx context.Context, s sizes, workers int, report func(error)) (read int, same map[content][]string, err error) {
	p := pool.New[string, file](pool.WithName("dedupe"), pool.WithWorkers(workers))
	defer p.Close()

	same = make(map[content][]string)
	for i, r := range p.StreamUnordered(ctx, readFile, s.twins()) {
		switch f := r.Value; {
		case i < 0: // no file's result, but the end of ctx
			return read, nil, r.Err
		case r.Err != nil:
			report(r.Err)
		default:
			read++
			same[f.content] = append(same[f.content], f.path)
		}
	}
	return read, same, nil
}

// readFile is the task.
func readFile(ctx context.Context, path string) (file, error) {
	f, err := os.Open(path)
	if err != nil {
		return file{}, err
	}
	defer f.Close()
	hash := sha256.New()
	size, err := io.Copy(hash, reader{ctx, f})
	return file{path, content{size, [sha256.Size]byte(hash.Sum(nil))}}, err
}

// A reader stops when ctx ends: a file can be large.
type reader struct {
	ctx context.Context
	io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.Reader.Read(p)
}

// A group is files of the same content.
type group struct {
	size  int64
	paths []string
}

// saved is what could be saved if one of the files were kept.
func (g group) saved() int64 { return g.size * int64(len(g.paths)-1) }

// groupsOf returns the contents that are in several files, those that waste most first.
func groupsOf(same map[content][]string) (groups []group) {
	for c, paths := range same {
		if len(paths) > 1 {
			slices.Sort(paths)
			groups = append(groups, group{c.size, paths})
		}
	}
	slices.SortFunc(groups, func(a, b group) int {
		return cmp.Or(cmp.Compare(b.saved(), a.saved()), cmp.Compare(a.paths[0], b.paths[0]))
	})
	return groups
}
