package main

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/forebay-go/forebay/pool"
)

func TestSorts(t *testing.T) {
	same, down := make([]int, 1000), make([]int, 1000)
	for i := range down {
		down[i] = -i
	}
	inputs := map[string][]int{
		"nothing": nil, "one": {7}, "two": {2, 1}, "three": {3, 1, 2},
		"equal": same, "descending": down, "random": numbers(2000, 3),
	}
	for _, workers := range []int{1, 2, 8} {
		for _, queue := range []int{1, 1024} {
			for _, cutoff := range []int{1, 2, 100, 1 << 20} {
				for name, data := range inputs {
					got, want := slices.Clone(data), slices.Sorted(slices.Values(data))
					err := sortOnPool(t.Context(), got, cutoff, pool.WithWorkers(workers), pool.WithQueue(queue))
					if err != nil || !slices.Equal(got, want) {
						t.Errorf("%s, %d workers, queue of %d, cutoff %d: got %v, error %v", name, workers, queue, cutoff, got, err)
					}
				}
			}
		}
	}
}

// A sort that is cancelled midway gives up, and loses or doubles no element that it had.
func TestCancelMidway(t *testing.T) {
	for _, workers := range []int{1, 2} {
		ctx, cancel := context.WithCancel(t.Context())
		p := pool.New[part[int], struct{}](pool.WithWorkers(workers))
		s := sorter[int]{p, 8}
		data := numbers(4096, 1)
		tasks := 0
		_, err := p.Do(ctx, func(ctx context.Context, all part[int]) (struct{}, error) {
			left, right := all.split()
			if _, err := s.sort(ctx, right); err != nil {
				return struct{}{}, err
			}
			tasks++
			cancel()
			return s.sort(ctx, left)
		}, part[int]{data, make([]int, len(data))})
		_ = p.Close()
		if !errors.Is(err, context.Canceled) || tasks != 1 {
			t.Errorf("%d workers: error %v after %d halves", workers, err, tasks)
		}
		if n := len(slices.Compact(slices.Sorted(slices.Values(data)))); n != len(data) {
			t.Errorf("%d workers: %d different elements left of %d", workers, n, len(data))
		}
	}
}
