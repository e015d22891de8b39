package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

// many makes a folder of n small files with the same words in all of them.
func many(t *testing.T, n int) string {
	files := make(map[string]string, n)
	for i := range n {
		files[fmt.Sprintf("%02d/%05d.txt", i%20, i)] = "the same words again\n"
	}
	return tree(t, files)
}

// heapWatcher is a terminal for the progress bar that looks at the heap whenever the bar moves.
type heapWatcher struct {
	io.Writer
	peak uint64
}

func (h *heapWatcher) Write(b []byte) (int, error) {
	var mem runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&mem)
	h.peak = max(h.peak, mem.HeapAlloc)
	return h.Writer.Write(b)
}

// peak is the highest live heap while the files of root are counted.
func peak(t *testing.T, root string, n int) uint64 {
	t.Helper()
	h := &heapWatcher{Writer: io.Discard}
	// However fast it moves, the bar is written to once more when it is full.
	con := &console{w: h, total: n}
	if _, _, err := withPool.run(t.Context(), config{root: root, workers: 2}, con); err != nil {
		t.Fatal(err)
	}
	if h.peak == 0 {
		t.Fatal("the bar never moved")
	}
	return h.peak
}

// A file whose future is held costs some 500 bytes: holding them all would show as 750 kB.
func TestMemoryDoesNotGrowWithTheFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("makes thousands of files")
	}
	const few, lots = 1000, 2500
	fewRoot, lotsRoot := many(t, few), many(t, lots)
	low := peak(t, fewRoot, few)
	high := peak(t, lotsRoot, lots)
	if high > low+300<<10 {
		t.Errorf("live heap with %d files %d kB, with %d files %d kB", few, low>>10, lots, high>>10)
	}
}

// One huge file, the first in line, holds up none of the files behind it, and none is lost or
// counted twice.
func TestHugeFileFirst(t *testing.T) {
	const n = 5*window + 17
	files := map[string]string{"00000.txt": strings.Repeat("huge\n", 200_000)}
	for i := 1; i < n; i++ {
		files[fmt.Sprintf("%05d.txt", i)] = "small\n"
	}
	res := count(t, withPool, tree(t, files))
	words := res.vocab.asMap()
	if res.Files != n || words["huge"] != 200_000 || words["small"] != n-1 {
		t.Errorf("%+v, words %v", res.totals, words)
	}
}
