package main

import (
	"context"
	"fmt"
	"io"
	"time"
)

// An engine does one pass over the folder. It returns when nothing of it runs any more, with what
// was counted until then, and an error if that is not all.
type engine struct {
	name  string
	count func(context.Context, config, *console) (result, error)
}

var (
	withPool     = engine{"pool", countWithPool}
	inSequence   = engine{"sequential", countInSequence}
	withErrgroup = engine{"errgroup", countWithErrgroup}
)

// run does one pass and measures it.
func (e engine) run(ctx context.Context, cfg config, con *console) (result, time.Duration, error) {
	con.begin(e.name)
	defer con.end()
	start := time.Now()
	res, err := e.count(ctx, cfg, con)
	// The smallest folder takes some time, also by a coarse clock: rates divide by it.
	return res, max(time.Since(start), time.Microsecond), err
}

// compare lets each engine do cfg.rounds passes over files that the pass before has left in the
// system's cache, in turns so that a noisy neighbour disturbs all alike, and prints the best time
// of each. That their results agree with want is checked on every pass.
func compare(ctx context.Context, cfg config, con *console, want result, w io.Writer) error {
	con.quiet = true
	engines := []engine{inSequence, withErrgroup, withPool}
	best := make([]time.Duration, len(engines))
	for range cfg.rounds {
		for i, e := range engines {
			got, elapsed, err := e.run(ctx, cfg, con)
			if err != nil {
				return err
			}
			if err := agree(e.name, got, want); err != nil {
				return err
			}
			if best[i] == 0 || elapsed < best[i] {
				best[i] = elapsed
			}
		}
	}

	fmt.Fprintf(w, "\nthe same work again with %s, best of %d:\n", plural(int64(cfg.workers), "worker"), cfg.rounds)
	for i, e := range engines {
		fmt.Fprintf(w, "%-10s %10s %12s/s %7.2f x sequential\n",
			e.name, seconds(best[i]), size(perSecond(want.Bytes, best[i])), best[0].Seconds()/best[i].Seconds())
	}
	fmt.Fprintf(w, "pool took %.3f of the time that errgroup took; all results agree\n", best[2].Seconds()/best[1].Seconds())
	return nil
}

// agree compares totals and every single word's count.
func agree(name string, got, want result) error {
	if got.totals != want.totals {
		return fmt.Errorf("%s disagrees with pool, or the files changed: got %+v, want %+v", name, got.totals, want.totals)
	}
	if !got.vocab.equal(want.vocab) {
		return fmt.Errorf("%s disagrees with pool, or the files changed: the words' counts differ", name)
	}
	return nil
}
