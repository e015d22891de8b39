package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// One line of 8 MB, all one word or many, is read in the memory that the counter has already.
func TestHugeLineInConstantMemory(t *testing.T) {
	for name, unit := range map[string]string{"one word": "x", "many words": "if(a){b()};"} {
		const size = 8 << 20
		path := filepath.Join(t.TempDir(), "huge.js")
		if err := os.WriteFile(path, bytes.Repeat([]byte(unit), size/len(unit)), 0o644); err != nil {
			t.Fatal(err)
		}
		c := newCounter(bufferSize)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s, err := c.file(t.Context(), path)
		runtime.ReadMemStats(&after)

		bytes := int64(size / len(unit) * len(unit))
		if err != nil || s.Bytes != bytes || s.Lines != 1 || s.LongestLine != bytes {
			t.Errorf("%s: %+v, error %v", name, s, err)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > 64<<10 {
			t.Errorf("%s: %d bytes allocated for a file of %d", name, got, bytes)
		}
	}
}

func TestLongestLine(t *testing.T) {
	long := func(n int) string { return strings.Repeat("y", n) }
	for name, tt := range map[string]struct {
		text string
		want int64
	}{
		"short lines":     {strings.Repeat("short\n", longLine/2), 0},
		"just not long":   {"a\n" + long(longLine) + "\nb\n", 0},
		"just long":       {"a\n" + long(longLine+1) + "\nb\n", longLine + 1},
		"second is it":    {long(longLine+5) + "\n" + long(longLine+9) + "\n", longLine + 9},
		"first is it":     {long(longLine+9) + "\n" + long(longLine+5), longLine + 9},
		"without newline": {"a\n" + long(longLine+7), longLine + 7},
	} {
		s, err := newCounter(bufferSize).text(t.Context(), strings.NewReader(tt.text))
		if err != nil || s.LongestLine != tt.want {
			t.Errorf("%s: %d, want %d; error %v", name, s.LongestLine, tt.want, err)
		}
	}
}

func TestBinary(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want error
	}{
		"first byte":                  {"\x00abc", errBinary},
		"last byte that is looked at": {strings.Repeat("a", sniffLen-1) + "\x00", errBinary},
		"one byte later":              {strings.Repeat("a", sniffLen) + "\x00", nil},
		"UTF-16":                      {"\xff\xfea\x00b\x00", errBinary},
	} {
		c := newCounter(bufferSize)
		if s, err := c.text(t.Context(), strings.NewReader(tt.text)); !errors.Is(err, tt.want) {
			t.Errorf("%s: error %v, want %v", name, err, tt.want)
		} else if err != nil && (s != FileStats{} || c.words.vocab.distinct() != 0) {
			t.Errorf("%s: it was counted: %+v", name, s)
		}
	}
}

func TestErrorsNameTheFile(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "gone.txt")
	_, err := newCounter(bufferSize).file(t.Context(), missing)
	if !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), missing+": ") {
		t.Errorf("a file that went away: %v", err)
	}
	// A folder opens like a file, and fails when it is read.
	if _, err := newCounter(bufferSize).file(t.Context(), dir); err == nil || !strings.HasPrefix(err.Error(), dir+": ") {
		t.Errorf("a file that cannot be read: %v", err)
	}
}

// brokenReader fails after it has given its text.
type brokenReader struct{ text *strings.Reader }

var errDisk = errors.New("disk on fire")

func (b brokenReader) Read(p []byte) (int, error) {
	if b.text.Len() == 0 {
		return 0, errDisk
	}
	return b.text.Read(p)
}

// A counter that gave up in the middle of a word does not carry the word over to its next file.
func TestReuseAfterFailure(t *testing.T) {
	c := newCounter(16)
	s, err := c.text(t.Context(), brokenReader{strings.NewReader("some words and ha")})
	if !errors.Is(err, errDisk) || s.Words != 4 || s.Lines != 1 {
		t.Errorf("got %+v, error %v; want what was read, and the error", s, err)
	}
	ctx := &expiring{Context: context.Background(), looks: 1}
	if _, err := c.text(ctx, strings.NewReader("fifteen bytes abcdef")); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	if _, err := c.text(t.Context(), strings.NewReader("clean")); err != nil {
		t.Error(err)
	}
	if got := c.words.vocab.asMap(); got["clean"] != 1 || got["abclean"] != 0 {
		t.Errorf("words %v", got)
	}
}

// expiring is a context that ends after it was looked at so many times.
type expiring struct {
	context.Context
	looks int
}

func (e *expiring) Err() error {
	if e.looks--; e.looks < 0 {
		return context.Canceled
	}
	return nil
}
