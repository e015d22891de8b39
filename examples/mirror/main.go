// Mirror fetches every page of a small web site once: a crawler on a [pool.Pool], with a limit for
// each host. The site is its own: some hundred pages on several hosts, served on loopback, some of
// which fail at first.
//
//	mirror [flags]
//
// What there is to see:
//
//   - One [pool.Group] around the crawl. A page's task adds the pages that it links to to the group
//     that it belongs to itself, and Wait returns when the last page is done: nobody counts. With
//     -fail-fast the first page that fails cancels all others.
//   - One pool.Share for each host: at most -per-host fetches from it run, within the -workers of
//     all hosts together. A page that waits for its host holds up no other host's.
//   - Retries by backoff, and a rate for each host by x/time/rate. While a fetch waits for its turn,
//     pool.Block lends its slot.
//
// A page that waits for its host costs a parked goroutine: right for thousands, not for millions.
//
// Exit status: 0, also if pages failed, which are reported; 1 if one failed under -fail-fast; 2 for
// bad flags; 130 when stopped by an interrupt.
package main

import "github.com/forebay-go/forebay/examples/internal/cli"

func main() { cli.Main(run) }
