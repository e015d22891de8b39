package future_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/internal/promise"
)

// An outcome is what a combinator came to: the result of Race and Any, or what stands for it.
type outcome struct {
	index int // of the deciding future, or -1
	vs    []int
	err   error
}

// The combinators, each called so that its outcome can be compared.
var combinators = []struct {
	name string
	call func(ctx context.Context, fs ...*future.Future[int]) outcome
}{
	{"All", func(ctx context.Context, fs ...*future.Future[int]) outcome {
		vs, err := future.All(ctx, fs...)
		return outcome{indexOf(err), vs, err}
	}},
	{"Settle", func(ctx context.Context, fs ...*future.Future[int]) outcome {
		return fromResults(future.Settle(ctx, fs...))
	}},
	{"Any", func(ctx context.Context, fs ...*future.Future[int]) outcome {
		i, v, err := future.Any(ctx, fs...)
		return outcome{i, []int{v}, err}
	}},
	{"Race", func(ctx context.Context, fs ...*future.Future[int]) outcome {
		i, v, err := future.Race(ctx, fs...)
		return outcome{i, []int{v}, err}
	}},
	{"AsCompleted", func(ctx context.Context, fs ...*future.Future[int]) outcome {
		rs := make([]future.Result[int], len(fs))
		for i, r := range future.AsCompleted(ctx, fs...) {
			rs[i] = r
		}
		return fromResults(rs)
	}},
	{"Join3", func(ctx context.Context, fs ...*future.Future[int]) outcome {
		for len(fs) < 3 {
			fs = append(fs, fs[0])
		}
		a, b, c, err := future.Join3(ctx, fs[0], fs[1], fs[2])
		return outcome{indexOf(err), []int{a, b, c}, err}
	}},
}

// indexOf returns the index of an IndexError, -1 of other errors.
func indexOf(err error) int {
	if ie := new(future.IndexError); errors.As(err, &ie) {
		return ie.Index
	}
	return -1
}

func fromResults(rs []future.Result[int]) outcome {
	o := outcome{index: -1, vs: make([]int, 0, len(rs))}
	for i, r := range rs {
		if o.vs = append(o.vs, r.Value); r.Err != nil && o.err == nil {
			o.index, o.err = i, r.Err
		}
	}
	return o
}

// promises returns pending promises and their futures.
func promises(n int) (ps []*future.Promise[int], fs []*future.Future[int]) {
	for range n {
		p := future.NewPromise[int]()
		ps, fs = append(ps, p), append(fs, p.Future())
	}
	return ps, fs
}

// Each case settles three futures in some order, before the call or during it.
func TestCombinators_Outcomes(t *testing.T) {
	type settling struct {
		i   int
		err error
	}
	errOther := errors.New("other")
	ok := func(is ...int) (s []settling) {
		for _, i := range is {
			s = append(s, settling{i, nil})
		}
		return s
	}
	for _, tt := range []struct {
		name           string
		before, during []settling
		want           map[string]string
	}{
		{"all there", ok(2, 1, 0), nil, map[string]string{
			"All": "-1 [10 11 12] <nil>", "Settle": "-1 [10 11 12] <nil>", "Any": "0 [10] <nil>",
			"Race": "0 [10] <nil>", "AsCompleted": "-1 [10 11 12] <nil>", "Join3": "-1 [10 11 12] <nil>",
		}},
		{"all later", nil, ok(2, 0, 1), map[string]string{
			"All": "-1 [10 11 12] <nil>", "Settle": "-1 [10 11 12] <nil>", "Any": "2 [12] <nil>",
			"Race": "2 [12] <nil>", "AsCompleted": "-1 [10 11 12] <nil>", "Join3": "-1 [10 11 12] <nil>",
		}},
		{"two failures there", []settling{{2, errOther}, {1, errBoom}}, ok(0), map[string]string{
			"All": "1 [] future: item 1: boom", "Settle": "1 [10 0 0] boom", "Any": "0 [10] <nil>",
			"Race": "1 [0] boom", "AsCompleted": "1 [10 0 0] boom", "Join3": "1 [0 0 0] future: item 1: boom",
		}},
		{"two failures later", ok(1), []settling{{2, errOther}, {0, errBoom}}, map[string]string{
			"All": "2 [] future: item 2: other", "Settle": "0 [0 11 0] boom", "Any": "1 [11] <nil>",
			"Race": "1 [11] <nil>", "AsCompleted": "0 [0 11 0] boom", "Join3": "2 [0 0 0] future: item 2: other",
		}},
		{"none succeeds", []settling{{2, errOther}}, []settling{{1, errBoom}, {0, errBoom}}, map[string]string{
			"All": "2 [] future: item 2: other", "Settle": "0 [0 0 0] boom",
			"Any":  "-1 [0] future: item 0: boom\nfuture: item 1: boom\nfuture: item 2: other",
			"Race": "2 [0] other", "AsCompleted": "0 [0 0 0] boom", "Join3": "2 [0 0 0] future: item 2: other",
		}},
	} {
		for _, c := range combinators {
			t.Run(tt.name+"/"+c.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ps, fs := promises(3)
					settle := func(ss []settling) {
						for _, s := range ss {
							if s.err != nil {
								ps[s.i].Reject(s.err)
							} else {
								ps[s.i].Resolve(10 + s.i)
							}
							synctest.Wait() // so that what has been decided is returned
						}
					}
					settle(tt.before)
					got := make(chan outcome, 1)
					go func() { got <- c.call(t.Context(), fs...) }()
					synctest.Wait()
					settle(tt.during)
					o := <-got
					if got, want := fmt.Sprint(o.index, " ", o.vs, " ", o.err), tt.want[c.name]; got != want {
						t.Errorf("got %q, want %q", got, want)
					}
				})
			})
		}
	}
}

