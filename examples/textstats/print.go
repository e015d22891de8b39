package main

import (
	"fmt"
	"io"
	"strconv"
	"time"
)

// printResult writes the most frequent words, the totals and the speed.
func printResult(w io.Writer, cfg config, res result, elapsed time.Duration) {
	if top := res.vocab.top(cfg.top); len(top) > 0 {
		for i, t := range top {
			fmt.Fprintf(w, "%4d. %14s  %s\n", i+1, grouped(t.count), t.word)
		}
		fmt.Fprintln(w)
	}
	row := func(name, value, note string) {
		if note != "" {
			note = "  (" + note + ")"
		}
		fmt.Fprintf(w, "%-15s %14s%s\n", name, value, note)
	}
	row("files", grouped(res.Files), leftOut(res.totals))
	row("lines", grouped(res.Lines), "")
	row("words", grouped(res.Words), "")
	row("distinct words", grouped(int64(res.vocab.distinct())), "")
	row("bytes", grouped(res.Bytes), "")
	fmt.Fprintf(w, "\n%s with %s: %s files/s, %s/s\n", seconds(elapsed), plural(int64(cfg.workers), "worker"),
		grouped(perSecond(res.Files, elapsed)), size(perSecond(res.Bytes, elapsed)))
}

func perSecond(n int64, d time.Duration) int64 { return int64(float64(n) / d.Seconds()) }

// leftOut says what is not in the totals.
func leftOut(t totals) string {
	text := ""
	if t.Skipped > 0 {
		text = grouped(t.Skipped) + " skipped"
	}
	if t.Links > 0 {
		if text != "" {
			text += ", "
		}
		text += plural(t.Links, "symbolic link") + " not followed"
	}
	return text
}

// grouped writes 1234567 as 1,234,567.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func plural(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return grouped(n) + " " + what + "s"
}

// size writes a number of bytes in decimal MB, with kB for the small.
func size(n int64) string {
	if n < 1e6 {
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f s", d.Seconds()) }
