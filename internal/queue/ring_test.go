package queue_test

import (
	"fmt"
	"testing"

	"github.com/forebay-go/forebay/internal/queue"
)

// eachRing runs f on an empty ring of each capacity and start.
func eachRing(t *testing.T, f func(t *testing.T, r *queue.Ring[int])) {
	for _, capacity := range capacities {
		for _, start := range starts {
			t.Run(fmt.Sprintf("cap=%d,start=%d", capacity, int64(start)), func(t *testing.T) {
				f(t, queue.NewRingAt[int](capacity, start))
			})
		}
	}
}

func TestNewRing_IsEmptyAndOpen(t *testing.T) {
	for _, capacity := range capacities {
		r := queue.NewRing[int](capacity)
		if got := r.Cap(); got != capacity {
			t.Errorf("Cap: got %d, want %d", got, capacity)
		}
		if got := r.Pushed(); got != 0 {
			t.Errorf("capacity %d: Pushed: got %d, want 0", capacity, got)
		}
		if r.Closed() {
			t.Errorf("capacity %d: a new ring says that it is closed", capacity)
		}
		wantLen(t, r, 0, false)
		wantNoPop(t, r, queue.Empty)
	}
}

func TestRing_FullAndEmptyAreExact(t *testing.T) {
	eachRing(t, func(t *testing.T, r *queue.Ring[int]) {
		first := r.Pushed() // positions of a ring that starts elsewhere count from there
		v := 0
		for lap := range 3 {
			from := v
			for n := range r.Cap() {
				wantLen(t, r, n, n > 0)
				wantPush(t, r, v, queue.OK)
				v++
			}
			wantLen(t, r, r.Cap(), true)
			wantPush(t, r, -2, queue.Full)
			wantPush(t, r, -2, queue.Full)
			if got := (r.Pushed() - first) << 1 >> 1; got != uint64(v) { // positions have 63 bits
				t.Fatalf("lap %d: Pushed: got %d, want %d", lap, got, v)
			}
			wantPop(t, r, count(from, v)...)
			wantNoPop(t, r, queue.Empty)
			wantNoPop(t, r, queue.Empty)
			wantLen(t, r, 0, false)
			if lap == 0 {
				// The next laps begin in another slot.
				wantPush(t, r, v, queue.OK)
				wantPop(t, r, v)
				v++
			}
		}
	})
}

func TestRing_IsFirstInFirstOutAtEveryFill(t *testing.T) {
	eachRing(t, func(t *testing.T, r *queue.Ring[int]) {
		in, out := 0, 0
		for _, fill := range []int{1, (r.Cap() + 1) / 2, r.Cap()} {
			for in-out < fill {
				wantPush(t, r, in, queue.OK)
				in++
			}
			for range r.Cap() + 1 {
				wantPop(t, r, out)
				out++
				wantPush(t, r, in, queue.OK)
				in++
			}
		}
		wantPop(t, r, count(out, in)...)
	})
}

func TestRing_CloseRefusesAndDrains(t *testing.T) {
	eachRing(t, func(t *testing.T, r *queue.Ring[int]) {
		for _, n := range []int{0, 1, r.Cap() / 2, r.Cap()} {
			r := queue.NewRingAt[int](r.Cap(), 2*r.Pushed()) // another one at the same start
			for v := range n {
				wantPush(t, r, v, queue.OK)
			}
			pushed := r.Pushed()
			for range 2 { // a second Close changes nothing
				r.Close()
				if !r.Closed() {
					t.Fatal("Closed: got false after Close")
				}
				wantLen(t, r, n, n > 0)
				wantPush(t, r, -2, queue.Closed)
				if k, st := r.PushBatch([]int{-2, -3}); k != 0 || st != queue.Closed {
					t.Fatalf("PushBatch after Close: got %d, %v, want 0, Closed", k, st)
				}
				if k, st := r.PushBatch(nil); k != 0 || st != queue.Closed {
					t.Fatalf("PushBatch of nothing after Close: got %d, %v, want 0, Closed", k, st)
				}
			}
			if got := r.Pushed(); got != pushed {
				t.Fatalf("Pushed after Close: got %d, want %d", got, pushed)
			}
			wantPop(t, r, count(0, n)...)
			wantNoPop(t, r, queue.Empty)
			if k, st := r.PopBatch(make([]int, 2)); k != 0 || st != queue.Empty {
				t.Fatalf("PopBatch of a closed and drained ring: got %d, %v, want 0, Empty", k, st)
			}
			wantPush(t, r, -2, queue.Closed) // there is room again, and still
			wantLen(t, r, 0, false)
		}
	})
}

func TestRing_ElementsOfNoSize(t *testing.T) {
	r := queue.NewRing[struct{}](3)
	var e struct{}
	for i := range 3 {
		if st := r.Push(&e); st != queue.OK {
			t.Fatalf("push %d: got %v, want OK", i, st)
		}
	}
	if st := r.Push(&e); st != queue.Full {
		t.Errorf("push 3: got %v, want Full", st)
	}
	for i := range 3 {
		if st := r.Pop(&e); st != queue.OK {
			t.Fatalf("pop %d: got %v, want OK", i, st)
		}
	}
	if st := r.Pop(&e); st != queue.Empty {
		t.Errorf("pop 3: got %v, want Empty", st)
	}
}

func TestRing_AllocatesOnceAndForAll(t *testing.T) {
	r := queue.NewRing[int](8)
	es := count(0, 4)
	if n := testing.AllocsPerRun(100, func() {
		r.Push(&es[0])
		r.PushBatch(es)
		r.Pop(&es[0])
		r.PopBatch(es)
		r.Ready()
	}); n != 0 {
		t.Errorf("allocations of two pushes and two pops: got %v, want 0", n)
	}
}

func TestStatus_String(t *testing.T) {
	for st, want := range map[queue.Status]string{
		queue.OK: "OK", queue.Full: "Full", queue.Empty: "Empty", queue.Busy: "Busy", queue.Closed: "Closed",
	} {
		if got := st.String(); got != want {
			t.Errorf("Status(%d).String: got %q, want %q", st, got, want)
		}
	}
}