// What decides a wait ends it, and nothing else does.
func TestCombinators_WhenTheyReturn(t *testing.T) {
	for name, want := range map[string]int{ // settled futures at the return: 0 succeeds, 1 fails, 2 succeeds
		"All": 2, "Settle": 3, "Any": 1, "Race": 1, "AsCompleted": 3, "Join3": 2,
	} {
		synctest.Test(t, func(t *testing.T) {
			ps, fs := promises(3)
			returned := make(chan outcome, 1)
			go func() {
				for _, c := range combinators {
					if c.name == name {
						returned <- c.call(t.Context(), fs...)
					}
				}
			}()
			got := 0
			for i, settle := range []func() bool{
				func() bool { return ps[0].Resolve(1) },
				func() bool { return ps[1].Reject(errBoom) },
				func() bool { return ps[2].Resolve(1) },
			} {
				synctest.Wait()
				if len(returned) == 0 {
					got = i + 1
				}
				settle()
			}
			if <-returned; got != want {
				t.Errorf("%s returned when %d futures had settled, want %d", name, got, want)
			}
		})
	}
}

func TestCombinators_SameFutureTwice(t *testing.T) {
	for _, c := range combinators {
		synctest.Test(t, func(t *testing.T) {
			ps, fs := promises(1)
			got := make(chan outcome, 1)
			go func() { got <- c.call(t.Context(), fs[0], fs[0], fs[0]) }()
			synctest.Wait()
			ps[0].Resolve(7)
			if o := <-got; o.err != nil || slices.Max(o.vs) != 7 || slices.Min(o.vs) != 7 {
				t.Errorf("%s: got %v, want values of 7", c.name, o)
			}
		})
	}
}

func TestL7_CombinatorsPreferResultsToADeadCtx(t *testing.T) {
	dead, cancel := context.WithCancelCause(t.Context())
	cancel(errBoom)
	for _, c := range combinators {
		// Settled before.
		if o := c.call(dead, future.Resolved(7), future.Resolved(7), future.Resolved(7)); o.err != nil || o.vs[0] != 7 {
			t.Errorf("%s of settled futures with a dead ctx: got %v, want 7", c.name, o)
		}
		// Settled between the look and the sleep.
		for range 50 {
			ps, fs := promises(3)
			o := c.call(settlingCtx{dead, func() {
				for _, p := range ps {
					p.Resolve(7)
				}
			}}, fs...)
			if o.err != nil || o.vs[0] != 7 {
				t.Fatalf("%s of futures that settle as ctx ends: got %v, want 7", c.name, o)
			}
		}
		// Not settled.
		_, fs := promises(3)
		o := c.call(dead, fs...)
		var we *future.WaitError
		if !errors.As(o.err, &we) || we.Cause != errBoom || indexOf(o.err) != -1 {
			t.Errorf("%s of pending futures with a dead ctx: error %v, want a WaitError with cause %v", c.name, o.err, errBoom)
		}
	}
}

