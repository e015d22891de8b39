//go:build !race

package frame_test

const million = 1_000_000
