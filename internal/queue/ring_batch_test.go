package queue_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/forebay-go/forebay/internal/queue"
)

// interesting returns the numbers from 0 to n that are near its ends, in order.
func interesting(n int) []int {
	ns := []int{0, 1, 2, n / 2, n - 1, n}
	ns = slices.DeleteFunc(ns, func(i int) bool { return i < 0 || i > n })
	slices.Sort(ns)
	return slices.Compact(ns)
}

// rotated returns a ring with queued elements 0, 1, ..., the first of them in slot offset
// from where the ring starts.
func rotated(t *testing.T, capacity int, start uint64, offset, queued int) *queue.Ring[int] {
	t.Helper()
	r := queue.NewRingAt[int](capacity, start)
	for range offset {
		wantPush(t, r, -1, queue.OK)
		wantPop(t, r, -1)
	}
	for v := range queued {
		wantPush(t, r, v, queue.OK)
	}
	return r
}

// eachFill runs f on rings of many capacities, offsets and numbers of queued elements.
func eachFill(t *testing.T, f func(t *testing.T, fill func() *queue.Ring[int], queued int)) {
	for _, capacity := range []int{1, 2, 3, 4, 8, 20} {
		for _, offset := range interesting(min(capacity, 4)) {
			for _, queued := range interesting(capacity) {
				start := starts[(offset+queued)%len(starts)]
				t.Run(fmt.Sprintf("cap=%d,start=%d,offset=%d,queued=%d", capacity, int64(start), offset, queued), func(t *testing.T) {
					f(t, func() *queue.Ring[int] { return rotated(t, capacity, start, offset, queued) }, queued)
				})
			}
		}
	}
}

func TestRing_PushBatchTakesWhatFits(t *testing.T) {
	eachFill(t, func(t *testing.T, fill func() *queue.Ring[int], queued int) {
		room := fill().Cap() - queued
		for _, size := range append(interesting(room), room+1, 3*(room+queued)+1) {
			r := fill()
			es := count(queued, queued+size)
			want, wantSt := min(size, room), queue.OK
			if want == 0 && size > 0 {
				wantSt = queue.Full
			}
			n, st := r.PushBatch(es)
			if n != want || st != wantSt {
				t.Fatalf("PushBatch of %d: got %d, %v, want %d, %v", size, n, st, want, wantSt)
			}
			if !slices.Equal(es, count(queued, queued+size)) {
				t.Fatalf("PushBatch of %d changed its argument", size)
			}
			wantLen(t, r, queued+want, queued+want > 0)
			wantPop(t, r, count(0, queued+want)...)
			wantNoPop(t, r, queue.Empty)
		}
	})
}

func TestRing_PopBatchTakesWhatIsThere(t *testing.T) {
	eachFill(t, func(t *testing.T, fill func() *queue.Ring[int], queued int) {
		for _, size := range append(interesting(queued), queued+1, 3*queued+1) {
			r := fill()
			dst := slices.Repeat([]int{-7}, size)
			want, wantSt := min(size, queued), queue.OK
			if want == 0 && size > 0 {
				wantSt = queue.Empty
			}
			n, st := r.PopBatch(dst)
			if n != want || st != wantSt {
				t.Fatalf("PopBatch of %d: got %d, %v, want %d, %v", size, n, st, want, wantSt)
			}
			if got := append(count(0, want), slices.Repeat([]int{-7}, size-want)...); !slices.Equal(dst, got) {
				t.Fatalf("PopBatch of %d: got %v, want %v", size, dst, got)
			}
			wantLen(t, r, queued-want, queued-want > 0)
			for v := range want { // the slots are free again
				wantPush(t, r, queued+v, queue.OK)
			}
			wantPop(t, r, count(want, queued+want)...)
		}
	})
}

func TestRing_BatchesCrossTheWrap(t *testing.T) {
	for _, capacity := range []int{2, 3, 4, 8} {
		for size := 1; size <= capacity; size++ {
			r := queue.NewRingAt[int](capacity, ^uint64(0)-uint64(4*capacity)+1)
			in, out := 0, 0
			for range 6 * capacity { // past 2^64, and some laps more
				n, st := r.PushBatch(count(in, in+size))
				if n != size || st != queue.OK {
					t.Fatalf("capacity %d: PushBatch of %d at %d: got %d, %v, want %d, OK", capacity, size, in, n, st, size)
				}
				in += n
				dst := make([]int, capacity)
				n, st = r.PopBatch(dst)
				if n != size || st != queue.OK || !slices.Equal(dst[:n], count(out, in)) {
					t.Fatalf("capacity %d: PopBatch at %d: got %v, %v, want %v, OK", capacity, out, dst[:n], st, count(out, in))
				}
				out += n
			}
		}
	}
}

func TestRing_PushBatchStopsAtAStalledPop(t *testing.T) {
	r := queue.NewRingAt[int](4, ^uint64(0)-3)
	r.PushBatch(count(0, 4))
	wantPop(t, r, 0)
	release := r.ClaimPop() // 1
	wantPop(t, r, 2)

	if n, st := r.PushBatch(count(4, 9)); n != 1 || st != queue.OK {
		t.Fatalf("PushBatch with one free slot before the stalled one: got %d, %v, want 1, OK", n, st)
	}
	if n, st := r.PushBatch(count(5, 9)); n != 0 || st != queue.Busy {
		t.Fatalf("PushBatch at the stalled slot: got %d, %v, want 0, Busy", n, st)
	}
	if n, st := r.PushBatch(nil); n != 0 || st != queue.OK {
		t.Fatalf("PushBatch of nothing at the stalled slot: got %d, %v, want 0, OK", n, st)
	}
	wantLen(t, r, 2, true)
	if got := release(); got != 1 {
		t.Fatalf("the stalled pop: got %d, want 1", got)
	}
	if n, st := r.PushBatch(count(5, 9)); n != 2 || st != queue.OK {
		t.Fatalf("PushBatch with both slots free: got %d, %v, want 2, OK", n, st)
	}
	wantPop(t, r, count(3, 7)...)
}

func TestRing_PopBatchStopsAtAStalledPush(t *testing.T) {
	r := queue.NewRingAt[int](4, ^uint64(0)-3)
	wantPush(t, r, 0, queue.OK)
	publish := r.ClaimPush()
	wantPush(t, r, 2, queue.OK)

	dst := make([]int, 4)
	if n, st := r.PopBatch(dst); n != 1 || st != queue.OK || dst[0] != 0 {
		t.Fatalf("PopBatch with one element before the stalled one: got %v, %v, want [0], OK", dst[:n], st)
	}
	if n, st := r.PopBatch(dst); n != 0 || st != queue.Busy {
		t.Fatalf("PopBatch at the stalled slot: got %d, %v, want 0, Busy", n, st)
	}
	if n, st := r.PopBatch(nil); n != 0 || st != queue.OK {
		t.Fatalf("PopBatch into nothing at the stalled slot: got %d, %v, want 0, OK", n, st)
	}
	publish(1)
	if n, st := r.PopBatch(dst); n != 2 || st != queue.OK || !slices.Equal(dst[:2], []int{1, 2}) {
		t.Fatalf("PopBatch after the stalled push: got %v, %v, want [1 2], OK", dst[:n], st)
	}
	wantNoPop(t, r, queue.Empty)
}
