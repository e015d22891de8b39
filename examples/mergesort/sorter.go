package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/forebay-go/forebay/pool"
)

// A sorter sorts slices of E on a pool.
type sorter[E cmp.Ordered] struct {
	pool   *pool.Pool[part[E], struct{}]
	cutoff int // parts up to this length are not worth a task
}

// A part is what one task sorts, with room for as many elements to merge in.
type part[E cmp.Ordered] struct{ data, room []E }

// sortOnPool sorts data, or leaves it in some other order and returns an error if ctx ends.
func sortOnPool[E cmp.Ordered](ctx context.Context, data []E, cutoff int, opts ...pool.Option) error {
	p := pool.New[part[E], struct{}](opts...)
	defer p.Close() // joins what a failed sort has left running
	s := sorter[E]{p, cutoff}
	_, err := p.Do(ctx, s.sort, part[E]{data, make([]E, len(data))})
	return err
}

// sort is the task. Its errors are those of a ctx that has ended.
func (s *sorter[E]) sort(ctx context.Context, all part[E]) (none struct{}, err error) {
	if len(all.data) <= s.cutoff {
		slices.Sort(all.data)
		return none, nil
	}
	left, right := all.split()
	// ctx is the task's own: by it the pool knows that this submit must not wait for room, and
	// that Await may run the left half right here.
	future := s.pool.Submit(ctx, s.sort, left)
	if _, err := s.sort(ctx, right); err != nil {
		return none, err
	}
	if _, err := future.Await(ctx); err != nil {
		return none, err
	}
	all.merge()
	return none, nil
}

func (a part[E]) split() (left, right part[E]) {
	half := len(a.data) / 2
	return part[E]{a.data[:half], a.room[:half]}, part[E]{a.data[half:], a.room[half:]}
}

// merge merges the sorted halves of a.
func (a part[E]) merge() {
	half := len(a.data) / 2
	left, right := a.room[:half], a.data[half:]
	copy(left, a.data)
	for i := 0; len(left) > 0; i++ { // what is left of the right half is in its place
		if len(right) > 0 && right[0] < left[0] {
			a.data[i], right = right[0], right[1:]
		} else {
			a.data[i], left = left[0], left[1:]
		}
	}
}
