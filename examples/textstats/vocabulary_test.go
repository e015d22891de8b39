package main

import (
	"fmt"
	"maps"
	"slices"
	"testing"
)

func vocabularyOf(words ...string) vocabulary {
	v := newVocabulary()
	for _, w := range words {
		v.add([]byte(w))
	}
	return v
}

func TestTop(t *testing.T) {
	v := vocabularyOf("b", "c", "a", "c", "b", "c", "d")
	want := []wordCount{{"c", 3}, {"b", 2}, {"a", 1}, {"d", 1}}
	for n := range 6 {
		if got := v.top(n); !slices.Equal(got, want[:min(n, 4)]) {
			t.Errorf("top(%d): got %v, want %v", n, got, want[:min(n, 4)])
		}
	}
}

func TestMerge(t *testing.T) {
	a, b := vocabularyOf("x", "y", "x"), vocabularyOf("z", "y")
	a.merge(b)
	want := map[string]int64{"x": 2, "y": 2, "z": 1}
	if got := a.asMap(); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	a.add([]byte("z"))
	if got := a.asMap()["z"]; got != 2 {
		t.Errorf("after merge and add: z %d times, want 2", got)
	}
}

func TestEqual(t *testing.T) {
	a := vocabularyOf("x", "y", "x")
	for _, tt := range []struct {
		words []string
		want  bool
	}{
		{[]string{"y", "x", "x"}, true},
		{[]string{"y", "x"}, false},
		{[]string{"x", "x"}, false},
		{[]string{"x", "x", "y", "z"}, false},
		{nil, false},
	} {
		if got := a.equal(vocabularyOf(tt.words...)); got != tt.want {
			t.Errorf("equal to %q: %v, want %v", tt.words, got, tt.want)
		}
	}
}

// Far more words than recent has slots, and words that share one.
func TestWordsThatPushEachOtherOut(t *testing.T) {
	v, want := newVocabulary(), make(map[string]int64)
	for round := range 3 {
		for i := range 2 << recentBits {
			for _, word := range []string{fmt.Sprint("w", i), fmt.Sprint("same", i%100, "tail")} {
				v.add([]byte(word))
				want[word]++
			}
		}
		if got := v.asMap(); !maps.Equal(got, want) {
			t.Fatalf("round %d: %d words, want %d, or their counts differ", round, len(got), len(want))
		}
	}
}

func TestKnownWordDoesNotAllocate(t *testing.T) {
	words := [][]byte{[]byte("known"), []byte("alsoknown")}
	v := vocabularyOf("known", "alsoknown")
	if got := testing.AllocsPerRun(100, func() {
		clear(v.recent) // and so the map is asked
		for _, w := range words {
			v.add(w)
		}
	}); got != 0 {
		t.Errorf("%v allocations, want none", got)
	}
}
