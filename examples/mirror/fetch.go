package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/forebay-go/forebay/pool"
)

const (
	maxTries     = 4
	firstBackoff = 10 * time.Millisecond
	maxPage      = 10 << 20
)

// fetch is the task of a host's share: it gets a page, and tries again if the host is busy. It
// keeps its place at the host meanwhile: a host in trouble should get fewer requests.
func (c *crawler) fetch(ctx context.Context, address *url.URL) ([]byte, error) {
	patience := backoff.NewExponentialBackOff()
	patience.InitialInterval = firstBackoff
	return backoff.Retry(ctx,
		func() ([]byte, error) { return c.get(ctx, address) },
		backoff.WithBackOff(patience),
		backoff.WithMaxTries(maxTries),
		backoff.WithNotify(func(error, time.Duration) { c.retries.Add(1) }))
}

// get makes one request, in its turn.
func (c *crawler) get(ctx context.Context, address *url.URL) ([]byte, error) {
	var err error
	pool.Block(ctx, func() { err = c.hosts[address.Host].pace.Wait(ctx) })
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return nil, backoff.Permanent(err)
	}
	response, err := c.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(http.MaxBytesReader(nil, response.Body, maxPage))
	switch status := response.StatusCode; {
	case err != nil || status == http.StatusOK:
		return body, err
	case status == http.StatusTooManyRequests || status >= http.StatusInternalServerError:
		return nil, errors.New(response.Status)
	default:
		return nil, backoff.Permanent(errors.New(response.Status))
	}
}
