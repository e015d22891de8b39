package future_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
)

func TestAfterFunc_FiresOnce(t *testing.T) {
	for _, s := range settlings {
		t.Run(s.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := future.NewPromise[int]()
				got := make(chan future.Result[int], 9)
				record := func(r future.Result[int]) { got <- r }
				stops := []func() bool{
					p.Future().AfterFunc(record),
					p.Future().AfterFunc(record),
				}
				synctest.Wait()
				if len(got) != 0 {
					t.Fatalf("AfterFunc fired while the future is %v", p.Future().State())
				}
				s.settle(p)
				stops = append(stops, p.Future().AfterFunc(record)) // settled already: at once
				synctest.Wait()
				if len(got) != len(stops) {
					t.Errorf("%d of %d functions were called; the future is %v", len(got), len(stops), p.Future().State())
				}
				for range len(got) {
					want, _ := p.Future().Try()
					if r := <-got; r != want {
						t.Errorf("AfterFunc got %v, want the result %v; the future is %v", r, want, p.Future().State())
					}
				}
				for i, stop := range stops {
					if stop() {
						t.Errorf("stop() of function %d = true, want false: it was called; the future is %v", i, p.Future().State())
					}
				}
			})
		})
	}
}

// Any of several can be stopped, in any order, and the others still fire.
func TestAfterFunc_Stop(t *testing.T) {
	for _, order := range [][]int{{0}, {1}, {2}, {0, 1}, {2, 0}, {1, 2}, {2, 1, 0}, {1, 0, 2}} {
		synctest.Test(t, func(t *testing.T) {
			p := future.NewPromise[int]()
			var mu sync.Mutex
			fired := make(map[int]bool)
			want := make(map[int]bool)
			var stops []func() bool
			for i := range 3 {
				want[i] = true
				stops = append(stops, p.Future().AfterFunc(func(future.Result[int]) {
					mu.Lock()
					defer mu.Unlock()
					fired[i] = true
				}))
			}
			for _, i := range order {
				if delete(want, i); !stops[i]() {
					t.Errorf("order %v: stop() of %d = false, want true; the future is %v", order, i, p.Future().State())
				}
				if stops[i]() {
					t.Errorf("order %v: second stop() of %d = true, want false", order, i)
				}
			}
			p.Resolve(7)
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			for i := range 3 {
				if fired[i] != want[i] {
					t.Errorf("order %v: function %d called: %t, want %t; the future is %v", order, i, fired[i], want[i], p.Future().State())
				}
			}
		})
	}
}

// stop against settle: either stop says true and the function is not called, or false and
// it is.
func TestAfterFunc_StopRacesSettle(t *testing.T) {
	for i := range 300 {
		p := future.NewPromise[int]()
		fired := make(chan struct{})
		stop := p.Future().AfterFunc(func(future.Result[int]) { close(fired) })
		var wg sync.WaitGroup
		wg.Go(func() { p.Resolve(i) })
		stopped := stop()
		wg.Wait()
		if !stopped {
			<-fired // or the test hangs
			continue
		}
		select {
		case <-fired:
			t.Fatalf("round %d: stop() = true, but the function was called; the future is %v", i, p.Future().State())
		default:
		}
	}
}

// A panic in an AfterFunc function has nobody to be told to, and crashes the process, with
// its own stack. This test runs itself in a process of its own.
func TestAfterFunc_PanicCrashes(t *testing.T) {
	const env = "FOREBAY_AFTERFUNC_CRASH"
	if os.Getenv(env) != "" {
		future.Resolved(1).AfterFunc(func(future.Result[int]) { explode("boom in AfterFunc") })
		<-context.Background().Done()
	}
	if testing.Short() {
		t.Skip("-short: starts a process")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, "-test.run=^TestAfterFunc_PanicCrashes$", "-test.timeout=20s")
	cmd.Env = append(os.Environ(), env+"=1")
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Errorf("the process ended well, want a crash; it printed:\n%s", out)
	}
	for _, want := range []string{"panic: boom in AfterFunc", "future_test.explode"} {
		if !bytes.Contains(out, []byte(want)) {
			t.Errorf("the crash does not print %q; it printed:\n%s", want, out)
		}
	}
	if bytes.Contains(out, []byte("recovered")) {
		t.Errorf("the panic was recovered and panicked again:\n%s", out)
	}
}
