package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
	"unicode"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// maxNotes is how many files are reported by name in one pass.
const maxNotes = 10

// A console is what the user sees on stderr while files are counted: a progress bar if that is a
// terminal, and notes on single files, which must not get mixed up with the bar. The lock of the
// ledger guards it: there is one ledger a pass, and one pass at a time.
type console struct {
	w     io.Writer
	total int  // how far the bar goes; 0: no bar
	quiet bool // no notes, because an earlier pass has made them

	bar    *progressbar.ProgressBar // nil: none
	notes  int                      // notes made in this pass
	unsaid int                      // notes beyond maxNotes
}

// newConsole returns a silent one unless w is a terminal. For the bar to have an end the folder is
// walked once ahead of the work, and that is shown too.
func newConsole(ctx context.Context, w io.Writer, root string) *console {
	c := &console{w: w}
	if f, ok := w.(*os.File); !ok || !term.IsTerminal(int(f.Fd())) {
		return c
	}
	c.bar = newBar(w, -1, "looking")
	for range files(root) {
		if ctx.Err() != nil {
			break
		}
		c.total++
		c.tick()
	}
	c.end()
	return c
}

// begin starts the bar of a pass.
func (c *console) begin(title string) {
	c.notes, c.unsaid = 0, 0
	if c.total > 0 {
		c.bar = newBar(c.w, c.total, title)
	}
}

// newBar returns a bar over so many files, or a spinner if that is -1.
func newBar(w io.Writer, total int, title string) *progressbar.ProgressBar {
	return progressbar.NewOptions(total,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetDescription(fmt.Sprintf("%-10s", title)),
		progressbar.OptionSetWidth(30),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("files"),
		progressbar.OptionThrottle(65*time.Millisecond),
		progressbar.OptionSpinnerType(14),
		progressbar.OptionSetSpinnerChangeInterval(0), // else a goroutine turns it, and outlives it
		progressbar.OptionUseANSICodes(runtime.GOOS != "windows"),
		progressbar.OptionClearOnFinish(),
	)
}

// end takes the bar away and tells how many notes were kept back.
func (c *console) end() {
	c.clear()
	c.bar = nil
	if c.unsaid > 0 {
		fmt.Fprintf(c.w, "textstats: and %s more\n", grouped(int64(c.unsaid)))
	}
}

// tick moves the bar by one entry of the walk.
func (c *console) tick() {
	if c.bar != nil {
		// It fails when there are more files than a moment ago. The bar is then full, and stays.
		_ = c.bar.Add(1)
	}
}

func (c *console) clear() {
	if c.bar != nil {
		_ = c.bar.Clear()
	}
}

func (c *console) noteSkipped(err error) { c.note("skipped " + err.Error()) }

func (c *console) noteLongLine(s FileStats) {
	c.note(fmt.Sprintf("%s: counted, with a line of %s", s.Path, size(s.LongestLine)))
}

func (c *console) note(text string) {
	switch {
	case c.quiet:
	case c.notes == maxNotes:
		c.unsaid++
	default:
		c.notes++
		c.clear()
		fmt.Fprintln(c.w, "textstats: "+printable(text))
	}
}

// printable makes sure that a file name with a newline or an escape sequence in it stays one line.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}
