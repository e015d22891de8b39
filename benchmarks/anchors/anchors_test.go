package anchors_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/forebay-go/forebay/benchmarks/anchors"
)

// asked keeps what a program is asked.
type asked struct{ bytes.Buffer }

func (*asked) Close() error { return nil }

func TestTalk(t *testing.T) {
	var in asked
	p, err := anchors.Talk(&in, strings.NewReader("contender\tpool\tlang 1.2\t`submit`, and wait\n"+
		"cannot\tpool\tfork-join\tdeadlocks\nready\n1500\n0\nno number\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Contenders) != 1 {
		t.Fatalf("got %d contenders, want 1", len(p.Contenders))
	}
	if c := p.Contenders[0]; c.Name != "pool" || c.Version != "lang 1.2" || c.Use != "`submit`, and wait" || c.Cannot["fork-join"] != "deadlocks" {
		t.Errorf("got contender %+v", c)
	}
	if ns, err := p.Measure("pool", "fire", 1000); ns != 1500 || err != nil {
		t.Errorf("Measure: got %v, %v, want 1500", ns, err)
	}
	if got, want := in.String(), "pool fire 1000\n"; got != want {
		t.Errorf("asked %q, want %q", got, want)
	}
	for _, answer := range []string{"0", "no number"} {
		if ns, err := p.Measure("pool", "fire", 1000); err == nil {
			t.Errorf("Measure takes the answer %q for %v ns", answer, ns)
		}
	}
	if _, err := p.Measure("pool", "fire", 1000); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("Measure of a program that has ended: %v, want %v", err, io.ErrUnexpectedEOF)
	}
}

func TestTalkRefuses(t *testing.T) {
	for _, hello := range []string{"", "contender\tpool\tv\tuse\n", "contender\tpool\n", "cannot\tpool\tfire\twhy\nready\n", "hello\n"} {
		if _, err := anchors.Talk(&asked{}, strings.NewReader(hello)); err == nil {
			t.Errorf("a program that says %q is taken for ready", hello)
		}
	}
}

func TestMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for _, a := range anchors.All() {
		if got := a.Missing(t.TempDir()); !strings.HasPrefix(got, "no ") {
			t.Errorf("%s without any toolchain: got %q", a.Name, got)
		}
	}
}
