package unwind_test

import (
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/forebay-go/forebay/internal/unwind"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errTest = errors.New("a test's error")

// on runs body on a goroutine of its own, which may end as it likes, and whose panic is
// recovered at the very end. note writes down what ByPanic said.
func on(body func(note func(bool))) (said []bool, recovered any) {
	var wg sync.WaitGroup
	wg.Go(func() {
		defer func() { recovered = recover() }()
		body(func(byPanic bool) { said = append(said, byPanic) })
	})
	wg.Wait()
	return said, recovered
}

func TestByPanic(t *testing.T) {
	type writer struct{ n int }
	for _, tc := range []struct {
		name  string
		body  func(note func(bool))
		want  []bool
		panic string // "": none reaches the goroutine's end
	}{
		{"return", func(note func(bool)) {
			defer func() { note(unwind.ByPanic()) }()
		}, []bool{false}, ""},
		{"panic", func(note func(bool)) {
			defer func() { note(unwind.ByPanic()) }()
			panic("boom")
		}, []bool{true}, "boom"},
		{"panic with an error", func(note func(bool)) {
			defer func() { note(unwind.ByPanic()) }()
			panic(errTest)
		}, []bool{true}, errTest.Error()},
		{"panic(nil)", func(note func(bool)) {
			defer func() { note(unwind.ByPanic()) }()
			panic(nil)
		}, []bool{true}, "nil"},
		{"Goexit", func(note func(bool)) {
			defer func() { note(unwind.ByPanic()) }()
			runtime.Goexit()
		}, []bool{false}, ""},

		{"nil dereference", func(note func(bool)) {
			defer func() { note(unwind.ByPanic()) }()
			var w *writer
			w.n++
		}, []bool{true}, "nil pointer"},
		{"index out of range", func(note func(bool)) {
			defer func() { note(unwind.ByPanic()) }()
			s := make([]int, len("a"))
			s[len("ab")]++
		}, []bool{true}, "index out of range"},
		{"division by zero", func(note func(bool)) {
			defer func() { note(unwind.ByPanic()) }()
			n := len("")
			_ = 1 / n
		}, []bool{true}, "divide by zero"},
		{"write to a nil map", func(note func(bool)) {
			defer func() { note(unwind.ByPanic()) }()
			var m map[string]int
			//lint:ignore SA5000 the panic is what this is for
			m["a"] = 1
		}, []bool{true}, "nil map"},
		{"failed type assertion", func(note func(bool)) {
			defer func() { note(unwind.ByPanic()) }()
			var v any = 1
			_ = v.(string)
		}, []bool{true}, "interface conversion"},
		{"send on a closed channel", func(note func(bool)) {
			defer func() { note(unwind.ByPanic()) }()
			c := make(chan int)
			close(c)
			c <- 1
		}, []bool{true}, "closed channel"},

		{"return after a recovered panic", func(note func(bool)) {
			defer func() { note(unwind.ByPanic()) }()
			defer func() { _ = recover() }()
			panic("boom")
		}, []bool{false}, ""},
		{"return, with a panic recovered inside the deferred call", func(note func(bool)) {
			defer func() {
				recovers("inner")
				note(unwind.ByPanic())
			}()
		}, []bool{false}, ""},
		{"panic, with another one recovered inside the deferred call", func(note func(bool)) {
			defer func() { note(unwind.ByPanic()) }()
			defer func() {
				recovers("inner")
				note(unwind.ByPanic())
			}()
			panic("outer")
		}, []bool{true, true}, "outer"},
		{"panic that replaces a panic", func(note func(bool)) {
			defer func() { note(unwind.ByPanic()) }()
			defer func() {
				note(unwind.ByPanic())
				panic("second")
			}()
			panic("first")
		}, []bool{true, true}, "second"},
		{"Goexit, with a panic recovered inside the deferred call", func(note func(bool)) {
			defer func() { note(unwind.ByPanic()) }()
			defer func() {
				recovers("inner")
				note(unwind.ByPanic())
			}()
			runtime.Goexit()
		}, []bool{false, false}, ""},
		{"Goexit, and a panic of one deferred call recovered by another", func(note func(bool)) {
			defer func() { note(unwind.ByPanic()) }() // the goroutine still exits
			defer func() {
				note(unwind.ByPanic()) // here because of the panic
				_ = recover()
			}()
			defer func() { panic("boom") }()
			runtime.Goexit()
		}, []bool{true, false}, ""},
		{"Goexit in a deferred call of a panic", func(note func(bool)) {
			defer func() { _ = recover() }()
			defer func() { note(unwind.ByPanic()) }()
			defer func() {
				note(unwind.ByPanic())
				runtime.Goexit()
			}()
			panic("boom")
		}, []bool{true, false}, ""},

		{"panic through many frames", func(note func(bool)) {
			defer func() { note(unwind.ByPanic()) }()
			deep(10_000, func() { panic("boom") })
		}, []bool{true}, "boom"},
		{"panic deep down", func(note func(bool)) {
			deep(10_000, func() {
				defer func() { note(unwind.ByPanic()) }()
				panic("boom")
			})
		}, []bool{true}, "boom"},
		{"Goexit through many frames", func(note func(bool)) {
			defer func() { note(unwind.ByPanic()) }()
			deep(10_000, runtime.Goexit)
		}, []bool{false}, ""},
		{"return deep down", func(note func(bool)) {
			deep(10_000, func() { defer func() { note(unwind.ByPanic()) }() })
		}, []bool{false}, ""},
		{"many deferred calls", func(note func(bool)) {
			for range 3 {
				defer func() { note(unwind.ByPanic()) }()
			}
			panic("boom")
		}, []bool{true, true, true}, "boom"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			said, recovered := on(tc.body)
			if len(said) != len(tc.want) {
				t.Fatalf("deferred calls that ran: got %d, want %d", len(said), len(tc.want))
			}
			for i := range said {
				if said[i] != tc.want[i] {
					t.Errorf("deferred call %d: got %t, want %t", i, said[i], tc.want[i])
				}
			}
			if got := text(recovered); tc.panic == "" && recovered != nil || !strings.Contains(got, tc.panic) {
				t.Errorf("panic that goes on: got %q, want %q", got, tc.panic)
			}
		})
	}
}

