package main

import (
	"context"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// window is how many files may be under way: submitted, and their outcome not yet looked at. The
// oldest is looked at first, so the window has to be long enough to keep the workers busy while
// one of them reads a huge file.
const window = 1024

// countWithPool submits every file to a pool. One goroutine walks the folder, submits the files and
// awaits their futures.
func countWithPool(ctx context.Context, cfg config, con *console) (result, error) {
	var own counters
	opts := []pool.Option{
		pool.WithName("textstats"),
		pool.WithWorkers(cfg.workers),
		pool.WithQueue(window),
		pool.WithWorkerInit(own.attach),
	}
	if cfg.failFast {
		opts = append(opts, pool.WithFailFast())
	}
	p := pool.New[string, FileStats](opts...)
	sums := ledger{failFast: cfg.failFast, console: con}

	err := submitFiles(ctx, p, cfg.root, &sums)
	// When a file fails, older ones that are called off for it can come up first; the pool knows
	// which error was the first.
	if first := p.Close(); first != nil {
		err = first
	}
	return result{sums.totals, own.merged()}, err
}

// submitFiles returns when all that it submitted has settled, with the reason if it stopped early.
func submitFiles(ctx context.Context, p *pool.Pool[string, FileStats], root string, sums *ledger) error {
	var ring [window]*future.Future[FileStats]
	submitted, looked := 0, 0
	look := func() error {
		f := ring[looked%window]
		looked++
		// The end of ctx ends the tasks, and that settles their futures. A wait that itself ended
		// with ctx would lose what the running tasks have counted.
		return sums.enter(f.Await(context.WithoutCancel(ctx)))
	}

	var stop error
	for path, err := range files(root) {
		stop = context.Cause(ctx)
		switch {
		case stop != nil:
		case err != nil:
			stop = sums.enter(FileStats{}, err)
		default:
			if submitted-looked == window {
				stop = look()
			}
			ring[submitted%window] = p.Submit(ctx, countFile, path)
			submitted++
		}
		if stop != nil {
			p.Stop(stop)
			break
		}
	}
	for looked < submitted {
		if err := look(); stop == nil {
			stop = err
		}
	}
	return stop
}

// countFile is the task: it takes the counter of its worker and counts.
func countFile(ctx context.Context, path string) (FileStats, error) {
	return attached(ctx).file(ctx, path)
}
