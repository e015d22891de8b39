// Mergesort sorts by fork and join on a bounded [pool.Pool]: a task that sorts a slice submits
// its left half to the pool that it runs on, sorts the right half itself, awaits the left one, and
// merges.
//
//	mergesort [flags] [FILE]
//
// It sorts the lines of FILE, or else -n generated numbers. The result is checked against
// [slices.Sort]; with -compare the times of both are printed.
//
// Tasks that wait for their own subtasks deadlock an ordinary pool, as soon as every worker waits
// for a task that no worker is left to run. Here a task that awaits one that has not started runs
// it right there, so that -workers 1 -queue 1 sorts as well as any other numbers.
//
// Exit status: 0; 1 if the result is wrong or cannot be written; 2 for bad flags or no such file;
// 130 when stopped by an interrupt.
package main

import "github.com/forebay-go/forebay/examples/internal/cli"

func main() { cli.Main(run) }
