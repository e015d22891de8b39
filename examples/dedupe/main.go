// Dedupe finds files of the same content below a folder, and what could be saved.
//
//	dedupe [flags] [DIR]
//
// Without DIR it looks at the source of Go itself. It works in two stages: files of the same size
// can be the same, and only those are read; of them, files with the same SHA-256 are. The reading is
// a stream on a pool: [pool.Pool.StreamUnordered] takes the files one by one as places get free, and
// yields each result when it is there.
//
// Memory grows with the number of files, by their paths and sizes, and for those that were read by a
// hash; not with their contents, and the stream has no more than its window of files under way.
//
// Empty files are not looked at, links are not followed, and hard links count as copies.
//
// Exit status: 0, also if files could not be read, which are reported; 1 if stdout could not be
// written; 2 for bad flags or no such folder; 130 when stopped by an interrupt.
package main

import "github.com/forebay-go/forebay/examples/internal/cli"

func main() { cli.Main(run) }
