package pool_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/forebay-go/forebay/pool"
)

// Lines are pulled as they are needed, worked on side by side, and come out in order.
func ExamplePool_Stream() {
	p := pool.New[string, string](pool.WithWorkers(4))
	defer p.Close()

	shout := func(_ context.Context, line string) (string, error) {
		if line = strings.TrimSpace(line); line == "" {
			return "", fmt.Errorf("an empty line")
		}
		return strings.ToUpper(line), nil
	}
	lines := strings.Lines("water\nsteel\n\nlight\n")
	for s, err := range p.Stream(context.Background(), shout, lines) {
		fmt.Println(s, err)
	}
	// Output:
	// WATER <nil>
	// STEEL <nil>
	//  an empty line
	// LIGHT <nil>
}

// An infinite input is fine: never more than the window is pulled ahead. break cancels what
// is left and waits for it.
func ExampleWindow() {
	p := pool.New[int, int](pool.WithWorkers(2))
	defer p.Close()

	pulled := 0
	naturals := func(yield func(int) bool) {
		for n := 0; ; n++ {
			pulled++
			if !yield(n) {
				return
			}
		}
	}
	square := func(_ context.Context, n int) (int, error) { return n * n, nil }
	for s := range p.Stream(context.Background(), square, naturals, pool.Window(3)) {
		if s > 50 {
			fmt.Println(s, "pulled at most three more:", pulled <= 8+3)
			break
		}
	}
	// Output: 64 pulled at most three more: true
}
