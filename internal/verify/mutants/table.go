package main

const (
	ring    = "internal/queue/ring.go"
	over    = "internal/queue/queue.go"
	room    = "internal/queue/room.go"
	worker  = "internal/sched/sched.go"
	reaper  = "internal/sched/reaper.go"
	lend    = "internal/sched/lend.go"
	resize  = "internal/sched/resize.go"
	closing = "internal/sched/close.go"
	cell    = "internal/promise/cell.go"
	listen  = "internal/promise/listen.go"
	frame   = "internal/frame/frame.go"
	slots   = "internal/frame/lend.go"
	loan    = "internal/frame/loan.go"
	link    = "internal/frame/link.go"

	// What a pool does around the queue and the scheduler, the tests do themselves.
	crew  = "internal/verify/crew_explore_test.go"
	lobby = "internal/verify/room_explore_test.go"
)

var mutants = []mutant{
	// The idle protocol: DESIGN.md, section 5.
	{"re-check before registering", worker, []edit{
		{"	s.work.Idle(w)\n	s.mu.Lock()\n", "	s.work.Idle(w)\n	s.notifyIfReady()\n	s.mu.Lock()\n"},
		{"false, false, false, false\n	s.notifyIfReady()\n", "false, false, false, false\n"},
	}, "TestSched$/^one_slot$"},
	{"no re-check", worker, []edit{
		{"false, false, false, false\n	s.notifyIfReady()\n", "false, false, false, false\n"},
	}, "TestSched$/^one_slot$"},
	{"the last searcher does not chain", worker, []edit{
		{"	w.searching, w.fresh = false, false\n	s.notifyIfReady()\n", "	w.searching, w.fresh = false, false\n"},
	}, "TestSched$/^held_jobs$"},
	{"notify before publish", crew, []edit{
		{"	if c.publish(j) {\n		c.sched.Notify()\n	}\n", "	c.sched.Notify()\n	c.publish(j)\n"},
	}, "TestSched$/^submits$"},
	{"a timed-out worker drops the token that it raced with", reaper, []edit{
		{"		n = min(ripe, old.parked()) // the rest is about to be woken\n		if s.swap(old, old-word(n)*oneParked) {", "		n = ripe\n		if s.swap(old, old-word(min(n, old.parked()))*oneParked) {"},
	}, "TestSched$/^submits$"},
	{"the ready check before the decrement", worker, []edit{
		{"	s := w.s\n	if w.searching {\n		for", "	s := w.s\n	ready := s.work.Ready()\n	if w.searching {\n		for"},
		{"	w.searching, w.fresh = false, false\n	s.notifyIfReady()\n", "	w.searching, w.fresh = false, false\n	if ready {\n		s.Notify()\n	}\n"},
	}, "TestSched$/^held_jobs$"},
	{"the ready check without re-reading head", ring, []edit{
		{"		if r.head.Load() == head {\n			return false\n		}\n", "		return false\n"},
	}, "TestSched$/busy_workers"},
	{"the woken counts, not the waker", worker, []edit{
		{"s.swap(old, next-oneParked) {", "s.swap(old, next) {"},
		{"	w.slot, w.searching = true, true\n	return true\n", "	for old := s.load(); !s.swap(old, old-oneParked); old = s.load() {\n	}\n	w.slot, w.searching = true, true\n	return true\n"},
	}, "TestSched$/^submits$"},
	{"a fresh worker without the bit does not chain", worker, []edit{
		{"	if w.searching || w.fresh {\n", "	if w.searching {\n"},
	}, "TestSched$/^a_burst,_slow_start$"},
	{"a lent slot becomes free without a look", lend, []edit{
		{"	s.mu.Unlock()\n	s.notifyIfReady()\n", "	s.mu.Unlock()\n"},
	}, "TestSched$/^lent_to_a_held_job$"},
	{"a returner does not set its bit", lend, []edit{
		{"} else if s.swap(old, old|returning) {", "} else {"},
	}, "TestSched$/lend"},
	{"the bit is set without a look at the slots", lend, []edit{
		{"		if old.active() < old.limit() {\n			if s.swap(old, old+oneActive) {\n				s.mu.Unlock()\n				return\n			}\n		} else if", "		if"},
	}, "TestSched$/lend"},
	{"a grown limit without a look", resize, []edit{
		{"	s.mu.Unlock()\n	s.notifyIfReady()\n", "	s.mu.Unlock()\n"},
	}, "TestSched$/^growing$"},
	{"a worker above the limit goes on", worker, []edit{
		{"	if w.s.load().crowded() {\n		w.s.Release()\n		w.s.Acquire()\n	}\n", ""},
		{"old&returning == 0 && !old.crowded() {", "old&returning == 0 {"},
	}, "TestSched$/^shrunk$"},
	{"down with somebody inside", closing, []edit{
		{" || s.live > 0 || ", " || "},
	}, "TestSchedClose/a_guest"},
	{"down with work in the queue", closing, []edit{
		{" || !s.work.Drained() {", " {"},
	}, "TestSchedClose"},
	{"the scheduler closes before the queue", crew, []edit{
		{"	c.queue.Close()\n	c.sched.Close()\n", "	c.sched.Close()\n	c.queue.Close()\n"},
	}, "TestSchedClose"},

	// The ring.
	{"push: claim without CAS", ring, []edit{
		{"		if r.tail.CompareAndSwap(tail, tail+step) {\n", "		if r.tail.Load() == tail {\n			r.tail.Store(tail + step)\n"},
	}, "TestRing$"},
	{"pop: claim without CAS", ring, []edit{
		{"		if r.head.CompareAndSwap(head, head+step) {\n", "		if r.head.Load() == head {\n			r.head.Store(head + step)\n"},
	}, "TestRing$"},
	{"release before zero", ring, []edit{
		{"	s.elem = zero\n	s.seq.Store(pos + r.lap())\n", "	s.seq.Store(pos + r.lap())\n	s.elem = zero\n"},
	}, "TestRing$/apart"},
	{"published before it is written", ring, []edit{
		{"			s.elem = *e\n			s.seq.Store(tail + 1)\n", "			s.seq.Store(tail + 1)\n			s.elem = *e\n"},
	}, "TestRing$/apart"},
	{"close without an atomic or", ring, []edit{
		{"r.tail.Or(closedBit)", "r.tail.Store(r.tail.Load() | closedBit)"},
	}, "TestRing$/close"},
	{"the closed bit is looked at before, not in the CAS", ring, []edit{
		{"		tail := r.tail.Load()\n		if tail&closedBit != 0 {\n			return Closed\n", "		if r.Closed() {\n			return Closed\n		}\n		tail := r.tail.Load() &^ closedBit\n		if false {\n"},
		{"		if r.tail.CompareAndSwap(tail, tail+step) {\n", "		if now := r.tail.Load(); now&^closedBit == tail && r.tail.CompareAndSwap(now, now+step) {\n"},
	}, "TestRing$/close"},
	{"Full by a stale head", ring, []edit{
		{"func (r *Ring[E]) Push(e *E) Status {\n	for {\n", "func (r *Ring[E]) Push(e *E) Status {\n	for {\n		stale := r.head.Load()\n"},
		{"		if seq != tail || r.limit", "		if int64(tail-stale) >= r.limit {\n			return Full\n		}\n		if seq != tail || r.limit"},
	}, "TestRing$"},
	{"a slot that is not released counts as Full", ring, []edit{
		{"	if r.full(tail) {\n		return Full, true", "	if r.full(tail) || seq != tail {\n		return Full, true"},
	}, "TestRing$"},
	{"a slot that is not published counts as Empty", ring, []edit{
		{"	return Busy, s.seq.Load() == seq && r.head.Load() == head\n", "	return Empty, s.seq.Load() == seq && r.head.Load() == head\n"},
	}, "TestRing$"},
	{"the limit is not looked at", ring, []edit{
		{"if seq != tail || r.limit != int64(r.lap()) && r.full(tail) {", "if seq != tail {"},
	}, "TestRing$/capacity"},
	{"a batch is pushed to slots in use", ring, []edit{
		{"for int64(n) < room && r.at(tail+n*step).seq.Load() == tail+n*step {", "for int64(n) < room {"},
	}, "TestRing$/batch"},
	{"a batch is popped before it is published", ring, []edit{
		{"for n < uint64(len(dst)) && r.at(head+n*step).seq.Load() == head+n*step+1 {", "for n < uint64(len(dst)) && head+n*step != r.tail.Load()&^closedBit {"},
	}, "TestRing$/batch"},

	// The overflow, and the room.
	{"the overflow is popped without a second look at the ring", over, []edit{
		{"	if st = q.ring.Pop(e); st == Empty && q.over.pop(e) {", "	if q.over.pop(e) {"},
	}, "TestQueue"},
	{"the ring is filled past the overflow", over, []edit{
		{"	if size == 0 {\n		if st := q.ring.Push(e)", "	if true {\n		if st := q.ring.Push(e)"},
	}, "TestQueue"},
	{"the overflow does not know of Close", over, []edit{
		{"	case q.ring.Closed():\n		return Closed\n", ""},
	}, "TestQueue"},
	{"who quits keeps its token", room, []edit{
		{"		r.wake()\n		return\n", "		return\n"},
	}, "TestRoom/2_consumers$"},
	{"no second push after joining", lobby, []edit{
		{"		if st := l.push(2); l.over(st) {\n			l.room.Quit(w)\n			l.through(st)\n			return\n		}\n", ""},
	}, "TestRoom"},
	{"a consumer reports before it pops", lobby, []edit{
		{"		if l.queue.Pop(&e) == queue.OK {\n			l.popped++\n			l.room.Freed()\n", "		l.room.Freed()\n		if l.queue.Pop(&e) == queue.OK {\n			l.popped++\n"},
	}, "TestRoom"},
	{"more room is kept quiet", lobby, []edit{
		{"	if st == queue.OK && l.queue.Len() < l.queue.Cap() {\n		l.room.Freed()\n	}\n", ""},
	}, "TestRoom"},

	// The cell.
	{"promise: claim without CAS", cell, []edit{
		{"		if c.word.CompareAndSwap(old, old+uint32(to)) {\n", "		if c.word.Load() == old {\n			c.word.Store(old + uint32(to))\n"},
	}, "TestPromise"},
	{"settled before the value is written", cell, []edit{
		{"	if c.value = v; err != nil {\n		c.failure = &failure{err: err}\n	}\n	from", "	from"},
		{"	word := c.word.Add(uint32(to - from))\n", "	word := c.word.Add(uint32(to - from))\n	if c.value = v; err != nil {\n		c.failure = &failure{err: err}\n	}\n"},
	}, "TestPromise/apart"},
	{"settled by a store", cell, []edit{
		{"	word := c.word.Add(uint32(to - from))\n", "	word := c.word.Load() + uint32(to-from)\n	c.word.Store(word)\n"},
	}, "TestPromise"},
	{"waited is set before the channel is there", cell, []edit{
		{"	if done == nil {\n		done = make", "	if !c.wait() {\n		return closed\n	}\n	if done == nil {\n		done = make"},
		{"	if !c.wait() {\n		return closed\n	}\n	return done\n", "	return done\n"},
	}, "TestPromise/2_awaiters$"},
	{"waited is set by a store", cell, []edit{
		{"{ return !State(c.word.Or(waited) & stateMask).Settled() }", "{\n	old := c.word.Load()\n	c.word.Store(old | waited)\n	return !State(old & stateMask).Settled()\n}"},
	}, "TestPromise"},
	{"swept is looked at apart", cell, []edit{
		{"	return word&waited != 0, word&swept != 0\n", "	return word&waited != 0, c.word.Load()&swept != 0\n"},
	}, "TestPromise/^swept$"},
	{"a waiter is not removed", listen, []edit{
		{"	if l.next != nil {\n		l.next.prev = l.prev\n	}\n	if l.prev != nil {\n		l.prev.next = l.next\n	} else {\n		l.list.first = l.next\n	}\n	l.next, l.prev = nil, nil\n", ""},
	}, "TestPromise/leav"},
	{"a listener is linked without a look at the state", listen, []edit{
		{"	if !c.wait() {\n		return false\n	}\n", "	c.wait()\n"},
	}, "TestPromise"},
	{"a chained cell without a list", listen, []edit{
		{"	list := c.list() // also if it is empty: somebody may be about to listen\n	list.held = true\n	c.Settle(to, v, err)\n", "	list := c.listeners.Load()\n	if list == nil {\n		c.Settle(to, v, err)\n		return Chain{}\n	}\n	list.held = true\n	c.Settle(to, v, err)\n"},
	}, "TestPromise/chain"},

	// The frame.
	{"a frame is cleared while it is read", frame, []edit{
		{"	if !held(old) {\n		f.forget()\n", "	if true {\n		f.forget()\n"},
	}, "TestFrame$"},
	{"a context made beside the end is not ended", frame, []edit{
		{"if !f.made.CompareAndSwap(nil, m) || f.word.Load()&over != 0 {", "if !f.made.CompareAndSwap(nil, m) {"},
	}, "TestFrame$"},
	{"a context made twice", frame, []edit{
		{"if !f.made.CompareAndSwap(nil, m) ||", "if f.made.Store(m); "},
	}, "TestFrame$"},
	{"pin without CAS", frame, []edit{
		{"		if f.word.CompareAndSwap(old, old+onePin) {\n", "		f.word.Store(old + onePin)\n		{\n"},
	}, "TestFrame$"},
	{"broken frames are counted without a look", frame, []edit{
		{"		if old&broken != 0 || !held(old) {\n			home.broken.Add(-1)\n			return\n		}\n", ""},
	}, "TestFrame$"},
	{"Return takes its lend away before it has the slot", slots, []edit{
		{"		if last && !slot {\n			home.acquire()\n			slot = true\n			continue // another wait may have begun\n		}\n", ""},
		{"			if slot && !last {\n", "			if last && !slot {\n				home.acquire()\n			}\n			if slot && !last {\n"},
	}, "TestFrameSlots"},
	{"a loan that ends twice", loan, []edit{
		{"	if !settled && l.over.CompareAndSwap(false, true) {\n", "	if !settled {\n		l.over.Store(true)\n"},
	}, "TestFrameSlots/passed"},
	{"a link ends without CAS", link, []edit{
		{"	if !l.state.CompareAndSwap(unasked, ended) {\n		return f.End()\n	}\n", "	if l.state.Load() != unasked {\n		return f.End()\n	}\n	l.state.Store(ended)\n"},
	}, "TestLinks"},
	{"a frame that was asked for is used again", link, []edit{
		{"s.last.state.Load() == ended {", "true {"},
	}, "TestLinks"},
	{"a link is asked without CAS", link, []edit{
		{"l.state.CompareAndSwap(unasked, kept) ||", "l.state.Load() == unasked ||"},
	}, "TestLinks"},
}
