package main

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// A vocabulary counts words.
//
// A large tree has hundreds of thousands of different words, and a map of them is far larger than
// a processor's cache: looking up every word of a text in it took more than half of the time. But
// nine words of ten came up a moment ago. Those are found by one comparison in recent, a small
// table that forgets freely, and the map is asked about the others.
type vocabulary struct {
	words  []wordCount    // in order of first appearance
	place  map[string]int // where in words
	recent []int          // by recentSlot: place+1 of the last word there, 0 for none yet
}

type wordCount struct {
	word  string
	count int64
}

// recentBits makes recent 32 kB. Four times as much finds a few words more and gains no time.
const recentBits = 12

func newVocabulary() vocabulary {
	return vocabulary{place: make(map[string]int), recent: make([]int, 1<<recentBits)}
}

// add counts one occurrence. It keeps no reference to word, which must not be empty.
func (v *vocabulary) add(word []byte) {
	r := &v.recent[recentSlot(word)]
	if *r == 0 || v.words[*r-1].word != string(word) {
		i, known := v.place[string(word)] // does not allocate
		if !known {
			i = v.insert(string(word))
		}
		*r = i + 1
	}
	v.words[*r-1].count++
}

// recentSlot mixes the first and the last bytes and the length. Words that it confuses push each
// other out of recent, which costs time and nothing else.
func recentSlot(word []byte) uint32 {
	n := len(word)
	var head, tail uint32
	if n >= 4 {
		head = binary.LittleEndian.Uint32(word)
		tail = binary.LittleEndian.Uint32(word[n-4:])
	} else {
		head = uint32(word[0]) | uint32(word[n/2])<<8 | uint32(word[n-1])<<16
	}
	return (head*0x9e3779b1 ^ tail + uint32(n)) * 0x85ebca6b >> (32 - recentBits)
}

func (v *vocabulary) insert(word string) (place int) {
	place = len(v.words)
	v.words = append(v.words, wordCount{word: word})
	v.place[word] = place
	return place
}

// merge adds the counts of other, whose strings it shares.
func (v *vocabulary) merge(other vocabulary) {
	for _, w := range other.words {
		i, known := v.place[w.word]
		if !known {
			i = v.insert(w.word)
		}
		v.words[i].count += w.count
	}
}

func (v *vocabulary) distinct() int { return len(v.words) }

// equal says whether both have the same words as often, in whatever order they came.
func (v *vocabulary) equal(other vocabulary) bool {
	for _, w := range v.words {
		i, known := other.place[w.word]
		if !known || other.words[i].count != w.count {
			return false
		}
	}
	return len(v.words) == len(other.words)
}

// top returns the n most frequent words, words of equal count in alphabetical order. To sort all of a
// large vocabulary would keep an interrupted user waiting, so it sorts plain numbers, to find the
// count from which on a word can be among the first n.
func (v *vocabulary) top(n int) []wordCount {
	if n = min(n, len(v.words)); n == 0 {
		return nil
	}
	counts := make([]int64, len(v.words))
	for i, w := range v.words {
		counts[i] = w.count
	}
	slices.Sort(counts)
	least := counts[len(counts)-n]

	var top []wordCount
	for _, w := range v.words {
		if w.count >= least {
			top = append(top, w)
		}
	}
	slices.SortFunc(top, func(a, b wordCount) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.word, b.word))
	})
	return top[:n]
}
