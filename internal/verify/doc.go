// Package verify has only tests: proofs by exhaustion that the parts below pool and future
// keep their promises.
//
//	go test -tags explore ./...               schedules: see internal/explore
//	go test ./...                             histories of real goroutines
//	go run ./mutants                          that the two above find mistakes
//
// With -tags explore, each scenario is a few threads that use the real ring, room, scheduler,
// cell or frame, and it is run under every schedule with up to two or three preemptions. What
// a scenario checks is stated with it. Rings are checked for linearizability: the history of
// every run, with a bounded FIFO queue that can be closed as the model.
//
// -budget multiplies the number of schedules that a scenario may take, and -deeper allows more
// preemptions. A failure prints a schedule; to see it again:
//
//	go test -tags explore -run 'TestRing/scenario' -replay '0*3 1*12 0' .
//
// mutants applies small mistakes to the sources, one at a time, by means of go test -overlay,
// and fails if one is not found. spec has models of the protocols for Spin.
package verify