// A fuse is a listener that is called before the combinators' own.
type fuse func()

func (f fuse) Fire(int) promise.Chain {
	f()
	return promise.Chain{}
}

// ctx ends when a future is settled and its listeners have not been called yet.
func TestL7_SettledBeforeItsListenersAreCalled(t *testing.T) {
	for _, c := range combinators {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				ps, fs := promises(1)
				got := make(chan outcome)
				(*promise.Cell[int])(fs[0]).Listen(&promise.Listener{Target: fuse(func() {
					cancel()
					if o := <-got; o.err != nil || o.vs[0] != 7 {
						t.Errorf("got %v, want 7", o)
					}
				})})
				go func() { got <- c.call(ctx, fs[0], fs[0], fs[0]) }()
				synctest.Wait()
				ps[0].Resolve(7)
			})
		})
	}
}

func TestL7_AFailureBeatsADeadCtx(t *testing.T) {
	dead, cancel := context.WithCancel(t.Context())
	cancel()
	_, fs := promises(1)
	if _, err := future.All(dead, fs[0], future.Rejected[int](errBoom)); indexOf(err) != 1 || !errors.Is(err, errBoom) {
		t.Errorf("All: error %v, want item 1: %v", err, errBoom)
	}
	if i, _, err := future.Race(dead, fs[0], future.Rejected[int](errBoom)); i != 1 || err != errBoom {
		t.Errorf("Race: got %d, %v, want 1, %v", i, err, errBoom)
	}
	rs := future.Settle(dead, fs[0], future.Resolved(7))
	if !errors.Is(rs[0].Err, future.ErrNotReady) || rs[1].Value != 7 || rs[1].Err != nil {
		t.Errorf("Settle: got %v, want a WaitError and 7", rs)
	}
}

// L12: combinators cancel nothing, neither when they are decided nor when ctx ends.
func TestL12_CombinatorsNeverCancel(t *testing.T) {
	for _, c := range combinators {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				finish := make(chan struct{})
				work := future.Go(t.Context(), func(ctx context.Context) (int, error) {
					<-finish
					return 7, ctx.Err()
				})
				ps, fs := promises(1)
				ctx, cancel := context.WithCancel(t.Context())
				returned := make(chan outcome, 1)
				go func() { returned <- c.call(ctx, work, future.Resolved(1), future.Rejected[int](errBoom), fs[0]) }()
				synctest.Wait()
				cancel()
				<-returned
				checkPending(t, fs[0])
				if work.State() != future.Running {
					t.Errorf("the work is %v, want %v", work.State(), future.Running)
				}
				close(finish)
				ps[0].Resolve(7)
				checkSettled(t, fs[0], future.Succeeded, 7, nil)
				if v, err := work.Await(t.Context()); v != 7 || err != nil {
					t.Errorf("Await() of the work = %d, %v, want 7, nil", v, err)
				}
			})
		})
	}
}

func TestL19_OfNoFutures(t *testing.T) {
	dead, cancel := context.WithCancel(t.Context())
	cancel()
	for _, ctx := range []context.Context{t.Context(), dead} {
		if vs, err := future.All[int](ctx); len(vs) != 0 || vs == nil || err != nil {
			t.Errorf("All() = %v, %v, want empty, nil", vs, err)
		}
		if rs := future.Settle[int](ctx); len(rs) != 0 || rs == nil {
			t.Errorf("Settle() = %v, want empty", rs)
		}
		for i, r := range future.AsCompleted[int](ctx) {
			t.Errorf("AsCompleted() yields %d, %v, want nothing", i, r)
		}
		if i, v, err := future.Any[int](ctx); i != -1 || v != 0 || err != future.ErrNoFutures {
			t.Errorf("Any() = %d, %d, %v, want -1, 0, ErrNoFutures", i, v, err)
		}
		if i, v, err := future.Race[int](ctx); i != -1 || v != 0 || err != future.ErrNoFutures {
			t.Errorf("Race() = %d, %d, %v, want -1, 0, ErrNoFutures", i, v, err)
		}
	}
}

