// Textstats counts the lines, the words and the distinct words of every text file below a folder
// on a [pool.Pool], and prints the twenty most frequent words, the totals and the speed.
//
//	textstats [flags] DIR
//
// A word is a run of Unicode letters, marks and decimal digits that has at least one letter in
// it, in lower case: uint8 is a word, 2026 is none. Words are told apart by their first 64 bytes.
// A last line without its newline is a line.
//
// # What is skipped
//
// Files that cannot be read, binary files (a NUL among the first 8000 bytes, git's rule), and
// pipes, sockets and devices are counted and reported on stderr, the first ten by name; they stop
// nothing, unless -fail-fast asks for it. Symbolic links are not followed. A line longer than
// 1 MiB is reported too, but its file is counted like any other.
//
// # Memory
//
// A file is read through one buffer of its worker, whatever its size and however long its lines,
// and at most a fixed window of files is under way, so memory does not grow with the number or
// the size of the files. It does grow with the vocabulary, since distinct words have to be
// remembered: once for every worker while counting, and once more for each of the engines that
// -compare checks against each other.
//
// # Exit status
//
// 0: all was counted or reported as skipped. 1: a file had to be skipped under -fail-fast, the
// engines of -compare disagreed, or stdout could not be written. 2: bad flags or no such folder.
// 130: stopped by an interrupt; what was counted until then is printed.
package main

import "github.com/forebay-go/forebay/examples/internal/cli"

func main() { cli.Main(run) }
