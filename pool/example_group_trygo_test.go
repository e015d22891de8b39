package pool_test

import (
	"context"
	"fmt"

	"github.com/forebay-go/forebay/pool"
)

// A group with a limit says no instead of waiting, and the work is done here.
func ExampleGroup_TryGo() {
	p := pool.New[int, int]()
	defer p.Close()
	g, _ := p.Group(context.Background())
	g.SetLimit(1)
	release := make(chan struct{})
	task := func(_ context.Context, n int) (int, error) {
		<-release
		fmt.Println("in the group:", n)
		return n, nil
	}
	for n := range 2 {
		if !g.TryGo(task, n) {
			fmt.Println("here:", n)
		}
	}
	close(release)
	_, err := g.Wait()
	fmt.Println(err)
	// Output:
	// here: 1
	// in the group: 0
	// <nil>
}
