package main

import (
	"context"
	"errors"
	"sync"
)

// totals adds up the files.
type totals struct {
	Files, Skipped, Links int64
	Lines, Words, Bytes   int64
}

// result is what one pass over the folder found.
type result struct {
	totals
	vocab vocabulary
}

// A ledger adds up outcomes as they come in, from any goroutine, and tells the console about them.
type ledger struct {
	failFast bool
	console  *console

	mu sync.Mutex
	totals
}

// enter records the outcome of one file, or of something that the walk met instead of a file. It
// returns the error that ends the pass, if this one does.
func (l *ledger) enter(s FileStats, err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	// Whatever the outcome: the words of a file that broke off are in the vocabulary already.
	l.Lines += s.Lines
	l.Words += s.Words
	l.Bytes += s.Bytes

	switch {
	case err == nil:
		l.Files++
		if s.LongestLine > 0 {
			l.console.noteLongLine(s)
		}
	case errors.Is(err, context.Canceled):
		return err // neither counted nor skipped: the pass is being stopped
	case errors.Is(err, errLink):
		l.Links++
	case l.failFast:
		return err
	default:
		l.Skipped++
		l.console.noteSkipped(err)
	}
	l.console.tick()
	return nil
}
