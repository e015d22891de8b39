package future_test

import (
	"context"
	"runtime"
	"testing"
	"weak"

	"github.com/forebay-go/forebay/future"
)

// A thing is big enough to have an allocation of its own, so that it can be collected alone.
type thing struct{ _ [8]int }

// A probe looks whether a thing is still referenced.
type probe struct {
	what string
	ptr  weak.Pointer[thing]
}

func newThing(what string) (*thing, probe) {
	o := new(thing)
	return o, probe{what, weak.Make(o)}
}

// checkCollected fails if a thing is still there after some collections: more than one,
// because a goroutine that has just settled a future may not have left its function yet.
func checkCollected(t *testing.T, state string, probes ...probe) {
	t.Helper()
	for _, p := range probes {
		for i := 0; p.ptr.Value() != nil; i++ {
			if i == 20 {
				t.Errorf("%s: %s is still referenced", state, p.what)
				break
			}
			runtime.Gosched()
			runtime.GC()
		}
	}
}

type ctxKey struct{}

// goProbed starts and awaits a future whose parts can be looked at.
//
//go:noinline
func goProbed(t *testing.T, err error) (f *future.Future[*thing], result probe, rest []probe) {
	captured, capturedProbe := newThing("the function's closure")
	value, valueProbe := newThing("the ctx")
	out, outProbe := newThing("the result")
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), ctxKey{}, value))
	f = future.Go(ctx, func(context.Context) (*thing, error) {
		runtime.KeepAlive(captured)
		return out, err
	})
	f.AfterFunc(func(future.Result[*thing]) { runtime.KeepAlive(captured) })
	stop := f.AfterFunc(func(future.Result[*thing]) { runtime.KeepAlive(captured) })
	stop()
	_, _ = f.Await(t.Context())
	cancel()
	return f, outProbe, []probe{capturedProbe, valueProbe}
}

func TestL14_SettledFutureKeepsOnlyItsResult(t *testing.T) {
	for name, err := range map[string]error{"succeeded": nil, "failed": errBoom} {
		t.Run(name, func(t *testing.T) {
			f, result, rest := goProbed(t, err)
			checkCollected(t, "the future is "+f.State().String(), rest...)
			if result.ptr.Value() == nil {
				t.Errorf("the result is gone while its future is held; the future is %v", f.State())
			}
			runtime.KeepAlive(f)
			checkCollected(t, "the future is dropped", result)
		})
	}
}

// park awaits f on a goroutine of its own with a ctx that ends.
//
//go:noinline
func parkProbed(f *future.Future[int]) []probe {
	value, valueProbe := newThing("the ctx of a wait that ended")
	captured, capturedProbe := newThing("a stopped AfterFunc")
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), ctxKey{}, value))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = f.Await(ctx)
	}()
	stop := f.AfterFunc(func(future.Result[int]) { runtime.KeepAlive(captured) })
	cancel()
	<-done
	stop()
	return []probe{valueProbe, capturedProbe}
}

func TestL14_PendingFutureKeepsNoEndedWait(t *testing.T) {
	p := future.NewPromise[int]()
	probes := parkProbed(p.Future())
	checkCollected(t, "the future is "+p.Future().State().String(), probes...)
	runtime.KeepAlive(p)
}
