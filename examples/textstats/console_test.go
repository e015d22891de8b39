package main

import (
	"strings"
	"testing"
)

func TestConsoleBar(t *testing.T) {
	var screen strings.Builder
	con := &console{w: &screen, total: 3}
	con.begin("pool")
	con.tick()
	con.note("in between")
	con.tick()
	con.tick()
	con.tick() // one more than there were
	con.end()
	got := screen.String()
	_, after, found := strings.Cut(got, "textstats: in between\n")
	if !found || !strings.Contains(got, "1/3") {
		t.Errorf("screen %q, want a bar and the note", got)
	}
	if strings.Contains(after, "\n") {
		t.Errorf("screen %q, want one line for the bar", got)
	}
	if wiped := strings.TrimRight(got, "\r "); !strings.HasSuffix(wiped, "\x1b[2K") && wiped == got {
		t.Errorf("screen %q, want the bar wiped out at the end", got)
	}
}