func TestL18_CombinatorsWithBadInput(t *testing.T) {
	var none context.Context
	ctx := context.Background()
	f := future.Resolved(1)
	var nilF *future.Future[int]
	fn := func(context.Context, int) (int, error) { return 0, nil }
	for want, bad := range map[string]func(){
		"future: All: ctx is nil":           func() { _, _ = future.All(none, f) },
		"future: All: fs[3] is nil":         func() { _, _ = future.All(ctx, f, f, f, nil) },
		"future: Settle: ctx is nil":        func() { future.Settle(none, f) },
		"future: Settle: fs[0] is nil":      func() { future.Settle(ctx, nilF) },
		"future: Any: ctx is nil":           func() { _, _, _ = future.Any(none, f) },
		"future: Any: fs[1] is nil":         func() { _, _, _ = future.Any(ctx, f, nil) },
		"future: Race: ctx is nil":          func() { _, _, _ = future.Race[int](none) },
		"future: Race: fs[1] is nil":        func() { _, _, _ = future.Race(ctx, f, nil) },
		"future: AsCompleted: ctx is nil":   func() { future.AsCompleted(none, f) },
		"future: AsCompleted: fs[1] is nil": func() { future.AsCompleted(ctx, f, nil) },
		"future: Join2: ctx is nil":         func() { _, _, _ = future.Join2(none, f, f) },
		"future: Join2: b is nil":           func() { _, _, _ = future.Join2(ctx, f, nilF) },
		"future: Join3: ctx is nil":         func() { _, _, _, _ = future.Join3(none, f, f, f) },
		"future: Join3: c is nil":           func() { _, _, _, _ = future.Join3(ctx, f, f, nilF) },
		"future: Then: ctx is nil":          func() { future.Then(none, f, fn) },
		"future: Then: f is nil":            func() { future.Then(ctx, nilF, fn) },
		"future: Then: fn is nil":           func() { future.Then[int, int](ctx, f, nil) },
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panicked with %v, want %q", got, want)
				}
			}()
			bad()
		}()
	}
}

// L20: what is there costs no channel and no listener; a wait costs the same few objects for
// three futures as for a thousand.
func TestL20_CombinatorsAllocations(t *testing.T) {
	dead, cancel := context.WithCancel(context.Background())
	cancel()
	there := slices.Repeat([]*future.Future[int]{future.Resolved(1)}, 1000)
	_, few := promises(3)
	_, many := promises(1000)
	for _, c := range combinators {
		if c.name == "Any" || c.name == "Race" {
			if got := testing.AllocsPerRun(100, func() { c.call(dead, there...) }); got != 1 {
				t.Errorf("%s of settled futures: %v allocations, want 1 for the outcome", c.name, got)
			}
		}
		if c.name == "Join3" {
			continue
		}
		c.call(dead, append(few, many...)...) // makes the cells' lists
		with3 := testing.AllocsPerRun(100, func() { c.call(dead, few...) })
		with1000 := testing.AllocsPerRun(100, func() { c.call(dead, many...) })
		if with1000 > with3+1 { // what is small may be on the stack
			t.Errorf("%s: %v allocations with 1000 pending futures, %v with 3", c.name, with1000, with3)
		}
	}
	if got := testing.AllocsPerRun(100, func() { _, _ = future.All(dead, there...) }); got != 1 {
		t.Errorf("All of settled futures: %v allocations, want 1", got)
	}
}

// An error of Any says which failures it joins, and is each of them.
func TestAny_NoneSucceeds(t *testing.T) {
	i, v, err := future.Any(t.Context(), future.Rejected[int](errBoom), future.Rejected[int](&codeError{7}))
	var ce *codeError
	if i != -1 || v != 0 || !errors.Is(err, errBoom) || !errors.As(err, &ce) || indexOf(err) != 0 || !strings.Contains(err.Error(), "item 1") {
		t.Errorf("Any() = %d, %d, %v, want -1, 0 and both failures", i, v, err)
	}
}
