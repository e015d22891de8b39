// Package contend holds the contenders of the benchmarks, one file each: a pool, or a way to
// do without one, used as its own documentation recommends.
//
// An adapter loops itself, in its own idiom, so that nothing of ours stands between two
// submits: a work calls Do for many tasks at once.
package contend

import (
	"context"
	"fmt"
)

// Fn is the task of every work. It returns arg+1, whatever else it does, so that an adapter
// can check every result that it gets.
type Fn = func(ctx context.Context, arg int) (int, error)

// A Shape is a way to use a pool. A work is a shape with a certain task and certain numbers.
type Shape uint8

const (
	Fire    Shape = iota // submit; nobody awaits a single task
	Hold                 // submit, keep all the handles, await them in Join
	Results              // submit Batch tasks one by one, await Batch results
	Batch                // the same by the contender's way to submit many at once
	Ping                 // submit one, await it
	Fork                 // fib(Batch), each addition a task and a call
	Map                  // results of a slice of Batch items, in its order
	Stream               // results in the order of the inputs, as they come
)

// Unbounded as Setup.Queue lets any number of tasks wait.
const Unbounded = -1

// A Setup says what a contender has to get ready for.
type Setup struct {
	Fn        Fn
	Workers   int  // tasks that run at once
	Queue     int  // tasks that may wait, where the contender has such a number
	Batch     int  // Results, Batch, Map: tasks of one batch; Fork: the argument of fib
	Producers int  // Fire: goroutines that call Do at the same time
	Bound     bool // Workers is part of the work: those without a limit have to add one
	Heavy     bool // a task takes much longer than its hand-over
	Prompt    bool // every task has to start before Join: no batch may wait to be full
}

// A Session is a contender that is ready for one measurement.
type Session struct {
	// Do submits n tasks with the arguments from, from+1, ...; all shapes but Fire and Hold
	// also await them. n is a multiple of Batch, or for Fork the number of times. Only for
	// Fire and Ping it is called by several goroutines at once.
	Do func(from, n int)
	// Join returns when all submitted tasks have run. It is timed, and no Do follows. Nil where
	// Do has waited.
	Join func()
	// Stop ends what is left, untimed. May be nil.
	Stop func()
}

// A Contender is one way to run tasks.
type Contender interface {
	About() About
	// Start gets ready, or says by a Cannot why it cannot do this.
	Start(shape Shape, s Setup) (*Session, error)
}

// About is what the tables say of a contender.
type About struct {
	Name   string // in tables and in -only
	Module string // the module whose version counts; "" if it is written by hand
	Use    string // how it is used here, and why
}

// A Cannot is the reason why a contender does not do a work; it becomes a footnote.
type Cannot string

func (c Cannot) Error() string { return string(c) }

const (
	deadlocks = Cannot("deadlocks: a task that waits for another keeps its worker, and nobody is left to run the other")
	noHandle  = Cannot("has no handle for one task: it waits for all, and is then at its end")
	noBatch   = Cannot("has no call that submits many tasks: see results")
	noOrder   = Cannot("has no results in the order of the inputs")
	noQueue   = Cannot("has no queue without a bound: a submit waits while all workers are busy")
)

// All returns the contenders, Forebay first, then what one would write by hand, then the rivals.
func All() []Contender {
	return []Contender{
		forebay{}, channel{}, goroutine{}, errGroup{}, antsPool{}, pondPool{}, concPool{}, gammazero{}, goPool{}, pkgz{},
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// check is called with every result: a contender that loses or swaps one has no business in
// the tables.
func check(v int, err error, arg int) {
	if err != nil || v != arg+1 {
		panic(fmt.Sprintf("task %d: got %d, %v", arg, v, err))
	}
}

// upFrom returns n arguments, the first one being from.
func upFrom(from, n int) []int {
	args := make([]int, n)
	for i := range args {
		args[i] = from + i
	}
	return args
}

// result is what hand-written code sends back.
type result struct {
	v   int
	err error
}

// fibWant is what fib(n) has to be, and how many forks it takes.
func fibWant(n int) (v, forks int) {
	a, b := 0, 1
	for range n {
		a, b = b, a+b
	}
	return a, b - 1
}

// Forks is the number of forks in fib(n), the ops of the Fork shape.
func Forks(n int) int {
	_, forks := fibWant(n)
	return forks
}
