package future_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/forebay-go/forebay/future"
)

// What is written before a future settles is there for whoever sees it settled, by plain
// reads: the race detector is the judge.
func TestL15_SettlingSynchronizes(t *testing.T) {
	observe := map[string]func(*future.Future[int]){
		"Await": func(f *future.Future[int]) { _, _ = f.Await(context.Background()) },
		"Done":  func(f *future.Future[int]) { <-f.Done() },
		"Try": func(f *future.Future[int]) {
			for _, ok := f.Try(); !ok; _, ok = f.Try() {
				runtime.Gosched()
			}
		},
		"State": func(f *future.Future[int]) {
			for f.State() < future.Succeeded {
				runtime.Gosched()
			}
		},
		"AfterFunc": func(f *future.Future[int]) {
			fired := make(chan struct{})
			f.AfterFunc(func(future.Result[int]) { close(fired) })
			<-fired
		},
	}
	for name, see := range observe {
		t.Run(name, func(t *testing.T) {
			before, after := 1, 0
			f := future.Go(t.Context(), func(context.Context) (int, error) {
				after = before
				return 0, nil
			})
			see(f)
			if after != 1 {
				t.Errorf("the function's write is %d, want 1; the future is %v", after, f.State())
			}
			p := future.NewPromise[int]()
			written := 0
			go func() {
				written = 1
				p.Resolve(7)
			}()
			see(p.Future())
			if written != 1 {
				t.Errorf("the resolver's write is %d, want 1; the future is %v", written, p.Future().State())
			}
		})
	}
}

// Two bubbles in one process, at once and one after the other: no channel or timer of one
// may get into the other.
func TestL16_TwoBubbles(t *testing.T) {
	for _, name := range []string{"one", "two"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 2 {
				synctest.Test(t, func(t *testing.T) {
					p := future.NewPromise[int]()
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					if _, err := p.Future().Await(ctx); err == nil {
						t.Errorf("Await() error nil, want a WaitError; the future is %v", p.Future().State())
					}
					f := future.Go(t.Context(), func(ctx context.Context) (int, error) { return p.Future().Await(ctx) })
					fired := make(chan int, 1)
					f.AfterFunc(func(r future.Result[int]) { fired <- r.Value })
					synctest.Wait()
					p.Resolve(7)
					<-f.Done()
					<-future.Resolved(1).Done()
					if v := <-fired; v != 7 {
						t.Errorf("AfterFunc got %d, want 7; the future is %v", v, f.State())
					}
				})
			}
		})
	}
}

// goroutines counts the goroutines of the process while all stand still. runtime.NumGoroutine does not wait for
// that: while the collector sorts the dead ones it may count hundreds of them (a record too few to hold a profile).
func goroutines() int {
	n, _ := runtime.GoroutineProfile(make([]runtime.StackRecord, 1))
	return n
}

var goroutinesAtInit = goroutines()

func TestL17_NothingStartsByItself(t *testing.T) {
	if goroutinesAtInit != 1 {
		t.Errorf("%d goroutines after the imports, want 1", goroutinesAtInit)
	}
	before := goroutines()
	p := future.NewPromise[int]()
	_ = p.Future().Done()
	p.Future().AfterFunc(func(future.Result[int]) {})
	if got := goroutines(); got > before {
		t.Errorf("%d goroutines with a pending promise that is waited for, want %d", got, before)
	}
}

func TestL18_BadInput(t *testing.T) {
	var nilCtx context.Context
	f := future.NewPromise[int]().Future()
	for _, tt := range []struct {
		call string
		bad  func()
		want []string
	}{
		{"Await", func() { _, _ = f.Await(nilCtx) }, []string{"Await", "ctx", "nil"}},
		{"Await of a settled future", func() { _, _ = future.Resolved(1).Await(nilCtx) }, []string{"Await", "ctx", "nil"}},
		{"AfterFunc", func() { f.AfterFunc(nil) }, []string{"AfterFunc", "fn", "nil"}},
		{"Go without ctx", func() { future.Go(nilCtx, func(context.Context) (int, error) { return 0, nil }) }, []string{"Go", "ctx", "nil"}},
		{"Go without fn", func() { future.Go[int](context.Background(), nil) }, []string{"Go", "fn", "nil"}},
		{"Reject", func() { future.NewPromise[int]().Reject(nil) }, []string{"Reject", "err", "nil"}},
		{"Rejected", func() { future.Rejected[int](nil) }, []string{"Rejected", "err", "nil"}},
	} {
		t.Run(tt.call, func(t *testing.T) {
			defer func() {
				text, _ := recover().(string)
				if !strings.HasPrefix(text, "future: ") {
					t.Errorf("panicked with %q, want a text with the prefix %q", text, "future: ")
				}
				for _, want := range tt.want {
					if !strings.Contains(text, want) {
						t.Errorf("panicked with %q, want %q in it", text, want)
					}
				}
			}()
			tt.bad()
		})
	}
	checkPending(t, f)
}

func TestL20_Allocations(t *testing.T) {
	ctx := context.Background()
	settled := future.Resolved(7)
	for _, tt := range []struct {
		what string
		do   func()
		want float64
	}{
		{"await a settled future", func() { _, _ = settled.Await(ctx) }, 0},
		{"Try", func() { _, _ = settled.Try() }, 0},
		{"Done of a settled future", func() { _ = settled.Done() }, 0},
		{"a promise, resolved and awaited", func() {
			p := future.NewPromise[int]()
			p.Resolve(7)
			_, _ = p.Future().Await(ctx)
		}, 1},
		{"a promise that is waited for: one channel", func() {
			p := future.NewPromise[int]()
			_, _ = p.Future().Done(), p.Future().Done()
			p.Resolve(7)
			_, _ = p.Future().Await(ctx)
		}, 2},
	} {
		if got := testing.AllocsPerRun(100, tt.do); got != tt.want {
			t.Errorf("%s: %v allocations, want %v", tt.what, got, tt.want)
		}
	}
}
