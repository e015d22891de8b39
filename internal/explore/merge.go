package explore

// Operations of two threads on different objects, or two loads of one object, can be swapped
// without a difference to anybody. So what a run has come to is decided by which operation of
// each thread came before which on the same object: a partial order, of which many schedules are
// linear forms. With Options.Merge the search knows it by a hash, and when a run comes to a
// decision where another run of the level has been, with the same order behind it and as many
// preemptions, it ends there: the other one, and those that branch off it, have seen or will
// see everything that could follow.
//
// That is so only if the threads share nothing beside objects of this package, and what these
// guard in a program without data races. A program that keeps notes of its own in plain
// variables, to check them, must do each access right after Point or Await. These count as
// operations on one object, so that their order matters. A check of times (Now) is
// not for Merge at all.
//
// A thread is known by the operation that started it, not by its number: it makes no
// difference which of two workers was started first.

// An object is what operations can conflict on. All it remembers is hashes.
type object struct {
	write uint64 // of the last write, with all that came before it
	reads uint64 // the sum of those of the loads since
}

// did takes note of an operation of the current thread.
func (r *Run) did(o *object, wrote bool) {
	if !r.Merge {
		return
	}
	t := r.current
	h := mix(t.past ^ mix(o.write+1))
	if wrote {
		h = mix(h + o.reads + 1)
		o.write, o.reads = h, 0
	} else {
		o.reads += h
	}
	t.past = h
	r.past += h
}

// been reports whether another run of this level was where this one is, and may have gone on
// with t if that is not nil.
func (r *Run) been(t *thread) bool {
	if !r.Merge {
		return false
	}
	h := mix(r.past + uint64(r.preempted))
	if t != nil {
		h = mix(h ^ t.past)
	}
	was := r.states[h]
	r.states[h] = true
	return was
}

// mix is the finalizer of splitmix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
