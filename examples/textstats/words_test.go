package main

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// naive counts words the obvious way.
func naive(text []byte) map[string]int64 {
	words := make(map[string]int64)
	for _, run := range strings.FieldsFunc(string(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r)
	}) {
		if !strings.ContainsFunc(run, unicode.IsLetter) {
			continue
		}
		kept := ""
		for _, r := range run {
			r = unicode.ToLower(r)
			if len(kept)+utf8.RuneLen(r) > maxWord {
				break
			}
			kept += string(r)
		}
		words[kept]++
	}
	return words
}

func (v *vocabulary) asMap() map[string]int64 {
	m := make(map[string]int64)
	for _, w := range v.words {
		m[w.word] = w.count
	}
	return m
}

// checkText counts text through a buffer of the given size and compares with the obvious way.
func checkText(t *testing.T, text []byte, size int) {
	t.Helper()
	c := newCounter(size)
	s, err := c.text(t.Context(), bytes.NewReader(text))
	if bytes.IndexByte(text[:min(len(text), size, sniffLen)], 0) >= 0 {
		if err != errBinary {
			t.Errorf("error %v, want %v", err, errBinary)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}

	want := naive(text)
	var words int64
	for _, n := range want {
		words += n
	}
	lines := int64(bytes.Count(text, newline))
	if len(text) > 0 && text[len(text)-1] != '\n' {
		lines++
	}
	if s.Words != words || s.Lines != lines || s.Bytes != int64(len(text)) {
		t.Errorf("%q, buffer of %d: got %d words, %d lines, %d bytes; want %d, %d, %d",
			text, size, s.Words, s.Lines, s.Bytes, words, lines, len(text))
	}
	if got := c.words.vocab.asMap(); !maps.Equal(got, want) {
		t.Errorf("%q, buffer of %d:\ngot  %v\nwant %v", text, size, got, want)
	}
}

var texts = []string{
	"",
	"\n",
	"word",
	"Go gO go GO\n",
	"uint8 0xff 2026 8 a1b2 1st",
	"don't snake_case e-mail",
	"ärger über ÄRGER ÖL",
	"naïve naive\u0301 na\u0308",        // a combining mark belongs to its word
	"日本語のテキスト 中文",                       // no spaces: one run, one word
	"हिन्दी शब्द",                       // vowel signs are marks
	"\u212Aelvin \u0130stanbul",         // the Kelvin sign, and an I that is shorter in lower case
	"\u023A\u023A\u023A",                // longer in lower case
	"half\xe6\x97", "\xff\xfeword\x80s", // not UTF-8
	"a\xf0\x9f\x98\x80b", "\u00a0nbsp\u2003em\u2028", // not letters
	strings.Repeat("x", maxWord-1), strings.Repeat("x", maxWord), strings.Repeat("X", maxWord+1),
	strings.Repeat("x", maxWord-1) + "é and " + strings.Repeat("x", maxWord-1) + "y",
	strings.Repeat("é", 200), strings.Repeat("1", 100) + "a",
}

func TestWords(t *testing.T) {
	for _, text := range texts {
		for size := utf8.UTFMax; size <= len(text)+utf8.UTFMax && size < 80; size++ {
			checkText(t, []byte(text), size)
		}
		checkText(t, []byte(text), bufferSize)
	}
}

// Random strings from pieces that meet each other badly.
func TestWordsOfRandomPieces(t *testing.T) {
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 0))
	pieces := []string{"a", "Z", "9", " ", "\n", "é", "日", "😀", "\u0301", "\xe6", "\x97\xa5", "\xf0\x9f", strings.Repeat("long", 15)}
	for range 500 {
		var text []byte
		for range rng.IntN(40) {
			text = append(text, pieces[rng.IntN(len(pieces))]...)
		}
		checkText(t, text, utf8.UTFMax+rng.IntN(100))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzCount(f *testing.F) {
	for i, text := range texts {
		f.Add([]byte(text), uint8(i))
	}
	f.Fuzz(func(t *testing.T, text []byte, size uint8) {
		checkText(t, text, utf8.UTFMax+int(size))
	})
}

func TestRecentSlotInRange(t *testing.T) {
	v := newVocabulary()
	for n := 1; n <= maxWord; n++ {
		word := bytes.Repeat([]byte{0xff}, n)
		if got := recentSlot(word); got >= uint32(len(v.recent)) {
			t.Errorf("word of %d bytes: slot %d of %d", n, got, len(v.recent))
		}
	}
}
