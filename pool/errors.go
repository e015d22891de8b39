package pool

import "errors"

var (
	// ErrClosed is the error of a submit to a pool that is closed, or closing.
	ErrClosed = errors.New("pool: closed")
	// ErrFull is the error of a submit that found the queue full and would not wait.
	ErrFull = errors.New("pool: queue is full")
	// ErrDropped is the error of a task that made room for a newer one.
	ErrDropped = errors.New("pool: dropped from a full queue")
)
