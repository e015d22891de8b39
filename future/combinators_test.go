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

// An error of Any says which failures it joins, and is each of them.
func TestAny_NoneSucceeds(t *testing.T) {
	i, v, err := future.Any(t.Context(), future.Rejected[int](errBoom), future.Rejected[int](&codeError{7}))
	var ce *codeError
	if i != -1 || v != 0 || !errors.Is(err, errBoom) || !errors.As(err, &ce) || indexOf(err) != 0 || !strings.Contains(err.Error(), "item 1") {
		t.Errorf("Any() = %d, %d, %v, want -1, 0 and both failures", i, v, err)
	}
}
