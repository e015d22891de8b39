// Workmanager measures what a pool costs when the work is waiting: so many jobs, each of which
// sleeps, on so many workers.
//
//	workmanager [flags]
//
// The ideal is what the sleeps alone take, ceil(jobs/workers) of them one after the other; all
// above it is overhead, of the pool, the timers and the machine. With -compare exactly as many
// bare goroutines do the same sleeps, to tell these apart.
//
// Exit status: 0; 2 for bad flags; 130 when stopped by an interrupt.
package main

import "github.com/forebay-go/forebay/examples/internal/cli"

func main() { cli.Main(run) }
