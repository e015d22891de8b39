package explore_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/forebay-go/forebay/internal/explore"
)

// With Merge there are fewer schedules, and the same outcomes: of small programs drawn at random.
func TestExplore_Merge(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	all, merged := 0, 0
	programs := 20
	if testing.Short() {
		programs = 4
	}
	for n := range programs {
		var plan [3][4]int // a thread's operations
		for i := range plan {
			for j := range plan[i] {
				plan[i][j] = rng.IntN(8)
			}
		}
		outcomes := func(merge bool) (map[string]bool, int) {
			seen := map[string]bool{}
			report, err := explore.Explore(explore.Options{Preemptions: 2, Merge: merge}, func(r *explore.Run) {
				var words [2]explore.Uint64
				var mu explore.Mutex
				box := explore.NewMailbox[int]()
				puts, guarded := 0, 0
				var got [len(plan)]uint64
				for i := range plan {
					r.Go("t", func() {
						for j, op := range plan[i] {
							w, v := &words[op%2], uint64(10*i+j+1)
							switch op / 2 {
							case 0:
								got[i] = got[i]*100 + w.Load()
							case 1:
								w.Store(v)
							case 2:
								if !w.CompareAndSwap(got[i]%100, v) {
									got[i]++
								}
							case 3:
								mu.Lock()
								guarded = guarded*100 + int(v)
								got[i] += w.Load()
								mu.Unlock()
								if r.Point(); puts == 0 {
									puts++
									box.Put(1)
								}
							}
						}
					})
				}
				r.Wait()
				seen[fmt.Sprint(got, guarded, puts, words[0].Load(), words[1].Load())] = true
			})
			if err != nil || report.Sampled > 0 {
				t.Fatalf("program %d, merge %t: %v, %v", n, merge, report, err)
			}
			return seen, report.Schedules
		}
		want, schedules := outcomes(false)
		all += schedules
		got, schedules := outcomes(true)
		merged += schedules
		if !maps.Equal(got, want) {
			t.Fatalf("program %d %v: %d outcomes, %d without Merge", n, plan, len(got), len(want))
		}
	}
	t.Logf("%d schedules, %d with Merge", all, merged)
	if merged >= all {
		t.Error("nothing is merged")
	}
}

// With a timer whose function begins with a lock: that it has gone off, and waits, is not the same as
// that it has not.
func TestExplore_MergeWithATimer(t *testing.T) {
	outcomes := func(merge bool) map[string]bool {
		seen := map[string]bool{}
		_, err := explore.Explore(explore.Options{Preemptions: 1, Merge: merge}, func(r *explore.Run) {
			var a, b explore.Uint64
			var mu explore.Mutex
			timer := explore.AfterFunc(time.Second, func() {
				mu.Lock()
				a.Add(100)
				mu.Unlock()
			})
			var got [3]string
			stop := func(i int) { got[i] += fmt.Sprint(" ", timer.Stop(), " ", b.Load()) }
			locked := func(i int) { mu.Lock(); stop(i); mu.Unlock() }
			r.Go("0", func() { b.Add(1); got[0] = fmt.Sprint(timer.Stop()); b.Add(1) })
			r.Go("1", func() { a.Add(2); locked(1); b.Add(2) })
			r.Go("2", func() { b.Add(3); a.Add(3); locked(2) })
			r.Wait()
			seen[fmt.Sprint(got, a.Load(), b.Load())] = true
		})
		if err != nil {
			t.Fatal(err)
		}
		return seen
	}
	if all, merged := outcomes(false), outcomes(true); !maps.Equal(all, merged) {
		t.Errorf("%d outcomes, and merged %d", len(all), len(merged))
	}
}
