package future_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/forebay-go/forebay/future"
)

// A promise turns a callback into something that can be awaited. Abandon, deferred, covers
// the ways out that resolve nothing.
func ExamplePromise() {
	answer := func(callback func(string, error)) { callback("42", nil) } // somebody else's API

	p := future.NewPromise[string]()
	go func() {
		defer p.Abandon()
		answer(func(s string, err error) {
			if err != nil {
				p.Reject(err)
				return
			}
			p.Resolve(s)
		})
	}()
	fmt.Println(p.Future().Await(context.Background()))
	// Output: 42 <nil>
}

// The first call settles the future; later ones do nothing.
func ExamplePromise_Resolve() {
	p := future.NewPromise[int]()
	fmt.Println(p.Resolve(1), p.Resolve(2), p.Reject(errors.New("late")))
	fmt.Println(p.Future().Await(context.Background()))
	// Output:
	// true false false
	// 1 <nil>
}

func ExamplePromise_Abandon() {
	p := future.NewPromise[int]()
	func() {
		defer p.Abandon()
		// returns without having resolved p
	}()
	_, err := p.Future().Await(context.Background())
	fmt.Println(err)
	// Output: future: promise abandoned
}
