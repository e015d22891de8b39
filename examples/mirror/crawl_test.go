package main

import (
	"bytes"
	"context"
	"errors"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// small is a crawl without limits that would matter.
var small = config{workers: 8, perHost: 3, rate: math.Inf(1)}

// crawl runs mirror on s.
func crawl(ctx context.Context, cfg config, s *site) (stdout, stderr string, err error) {
	var out, errs bytes.Buffer
	err = mirror(ctx, cfg, s, &out, &errs)
	return out.String(), errs.String(), err
}

// Every page is asked for once, and once more for each time that it was busy, and its file is
// what the site has.
func TestEveryPageOnce(t *testing.T) {
	for _, workers := range []int{1, 8} {
		dir := t.TempDir()
		cfg, s := small, &site{pages: 200, hosts: 3, fanOut: 4}
		cfg.workers = workers
		var err error
		if cfg.dir, err = os.OpenRoot(dir); err != nil {
			t.Fatal(err)
		}
		defer cfg.dir.Close()
		stdout, stderr, err := crawl(t.Context(), cfg, s)
		if err != nil || stderr != "" || !strings.HasPrefix(stdout, "pages         200 (0 failed)\n") {
			t.Errorf("%d workers: error %v, stderr %q, stdout:\n%s", workers, err, stderr, stdout)
		}
		for n := range s.pages {
			if got, want := s.requests[s.address(n)], 1+s.failures(n); got != want {
				t.Errorf("%d workers: %d requests for page %d, want %d", workers, got, n, want)
			}
			name := filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(s.address(n), "http://")))
			if got, err := os.ReadFile(name); string(got) != s.page(n) {
				t.Errorf("%d workers: page %d: %d bytes in its file, error %v", workers, n, len(got), err)
			}
		}
		if len(s.requests) != s.pages {
			t.Errorf("%d workers: %d addresses asked for, want %d", workers, len(s.requests), s.pages)
		}
	}
}

// A host answers nothing until all pages of the other one are there. As many requests as it may
// have are waiting there then, of the pages that all want to be next, and no more.
func TestLimitOfAHost(t *testing.T) {
	s := &site{pages: 60, hosts: 2, fanOut: 59}
	var wanted, got atomic.Int64
	for n := 1; n < s.pages; n += 2 {
		wanted.Add(int64(1 + s.failures(n)))
	}
	done := make(chan struct{})
	s.hold = func(r *http.Request) {
		switch {
		case r.Host == s.host(1):
			if got.Add(1) == wanted.Load() {
				close(done)
			}
		case r.URL.Path != "/page0.html":
			<-done
		}
	}
	if stdout, stderr, err := crawl(t.Context(), small, s); err != nil || stderr != "" {
		t.Errorf("error %v, stderr %q, stdout:\n%s", err, stderr, stdout)
	}
	if got := s.peak[s.host(0)]; got != small.perHost {
		t.Errorf("%d requests at a time at the busy host, want %d", got, small.perHost)
	}
	if got := s.peak[s.host(1)]; got > small.perHost {
		t.Errorf("%d requests at a time at the other host, want %d at most", got, small.perHost)
	}
}

// A page of host 1 fails for good while host 0 answers nothing. Fail-fast cancels what waits for an
// answer there, and what waits for its turn never asks.
func TestFailFastStops(t *testing.T) {
	s := &site{pages: 50, hosts: 2, fanOut: 49, broken: 1}
	s.hold = func(r *http.Request) {
		if r.Host == s.host(0) && r.URL.Path != "/page0.html" {
			<-r.Context().Done() // the client has left
		}
	}
	cfg := small
	cfg.failFast = true
	_, stderr, err := crawl(t.Context(), cfg, s)
	if want := "http://host1.test/page49.html: 503 Service Unavailable"; err == nil || err.Error() != want || stderr != "" {
		t.Errorf("error %v, want %s; stderr %q", err, want, stderr)
	}
	asked := 0
	for address, n := range s.requests {
		if strings.HasPrefix(address, "http://"+s.host(0)) {
			asked += n
		}
	}
	if asked > 1+cfg.perHost {
		t.Errorf("%d requests to the host that hangs, want the first page and %d more at most", asked, cfg.perHost)
	}
}

// With a rate of next to nothing there are as many requests as may come at once. The last of them
// pulls the plug.
func TestRateAndInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := &site{pages: 50, hosts: 1, fanOut: 49}
	var requests atomic.Int64
	s.hold = func(*http.Request) {
		if requests.Add(1) == int64(small.perHost) {
			cancel()
		}
	}
	cfg := small
	cfg.rate = 0.001
	_, stderr, err := crawl(ctx, cfg, s)
	if !errors.Is(err, context.Canceled) || stderr != "" {
		t.Errorf("error %v, stderr %q", err, stderr)
	}
	if got, _ := s.seen(); got != small.perHost {
		t.Errorf("%d requests, want %d", got, small.perHost)
	}
}
