package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

const (
	bufferSize = 128 << 10
	sniffLen   = 8000    // how far git looks for the NUL that makes a file binary
	longLine   = 1 << 20 // lines longer than this are worth a note
)

var errBinary = errors.New("binary file")

// FileStats is what a task finds out about its file. The words themselves stay in the vocabulary
// of the worker that read it. With an error it covers what was read until then.
type FileStats struct {
	Path                string
	Lines, Words, Bytes int64
	LongestLine         int64 // in bytes, 0 when no line is longer than longLine
}

// A counter reads files and counts their words: one per worker, used by one task at a time, and
// reused so that a file costs no buffer and no map of its own.
type counter struct {
	buf   []byte
	words wordScanner
}

func newCounter(size int) *counter {
	return &counter{buf: make([]byte, size), words: wordScanner{vocab: newVocabulary()}}
}

// file counts one file. Its errors name the path, except that of ctx, which is looked at between
// two reads.
func (c *counter) file(ctx context.Context, path string) (FileStats, error) {
	f, err := os.Open(path)
	if err != nil {
		return FileStats{Path: path}, plain(err)
	}
	defer f.Close()
	stats, err := c.text(ctx, f)
	stats.Path = path
	if errors.Is(err, errBinary) {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return stats, plain(err)
}

// text counts everything that r has, or nothing if it looks binary.
func (c *counter) text(ctx context.Context, r io.Reader) (FileStats, error) {
	var s FileStats
	var line int64 // length so far of the line under way
	c.words.reset()
	rest := 0 // bytes at the front of buf: a rune whose other half is still in the file
	for {
		if err := ctx.Err(); err != nil {
			return s, err
		}
		n, err := io.ReadFull(r, c.buf[rest:])
		fresh := c.buf[rest : rest+n]
		if s.Bytes == 0 && bytes.IndexByte(fresh[:min(n, sniffLen)], 0) >= 0 {
			return s, errBinary
		}
		s.Bytes += int64(n)
		s.Lines += int64(bytes.Count(fresh, newline))
		line = s.measure(fresh, line)

		used := c.words.scan(c.buf[:rest+n])
		rest = copy(c.buf, c.buf[used:rest+n])
		s.Words = c.words.count
		if err != nil {
			c.words.finish()
			s.Words = c.words.count
			if line > 0 {
				s.Lines++
			}
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				err = nil
			}
			return s, err
		}
	}
}

var newline = []byte{'\n'}

// measure keeps LongestLine and returns the length of the line that the chunk leaves open. Only a
// line that crosses chunks can be a long one, so it looks for the first and the last newline only.
func (s *FileStats) measure(chunk []byte, line int64) int64 {
	first := bytes.IndexByte(chunk, '\n')
	if first < 0 {
		line += int64(len(chunk))
	} else {
		line += int64(first)
	}
	if line > longLine {
		s.LongestLine = max(s.LongestLine, line)
	}
	if first < 0 {
		return line
	}
	return int64(len(chunk) - 1 - bytes.LastIndexByte(chunk, '\n'))
}
