package queue

// overflow is the unbounded FIFO behind the ring, for elements that must not be refused.
// It is a deque of chunks, so that growing copies nothing and shrinking frees memory.
// Every method but size.Load needs mu.
//
// Elements can die where they lie: a task that was cancelled, or run by its awaiter. To
// keep memory in proportion to live elements, push drops the dead ones at its end, and,
// when it would need another chunk and the length has doubled since the last time, sweeps
// them all out. Doubling makes a push O(1) amortised.
type overflow[E any] struct {
	mu     mutex
	dead   func(E) bool // true: this element is over; it is dropped, and not asked about again
	chunks [][]E        // all but the last are full
	first  int          // index of the oldest element in chunks[0]
	spare  []E          // one empty chunk, so that a length near a boundary allocates nothing
	sweep  int          // length at which push sweeps next
	pushed uint64       // elements ever pushed

	_    [128]byte
	size atomicUint64 // length; written under mu, read by every push and idle pop
	_    [120]byte
}

const chunkLen = 128

func (o *overflow[E]) at(i int) *E {
	i += o.first
	return &o.chunks[i/chunkLen][i%chunkLen]
}

func (o *overflow[E]) push(e E) {
	n := int(o.size.Load())
	for n > 0 && o.dead(*o.at(n - 1)) {
		n--
		o.truncate(n)
	}
	o.sweep = min(o.sweep, 2*n)
	if o.needsChunk() && n >= max(o.sweep, chunkLen) {
		n = o.compact(n)
		o.sweep = 2 * n
	}
	if o.needsChunk() {
		chunk := o.spare
		if o.spare = nil; chunk == nil {
			chunk = make([]E, 0, chunkLen)
		}
		o.chunks = append(o.chunks, chunk)
	}
	last := &o.chunks[len(o.chunks)-1]
	*last = append(*last, e)
	o.pushed++
	o.size.Store(uint64(n + 1))
}

func (o *overflow[E]) needsChunk() bool {
	return len(o.chunks) == 0 || len(o.chunks[len(o.chunks)-1]) == chunkLen
}

func (o *overflow[E]) pop(e *E) bool {
	n := o.size.Load()
	if n == 0 {
		return false
	}
	var zero E
	p := o.at(0)
	*e, *p = *p, zero
	if o.first++; o.first == chunkLen {
		o.first = 0
		o.spare = o.chunks[0][:0]
		o.chunks[0] = nil
		o.chunks = o.chunks[1:]
	}
	o.size.Store(n - 1)
	o.sweep = min(o.sweep, 2*int(n))
	return true
}

// compact moves the live elements together, in their order, and returns their number.
func (o *overflow[E]) compact(n int) int {
	live := 0
	for i := range n {
		if e := *o.at(i); !o.dead(e) {
			*o.at(live) = e
			live++
		}
	}
	o.truncate(live)
	return live
}

// truncate keeps the first n elements.
func (o *overflow[E]) truncate(n int) {
	end := o.first + n
	keep := (end + chunkLen - 1) / chunkLen
	for i := keep; i < len(o.chunks); i++ {
		clear(o.chunks[i])
		o.spare = o.chunks[i][:0]
		o.chunks[i] = nil
	}
	o.chunks = o.chunks[:keep]
	if rest := end % chunkLen; rest != 0 {
		last := &o.chunks[keep-1]
		clear((*last)[rest:])
		*last = (*last)[:rest]
	}
	o.size.Store(uint64(n))
}
