package future_test

import (
	"fmt"

	"github.com/forebay-go/forebay/future"
)

func ExampleFuture_AfterFunc() {
	p := future.NewPromise[int]()
	called := make(chan struct{})
	p.Future().AfterFunc(func(r future.Result[int]) {
		fmt.Println("settled with", r.Value, r.Err)
		close(called)
	})
	stop := p.Future().AfterFunc(func(future.Result[int]) { fmt.Println("never printed") })
	fmt.Println("stopped:", stop())
	p.Resolve(7)
	<-called
	// Output:
	// stopped: true
	// settled with 7 <nil>
}