// A function that returns, called from a deferred call while a panic or a Goexit is on its
// way: a task that runs inline while its awaiter unwinds. It is the innermost reason that
// counts, at whatever distance the other one is.
func TestByPanic_ReturnWhileTheCallerUnwinds(t *testing.T) {
	for _, depth := range []int{0, 10, 100} {
		said, _ := on(func(note func(bool)) {
			defer func() {
				deep(depth, func() { defer func() { note(unwind.ByPanic()) }() })
			}()
			panic("boom")
		})
		if len(said) != 1 || said[0] {
			t.Errorf("return, %d frames inside a deferred call of a panic: got %v, want [false]", depth, said)
		}
		said, _ = on(func(note func(bool)) {
			defer func() {
				defer func() { _ = recover() }()
				deep(depth, func() {
					defer func() { note(unwind.ByPanic()) }()
					panic("inner")
				})
			}()
			runtime.Goexit()
		})
		if len(said) != 1 || !said[0] {
			t.Errorf("panic, %d frames inside a deferred call of Goexit: got %v, want [true]", depth, said)
		}
		said, _ = on(func(note func(bool)) {
			defer func() {
				deep(depth, func() {
					defer func() { note(unwind.ByPanic()) }()
					runtime.Goexit()
				})
			}()
			panic("boom")
		})
		if len(said) != 1 || said[0] {
			t.Errorf("Goexit, %d frames inside a deferred call of a panic: got %v, want [false]", depth, said)
		}
	}
}

// It does not recover: the panic goes on, with its value.
func TestByPanic_DoesNotEndThePanic(t *testing.T) {
	_, recovered := on(func(note func(bool)) {
		defer func() { note(unwind.ByPanic()) }()
		panic(errTest)
	})
	if recovered != errTest {
		t.Errorf("recovered: got %v, want %v", recovered, errTest)
	}
}

// A deferred method or a deferred call with arguments is wrapped by the compiler.
func TestByPanic_BehindACompilersWrapper(t *testing.T) {
	var said []bool
	func() {
		defer func() { _ = recover() }()
		defer noter{&said}.note(1)
		defer (*noter).pointerNote(&noter{&said})
		panic("boom")
	}()
	func() {
		defer noter{&said}.note(1)
		defer (*noter).pointerNote(&noter{&said})
	}()
	if len(said) != 4 || !said[0] || !said[1] || said[2] || said[3] {
		t.Errorf("got %v, want [true true false false]", said)
	}
}

type noter struct{ said *[]bool }

func (n noter) note(int)      { *n.said = append(*n.said, unwind.ByPanic()) }
func (n *noter) pointerNote() { *n.said = append(*n.said, unwind.ByPanic()) }

func recovers(v any) {
	defer func() { _ = recover() }()
	panic(v)
}

//go:noinline
func deep(frames int, f func()) {
	if frames > 0 {
		deep(frames-1, f)
		return
	}
	f()
}

func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case error:
		return v.Error()
	case string:
		return v
	}
	return "?"
}
