package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"golang.org/x/time/rate"

	"github.com/forebay-go/forebay/pool"
)

// A crawler fetches pages and the pages that these link to, each once. A page's task runs on the
// pool; to fetch, it submits a task to its host's share of the pool.
type crawler struct {
	client   *http.Client
	dir      *os.Root // where pages are written, and nowhere else; nil: they are only counted
	failFast bool
	report   func(error) // is told of a page that failed, one at a time

	hosts map[string]host
	group *pool.Group[*url.URL, struct{}]

	retries atomic.Int64
	mu      sync.Mutex // guards what follows
	known   map[string]bool
	totals  totals
}

// A host is what bounds the fetches from one host.
type host struct {
	fetches *pool.Pool[*url.URL, []byte] // how many at a time
	pace    *rate.Limiter                // how many in a second
}

type totals struct{ pages, bytes, failed, retries int64 }

// crawl starts at root and stays on the hosts of cfg. When it returns, nothing of it runs any more.
func (c *crawler) crawl(ctx context.Context, cfg config, hosts []string, root *url.URL) (totals, error) {
	// Tasks add tasks here, to a group that was made outside of them. If the queue could be full,
	// they would wait for room that only they can make.
	p := pool.New[*url.URL, struct{}](pool.WithName("mirror"), pool.WithWorkers(cfg.workers), pool.WithUnboundedQueue())

	c.known = map[string]bool{root.String(): true}
	c.hosts = make(map[string]host)
	for _, name := range hosts {
		c.hosts[name] = host{
			fetches: pool.Share[*url.URL, []byte](p, pool.WithName(name), pool.WithWorkers(cfg.perHost)),
			pace:    rate.NewLimiter(rate.Limit(cfg.rate), cfg.perHost),
		}
	}

	c.group, _ = p.Group(ctx)
	c.group.Go(c.page, root)
	_, err := c.group.Wait()
	_ = p.Close() // joins fetches whose pages did not wait for their end, because ctx had ended
	c.totals.retries = c.retries.Load()
	return c.totals, err
}

// page is the task for one page: it fetches the page and adds those that it links to.
func (c *crawler) page(ctx context.Context, address *url.URL) (none struct{}, err error) {
	body, err := c.hosts[address.Host].fetches.Do(ctx, c.fetch, address)
	if err == nil {
		err = c.save(address, body)
	}
	if err != nil {
		return none, c.failed(ctx, address, err)
	}
	c.mu.Lock()
	c.totals.pages++
	c.totals.bytes += int64(len(body))
	c.mu.Unlock()

	for link := range links(address, body) {
		if c.isNew(link) {
			c.group.Go(c.page, link)
		}
	}
	return none, nil
}

// isNew reports whether link is a page of ours that nobody has asked about before.
func (c *crawler) isNew(link *url.URL) bool {
	if _, ours := c.hosts[link.Host]; !ours {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known[link.String()] {
		return false
	}
	c.known[link.String()] = true
	return true
}

// failed returns the error that fails the group, if this one does.
func (c *crawler) failed(ctx context.Context, address *url.URL, err error) error {
	if ctx.Err() != nil {
		return err // not this page's fault: all are being stopped
	}
	err = fmt.Errorf("%s: %w", address, err)
	if c.failFast {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.totals.failed++
	c.report(err)
	return nil
}

// save writes the page to a file named like it.
func (c *crawler) save(address *url.URL, body []byte) error {
	if c.dir == nil {
		return nil
	}
	name := filepath.Join(address.Host, filepath.FromSlash(address.Path))
	if err := c.dir.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return c.dir.WriteFile(name, body, 0o644)
}
