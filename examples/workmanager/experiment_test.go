package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"
)

// In a bubble nothing but the sleeps takes time, so what is left is the schedule: a worker that
// stays idle while a job waits, or one too many, shows as a total that is not the ideal.
func TestTotalIsTheIdeal(t *testing.T) {
	for _, e := range []experiment{
		{jobs: 1, workers: 1, sleep: time.Second},
		{jobs: 7, workers: 1, sleep: time.Millisecond},
		{jobs: 1, workers: 10, sleep: time.Hour},
		{jobs: 10, workers: 10, sleep: 100 * time.Millisecond},
		{jobs: 11, workers: 10, sleep: 100 * time.Millisecond},
		{jobs: 1000, workers: 10, sleep: 100 * time.Millisecond},
		{jobs: 1001, workers: 20, sleep: 100 * time.Millisecond},
		{jobs: 5000, workers: 64, sleep: 3 * time.Second}, // more than the queue holds
	} {
		t.Run(fmt.Sprintf("%d_jobs_%d_workers", e.jobs, e.workers), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				want := outcome{e.jobs, e.ideal()}
				if got := e.onPool(t.Context()); got != want {
					t.Errorf("onPool: got %+v, want %+v", got, want)
				}
				if got := e.onGoroutines(t.Context()); got != want {
					t.Errorf("onGoroutines: got %+v, want %+v", got, want)
				}
			})
		})
	}
}

func TestIdeal(t *testing.T) {
	for _, tt := range []struct {
		jobs, workers int
		want          time.Duration
	}{
		{1, 1, time.Second},
		{10, 10, time.Second},
		{11, 10, 2 * time.Second},
		{20, 10, 2 * time.Second},
		{3, math.MaxInt, time.Second},
	} {
		e := experiment{tt.jobs, tt.workers, time.Second}
		if got := e.ideal(); got != tt.want {
			t.Errorf("%d jobs, %d workers: ideal %v, want %v", tt.jobs, tt.workers, got, tt.want)
		}
	}
}

// A cancelled experiment ends at the instant of the cancel, with the jobs that were through.
func TestCancelEndsAtOnce(t *testing.T) {
	e := experiment{jobs: 5000, workers: 10, sleep: time.Second}
	for name, do := range map[string]func(context.Context) outcome{
		"onPool":       e.onPool,
		"onGoroutines": e.onGoroutines,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeoutCause(t.Context(), 2500*time.Millisecond, errors.New("enough"))
				defer cancel()
				want := outcome{20, 2500 * time.Millisecond}
				if got := do(ctx); got != want {
					t.Errorf("got %+v, want %+v", got, want)
				}
			})
		})
	}
}
