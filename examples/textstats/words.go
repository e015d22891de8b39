package main

import (
	"unicode"
	"unicode/utf8"
)

// maxWord is how many bytes of a word are kept, so that a file that is one endless word does not
// fill the memory. Whole runes only; the rest of the word is read over.
const maxWord = 64

// A wordScanner cuts text that arrives in chunks into words and counts them.
//
// Nearly all text is ASCII, and nearly all words lie within one chunk: those are lower-cased in
// place and looked up where they are. Only a word that meets another script or the end of a chunk
// is put together in word.
type wordScanner struct {
	vocab vocabulary
	count int64 // words finished since reset

	// The word under way, from an earlier call or an earlier rune.
	word   []byte
	open   bool // there is one
	letter bool // it has a letter, so it counts
	full   bool // word has all that will be kept of it
}

// lower maps the ASCII letters and digits to themselves in lower case, and the rest to 0.
var lower = func() (t [256]byte) {
	for c := byte('0'); c <= '9'; c++ {
		t[c] = c
	}
	for c := byte('a'); c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = c, c
	}
	return t
}()

// letterBit is set in 'a' to 'z' and in none of '0' to '9'.
const letterBit = 0x40

// reset forgets the word under way and the count, not the vocabulary.
func (s *wordScanner) reset() {
	s.count = 0
	s.word, s.open, s.letter, s.full = s.word[:0], false, false, false
}

// scan takes the next chunk, which it overwrites with lower case, and returns how much of it was
// used: all but, perhaps, the first bytes of a rune that the chunk cuts in two. The caller puts
// those in front of the next chunk.
func (s *wordScanner) scan(chunk []byte) (used int) {
	for i := 0; i < len(chunk); {
		if chunk[i] >= utf8.RuneSelf {
			if !utf8.FullRune(chunk[i:]) {
				return i
			}
			r, size := utf8.DecodeRune(chunk[i:])
			s.rune(r)
			i += size
			continue
		}
		start, seen := i, byte(0)
		for i < len(chunk) && lower[chunk[i]] != 0 {
			c := lower[chunk[i]]
			chunk[i] = c
			seen |= c
			i++
		}
		run, letter := chunk[start:i], seen&letterBit != 0
		switch more := i == len(chunk) || chunk[i] >= utf8.RuneSelf; {
		case s.open || more && len(run) > 0:
			s.extend(run, letter)
			if !more {
				s.finish()
			}
		case letter:
			s.count++
			s.vocab.add(run[:min(len(run), maxWord)])
		}
		if i < len(chunk) && chunk[i] < utf8.RuneSelf {
			i++ // the separator
		}
	}
	return len(chunk)
}

// extend appends ASCII to the word under way.
func (s *wordScanner) extend(run []byte, letter bool) {
	s.open = true
	s.letter = s.letter || letter
	if s.full {
		return
	}
	if room := maxWord - len(s.word); len(run) > room {
		run, s.full = run[:room], true
	}
	s.word = append(s.word, run...)
}

// rune continues the word under way with r, or ends it there. Bytes that are not UTF-8 arrive as
// utf8.RuneError, which is no letter.
func (s *wordScanner) rune(r rune) {
	letter := unicode.IsLetter(r)
	if !letter && !unicode.IsMark(r) && !unicode.IsDigit(r) {
		s.finish()
		return
	}
	s.open = true
	s.letter = s.letter || letter
	if s.full {
		return
	}
	if r = unicode.ToLower(r); len(s.word)+utf8.RuneLen(r) > maxWord {
		s.full = true
		return
	}
	s.word = utf8.AppendRune(s.word, r)
}

// finish counts the word under way, if any.
func (s *wordScanner) finish() {
	if s.letter {
		s.count++
		s.vocab.add(s.word)
	}
	s.word, s.open, s.letter, s.full = s.word[:0], false, false, false
}
