package future

import "github.com/forebay-go/forebay/internal/promise"

// A Promise is the writing side of a future: whoever holds it settles the future, once. The
// first call of Resolve, Reject, Abandon or the future's Cancel wins; later ones do nothing
// and return false. Make one with [NewPromise].
//
// A promise that is never settled leaves its future pending for good. Where a return or a
// panic could skip the resolving call, write
//
//	defer p.Abandon()
type Promise[R any] struct{ cell promise.Cell[R] }

// NewPromise returns a promise whose future is pending. It costs one allocation, which
// promise and future share.
func NewPromise[R any]() *Promise[R] { return new(Promise[R]) }

// Future returns the reading side, the same one at every call.
func (p *Promise[R]) Future() *Future[R] { return (*Future[R])(&p.cell) }

// Resolve settles the future with v.
func (p *Promise[R]) Resolve(v R) bool { return settle(&p.cell, promise.Succeeded, v, nil) }

// Reject settles the future with err, which must not be nil.
func (p *Promise[R]) Reject(err error) bool {
	if err == nil {
		panic("future: Reject: err is nil")
	}
	var zero R
	return settle(&p.cell, promise.Failed, zero, err)
}

// Abandon settles the future with [ErrAbandoned], if nothing else has.
func (p *Promise[R]) Abandon() bool { return p.Reject(ErrAbandoned) }

// Resolved returns a future that is settled with v.
func Resolved[R any](v R) *Future[R] {
	p := NewPromise[R]()
	p.Resolve(v)
	return p.Future()
}

// Rejected returns a future that is settled with err, which must not be nil.
func Rejected[R any](err error) *Future[R] {
	if err == nil {
		panic("future: Rejected: err is nil")
	}
	p := NewPromise[R]()
	p.Reject(err)
	return p.Future()
}
