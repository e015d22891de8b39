package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A site is a web site of numbered pages that are spread over several hosts. Page n links to the
// fanOut pages after n*fanOut, so that all are reached from page 0, and to some others.
type site struct {
	pages, hosts, fanOut int
	broken               int // the last so many pages fail for good
	latency              time.Duration
	hold                 func(*http.Request) // for tests: called while a request counts as running

	mu            sync.Mutex
	requests      map[string]int // by address
	running, peak map[string]int // by host: requests being answered, and the most at a time
}

func (s *site) host(n int) string    { return fmt.Sprintf("host%d.test", n%s.hosts) }
func (s *site) address(n int) string { return fmt.Sprintf("http://%s/page%d.html", s.host(n), n) }

// failures is how often page n answers 503 before it works.
func (s *site) failures(n int) int {
	if n%7 == 3 {
		return 1 + n%2
	}
	return 0
}

// status is what page n answers to a request, the first of which is number 1.
func (s *site) status(n, request int) int {
	switch broken := n >= s.pages-s.broken; {
	case n < 0 || n >= s.pages || broken && n%2 == 0:
		return http.StatusNotFound
	case broken || request <= s.failures(n):
		return http.StatusServiceUnavailable
	}
	return http.StatusOK
}

// page is the text of page n, the same at every request.
func (s *site) page(n int) string {
	var text strings.Builder
	link := func(address string) { fmt.Fprintf(&text, "<li><a href=%q>see there</a></li>\n", address) }

	fmt.Fprintf(&text, "<!doctype html>\n<title>Page %d</title>\n<ul>\n", n)
	for child := n*s.fanOut + 1; child <= n*s.fanOut+s.fanOut && child < s.pages; child++ {
		link(s.address(child))
	}
	random := rand.New(rand.NewPCG(uint64(n), 0))
	for range 3 {
		link(s.address(random.IntN(s.pages)) + "#top")
	}
	link(fmt.Sprintf("page%d.html", n)) // itself
	link("mailto:webmaster@" + s.host(n))
	link("http://elsewhere.test/")
	fmt.Fprintf(&text, "</ul>\n<p>%s</p>\n", strings.Repeat("All work and no play. ", 10+random.IntN(200)))
	return text.String()
}

// ServeHTTP implements [http.Handler].
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := -1
	if _, err := fmt.Sscanf(r.URL.Path, "/page%d.html", &n); err != nil || n >= 0 && r.Host != s.host(n) {
		n = -1
	}
	request := s.begin(r)
	select {
	case <-time.After(s.latency):
	case <-r.Context().Done():
	}
	if s.hold != nil {
		s.hold(r)
	}
	s.end(r) // before the answer: it is the end for the client

	if status := s.status(n, request); status != http.StatusOK {
		http.Error(w, http.StatusText(status), status)
		return
	}
	_, _ = w.Write([]byte(s.page(n))) // it fails when the client has left
}

// begin returns how many requests there were for this address, with this one.
func (s *site) begin(r *http.Request) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.requests == nil {
		s.requests, s.running, s.peak = make(map[string]int), make(map[string]int), make(map[string]int)
	}
	s.running[r.Host]++
	s.peak[r.Host] = max(s.peak[r.Host], s.running[r.Host])
	address := "http://" + r.Host + r.URL.Path
	s.requests[address]++
	return s.requests[address]
}

func (s *site) end(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running[r.Host]--
}

// seen sums up what the server has counted: all requests, and the most at a time at one host.
func (s *site) seen() (requests, peak int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.requests {
		requests += n
	}
	for _, n := range s.peak {
		peak = max(peak, n)
	}
	return requests, peak
}

// serve serves the site on loopback, and returns a client for which the names of all hosts lead
// there. stop ends both.
func (s *site) serve() (client *http.Client, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	server := &http.Server{Handler: s}
	var served sync.WaitGroup
	served.Go(func() { _ = server.Serve(listener) }) // its error is that it was closed

	var dialer net.Dialer
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, listener.Addr().String())
		},
		MaxIdleConnsPerHost: 16,
	}
	stop = func() {
		transport.CloseIdleConnections()
		_ = server.Close()
		served.Wait()
	}
	return &http.Client{Transport: transport, Timeout: 10 * time.Second}, stop, nil
}
