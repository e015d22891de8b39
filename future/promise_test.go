package future_test

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
)

// Each way to settle a promise, and what it settles the future with.
var settlings = []struct {
	name   string
	settle func(*future.Promise[int]) bool
	state  future.State
	v      int
	err    error
}{
	{"Resolve", func(p *future.Promise[int]) bool { return p.Resolve(7) }, future.Succeeded, 7, nil},
	{"Reject", func(p *future.Promise[int]) bool { return p.Reject(errBoom) }, future.Failed, 0, errBoom},
	{"Abandon", func(p *future.Promise[int]) bool { return p.Abandon() }, future.Failed, 0, future.ErrAbandoned},
	{"Cancel", func(p *future.Promise[int]) bool { return p.Future().Cancel(nil) }, future.Canceled, 0, future.ErrCanceled},
}

func TestPromise_FirstCallWins(t *testing.T) {
	for _, first := range settlings {
		for _, second := range settlings {
			t.Run(first.name+"Then"+second.name, func(t *testing.T) {
				p := future.NewPromise[int]()
				if !first.settle(p) {
					t.Errorf("first: %s() = false, want true", first.name)
				}
				if second.settle(p) {
					t.Errorf("second: %s() = true, want false; the future is %v", second.name, p.Future().State())
				}
				checkSettled(t, p.Future(), first.state, first.v, first.err)
			})
		}
	}
}

func TestPromise_OneFuture(t *testing.T) {
	p := future.NewPromise[int]()
	if a, b := p.Future(), p.Future(); a != b {
		t.Errorf("Future() = %p, then %p, want the same", a, b)
	}
}

// The idiom of the doc comment: Abandon behind the resolving call does nothing.
func TestPromise_AbandonDeferred(t *testing.T) {
	settle := func(resolve bool) *future.Future[int] {
		p := future.NewPromise[int]()
		defer p.Abandon()
		if resolve {
			p.Resolve(7)
		}
		return p.Future()
	}
	checkSettled(t, settle(true), future.Succeeded, 7, nil)
	checkSettled(t, settle(false), future.Failed, 0, future.ErrAbandoned)
}

// Many settle at once, many look on: one call wins, and all see its result.
func TestL1_PromiseSettlesOnce(t *testing.T) {
	rounds := 200
	if testing.Short() {
		rounds = 50
	}
	for range rounds {
		p := future.NewPromise[int]()
		var settlers, readers sync.WaitGroup
		won := make([]bool, 2*len(settlings))
		for i := range won {
			settlers.Go(func() { won[i] = settlings[i%len(settlings)].settle(p) })
		}
		seen := make([]future.Result[int], 4)
		for i := range seen {
			readers.Go(func() {
				switch i {
				case 0:
					<-p.Future().Done()
				case 1:
					fired := make(chan struct{})
					p.Future().AfterFunc(func(future.Result[int]) { close(fired) })
					<-fired
				}
				seen[i].Value, seen[i].Err = p.Future().Await(t.Context())
			})
		}
		settlers.Wait()
		readers.Wait()
		winner := -1
		for i, w := range won {
			if w && winner >= 0 {
				t.Fatalf("%s and %s both returned true, want one; the future is %v", settlings[winner%4].name, settlings[i%4].name, p.Future().State())
			}
			if w {
				winner = i % len(settlings)
			}
		}
		if winner < 0 {
			t.Fatalf("no settling call returned true, want one; the future is %v", p.Future().State())
		}
		for i, r := range seen {
			if want := settlings[winner]; r.Value != want.v || !errors.Is(r.Err, want.err) {
				t.Fatalf("reader %d got %d, %v, want what %s settled with: %d, %v; the future is %v",
					i, r.Value, r.Err, want.name, want.v, want.err, p.Future().State())
			}
		}
	}
}

func TestCancel_Promise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := future.NewPromise[int]()
		errs := make(chan error, 1)
		go func() {
			_, err := p.Future().Await(t.Context())
			errs <- err
		}()
		synctest.Wait()
		if !p.Future().Cancel(errBoom) {
			t.Errorf("Cancel() = false, want true: the promise was pending")
		}
		var ce *future.CancelError
		if err := <-errs; !errors.As(err, &ce) || ce.Cause != errBoom {
			t.Errorf("Await() error %v, want a CancelError with cause %v; the future is %v", err, errBoom, p.Future().State())
		}
	})
}
