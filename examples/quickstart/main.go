package main

import (
	"context"
	"fmt"

	"github.com/forebay-go/forebay/pool"
)

func main() {
	p := pool.New[string, int](pool.WithWorkers(4))
	defer p.Close()
	length := func(_ context.Context, s string) (int, error) { return len(s), nil }
	f := p.Submit(context.Background(), length, "forebay")
	fmt.Println(f.Await(context.Background())) // 7 <nil>
}
