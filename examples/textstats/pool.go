package main

import (
	"context"
	"iter"

	"github.com/forebay-go/forebay/pool"
)

// window is how many files may be under way: submitted, and their outcome not yet entered. It is
// enough to keep the workers busy while the loop below looks at a note or a slow folder.
const window = 64

// countWithPool streams the files through a pool. One goroutine walks the folder and enters the
// outcomes as they come.
func countWithPool(ctx context.Context, cfg config, con *console) (result, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var own counters
	p := pool.New[string, FileStats](
		pool.WithName("textstats"),
		pool.WithWorkers(cfg.workers),
		pool.WithContext(ctx),
		pool.WithWorkerInit(own.attach),
	)
	sums := ledger{failFast: cfg.failFast, console: con}
	enter := func(s FileStats, err error) {
		if err := sums.enter(s, err); err != nil {
			stop(err)
		}
	}

	// ctx ends the tasks, by way of the pool, and the input. A stream that itself ended with ctx
	// would drop what the running tasks have counted.
	for _, r := range p.StreamUnordered(context.WithoutCancel(ctx), countFile, input(ctx, cfg.root, enter), pool.Window(window)) {
		enter(r.Value, r.Err)
	}
	_ = p.Close() // it has an error to return in fail-fast mode only
	return result{sums.totals, own.merged()}, context.Cause(ctx)
}

// input yields the files below root until ctx ends, and enters what the walk meets besides files.
func input(ctx context.Context, root string, enter func(FileStats, error)) iter.Seq[string] {
	return func(yield func(string) bool) {
		for path, err := range files(root) {
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				enter(FileStats{}, err)
			} else if !yield(path) {
				return
			}
		}
	}
}

// countFile is the task: it takes the counter of its worker and counts.
func countFile(ctx context.Context, path string) (FileStats, error) {
	return attached(ctx).file(ctx, path)
}
