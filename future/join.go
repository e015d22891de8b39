package future

import "context"

// Join2 is [All] for two futures of different types. The first failure by completion is an
// [*IndexError], with index 0 for a and 1 for b; an error leaves both values zero.
func Join2[A, B any](ctx context.Context, a *Future[A], b *Future[B]) (va A, vb B, err error) {
	checkJoin("Join2", ctx, a == nil, b == nil)
	if err = join(ctx, a, b); err == nil {
		va, _ = a.cell().Result()
		vb, _ = b.cell().Result()
	}
	return va, vb, err
}

// Join3 is [Join2] for three futures.
func Join3[A, B, C any](ctx context.Context, a *Future[A], b *Future[B], c *Future[C]) (va A, vb B, vc C, err error) {
	checkJoin("Join3", ctx, a == nil, b == nil, c == nil)
	if err = join(ctx, a, b, c); err == nil {
		va, _ = a.cell().Result()
		vb, _ = b.cell().Result()
		vc, _ = c.cell().Result()
	}
	return va, vb, vc, err
}

// join waits until all have succeeded, and returns the first failure by completion.
func join(ctx context.Context, fs ...input) error {
	i, err := decide(ctx, failed, len(fs), func(i int) input { return fs[i] })
	if i >= 0 {
		return &IndexError{i, fs[i].failure()}
	}
	return err
}

func checkJoin(name string, ctx context.Context, isNil ...bool) {
	if ctx == nil {
		panic("future: " + name + ": ctx is nil")
	}
	for i, is := range isNil {
		if is {
			panic("future: " + name + ": " + "abc"[i:i+1] + " is nil")
		}
	}
}
