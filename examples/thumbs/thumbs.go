package main

import (
	"context"
	"fmt"

	"github.com/forebay-go/forebay/future"
	"github.com/forebay-go/forebay/pool"
)

// makeThumbs calls task for each file that is an image within the budget, and returns what became
// of the files, in their order. The first error of a task stops it all.
func makeThumbs(ctx context.Context, cfg config, files []string, task pool.Func[picture, thumb]) ([]thumb, error) {
	p := pool.New[picture, thumb](
		pool.WithName("thumbs"),
		pool.WithWorkers(cfg.workers),
		pool.WithBudget(cfg.budget),
		pool.WithFailFast(),
	)
	var results []*future.Future[thumb]
	for _, file := range files {
		pic, err := look(file)
		if err == nil && pic.size > cfg.budget {
			err = fmt.Errorf("%s: %s decoded, more than the budget", file, mib(pic.size))
		}
		if err != nil {
			results = append(results, future.Resolved(thumb{path: file, skipped: err}))
			continue
		}
		// Here it waits while the budget is used up.
		results = append(results, p.SubmitWeighted(ctx, pic.size, task, pic))
		if ctx.Err() != nil {
			break
		}
	}
	err := p.Close()

	var done []thumb
	for _, f := range results {
		if r, _ := f.Try(); r.Err == nil { // else it is what err is about
			done = append(done, r.Value)
		}
	}
	return done, err
}
