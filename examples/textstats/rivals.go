package main

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// countInSequence does the work of countWithPool without any concurrency.
func countInSequence(ctx context.Context, cfg config, con *console) (result, error) {
	c := newCounter(bufferSize)
	sums := ledger{failFast: cfg.failFast, console: con}
	var stop error
	for path, err := range files(cfg.root) {
		var s FileStats
		if err == nil {
			s, err = c.file(ctx, path)
		}
		if stop = sums.enter(s, err); stop != nil {
			break
		}
	}
	return result{sums.totals, c.words.vocab}, stop
}

// countWithErrgroup does it with a goroutine for every file, as many at a time as the pool has
// workers. A goroutine that ends with its file has nowhere to keep a counter, so they go round.
func countWithErrgroup(ctx context.Context, cfg config, con *console) (result, error) {
	var shared counters
	sums := ledger{failFast: cfg.failFast, console: con}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(cfg.workers)
	var stop error
	for path, err := range files(cfg.root) {
		if stop = context.Cause(gctx); stop != nil {
			break
		}
		if err != nil {
			if stop = sums.enter(FileStats{}, err); stop != nil {
				break
			}
			continue
		}
		g.Go(func() error {
			c := shared.get()
			defer shared.put(c)
			return sums.enter(c.file(gctx, path))
		})
	}
	if err := g.Wait(); err != nil {
		stop = err
	}
	return result{sums.totals, shared.merged()}, stop
}
