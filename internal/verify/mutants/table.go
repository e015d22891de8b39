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
	task    = "pool/task.go"
	tracked = "pool/tracked.go"
	team    = "pool/team.go"
	latch   = "pool/latch.go"
	held    = "pool/held.go"
	stream  = "pool/stream.go"
	mapping = "pool/map.go"
	first   = "pool/first.go"
	batch   = "pool/submit_all.go"
	weight  = "pool/weighted.go"
	share   = "pool/share.go"
	down    = "pool/lifecycle.go"
	admit   = "pool/admission.go"
	call    = "pool/call.go"
	api     = "pool/pool.go"
	gather  = "future/gather.go"

	// Where the tests are.
	explorer = ""
	inPool   = "pool"
	inFuture = "future"
	inFrame  = "internal/frame"

	// What a pool does around the queue and the scheduler, the tests do themselves.
	crew  = "internal/verify/crew_explore_test.go"
	lobby = "internal/verify/room_explore_test.go"
)

var mutants = []mutant{
	// The idle protocol: DESIGN.md, section 5.
	{"re-check before registering", worker, []edit{
		{"	s.work.Idle(w)\n	s.mu.Lock()\n", "	s.work.Idle(w)\n	s.notifyIfReady()\n	s.mu.Lock()\n"},
		{"false, false, false, false\n	s.notifyIfReady()\n", "false, false, false, false\n"},
	}, "TestSched$/^one_slot$", explorer},
	{"no re-check", worker, []edit{
		{"false, false, false, false\n	s.notifyIfReady()\n", "false, false, false, false\n"},
	}, "TestSched$/^one_slot$", explorer},
	{"the last searcher does not chain", worker, []edit{
		{"	w.searching, w.fresh = false, false\n	s.notifyIfReady()\n", "	w.searching, w.fresh = false, false\n"},
	}, "TestSched$/^held_jobs$", explorer},
	{"notify before publish", crew, []edit{
		{"	if c.publish(j) {\n		c.sched.Notify()\n	}\n", "	c.sched.Notify()\n	c.publish(j)\n"},
	}, "TestSched$/^submits$", explorer},
	{"a timed-out worker drops the token that it raced with", reaper, []edit{
		{"		n = min(ripe, old.parked()) // the rest is about to be woken\n		if s.swap(old, old-word(n)*oneParked) {", "		n = ripe\n		if s.swap(old, old-word(min(n, old.parked()))*oneParked) {"},
	}, "TestSched$/^submits$", explorer},
	{"the ready check before the decrement", worker, []edit{
		{"	s := w.s\n	if w.searching {\n		for", "	s := w.s\n	ready := s.work.Ready()\n	if w.searching {\n		for"},
		{"	w.searching, w.fresh = false, false\n	s.notifyIfReady()\n", "	w.searching, w.fresh = false, false\n	if ready {\n		s.Notify()\n	}\n"},
	}, "TestSched$/^held_jobs$", explorer},
	{"the ready check without re-reading head", ring, []edit{
		{"		if r.head.Load() == head {\n			return false\n		}\n", "		return false\n"},
	}, "TestSched$/busy_workers", explorer},
	{"the woken counts, not the waker", worker, []edit{
		{"s.swap(old, next-oneParked) {", "s.swap(old, next) {"},
		{"	w.slot, w.searching = true, true\n	return true\n", "	for old := s.load(); !s.swap(old, old-oneParked); old = s.load() {\n	}\n	w.slot, w.searching = true, true\n	return true\n"},
	}, "TestSched$/^submits$", explorer},
	{"a fresh worker without the bit does not chain", worker, []edit{
		{"	if w.searching || w.fresh {\n", "	if w.searching {\n"},
	}, "TestSched$/^a_burst,_slow_start$", explorer},
	{"a lent slot becomes free without a look", lend, []edit{
		{"	s.mu.Unlock()\n	s.notifyIfReady()\n", "	s.mu.Unlock()\n"},
	}, "TestSched$/^lent_to_a_held_job$", explorer},
	{"a returner does not set its bit", lend, []edit{
		{"} else if s.swap(old, old|returning) {", "} else {"},
	}, "TestSched$/lend", explorer},
	{"the bit is set without a look at the slots", lend, []edit{
		{"		if old.active() < old.limit() {\n			if s.swap(old, old+oneActive) {\n				s.mu.Unlock()\n				return\n			}\n		} else if", "		if"},
	}, "TestSched$/lend", explorer},
	{"a grown limit without a look", resize, []edit{
		{"	s.mu.Unlock()\n	s.notifyIfReady()\n", "	s.mu.Unlock()\n"},
	}, "TestSched$/^growing$", explorer},
	{"a worker above the limit goes on", worker, []edit{
		{"	if w.s.load().crowded() {\n		w.s.Release()\n		w.s.Acquire()\n	}\n", ""},
		{"old&returning == 0 && !old.crowded() {", "old&returning == 0 {"},
	}, "TestSched$/^shrunk$", explorer},
	{"down with somebody inside", closing, []edit{
		{" || s.live > 0 || ", " || "},
	}, "TestSchedClose/a_guest", explorer},
	{"down with work in the queue", closing, []edit{
		{" || !s.work.Drained() {", " {"},
	}, "TestSchedClose", explorer},
	{"the scheduler closes before the queue", crew, []edit{
		{"	c.queue.Close()\n	c.sched.Close()\n", "	c.sched.Close()\n	c.queue.Close()\n"},
	}, "TestSchedClose", explorer},

	// The ring.
	{"push: claim without CAS", ring, []edit{
		{"		if r.tail.CompareAndSwap(tail, tail+step) {\n", "		if r.tail.Load() == tail {\n			r.tail.Store(tail + step)\n"},
	}, "TestRing$", explorer},
	{"pop: claim without CAS", ring, []edit{
		{"		if r.head.CompareAndSwap(head, head+step) {\n", "		if r.head.Load() == head {\n			r.head.Store(head + step)\n"},
	}, "TestRing$", explorer},
	{"release before zero", ring, []edit{
		{"	s.elem = zero\n	s.seq.Store(pos + r.lap())\n", "	s.seq.Store(pos + r.lap())\n	s.elem = zero\n"},
	}, "TestRing$/apart", explorer},
	{"published before it is written", ring, []edit{
		{"			s.elem = *e\n			s.seq.Store(tail + 1)\n", "			s.seq.Store(tail + 1)\n			s.elem = *e\n"},
	}, "TestRing$/apart", explorer},
	{"close without an atomic or", ring, []edit{
		{"r.tail.Or(closedBit)", "r.tail.Store(r.tail.Load() | closedBit)"},
	}, "TestRing$/close", explorer},
	{"the closed bit is looked at before, not in the CAS", ring, []edit{
		{"		tail := r.tail.Load()\n		if tail&closedBit != 0 {\n			return Closed\n", "		if r.Closed() {\n			return Closed\n		}\n		tail := r.tail.Load() &^ closedBit\n		if false {\n"},
		{"		if r.tail.CompareAndSwap(tail, tail+step) {\n", "		if now := r.tail.Load(); now&^closedBit == tail && r.tail.CompareAndSwap(now, now+step) {\n"},
	}, "TestRing$/close", explorer},
	{"Full by a stale head", ring, []edit{
		{"func (r *Ring[E]) Push(e *E) Status {\n	for {\n", "func (r *Ring[E]) Push(e *E) Status {\n	for {\n		stale := r.head.Load()\n"},
		{"		if seq != tail || r.limit", "		if int64(tail-stale) >= r.limit {\n			return Full\n		}\n		if seq != tail || r.limit"},
	}, "TestRing$", explorer},
	{"a slot that is not released counts as Full", ring, []edit{
		{"	if r.full(tail) {\n		return Full, true", "	if r.full(tail) || seq != tail {\n		return Full, true"},
	}, "TestRing$", explorer},
	{"a slot that is not published counts as Empty", ring, []edit{
		{"	return Busy, s.seq.Load() == seq && r.head.Load() == head\n", "	return Empty, s.seq.Load() == seq && r.head.Load() == head\n"},
	}, "TestRing$", explorer},
	{"the limit is not looked at", ring, []edit{
		{"if seq != tail || r.limit != int64(r.lap()) && r.full(tail) {", "if seq != tail {"},
	}, "TestRing$/capacity", explorer},
	{"a batch is pushed to slots in use", ring, []edit{
		{"for int64(n) < room && r.at(tail+n*step).seq.Load() == tail+n*step {", "for int64(n) < room {"},
	}, "TestRing$/batch", explorer},
	{"a batch is popped before it is published", ring, []edit{
		{"for n < uint64(len(dst)) && r.at(head+n*step).seq.Load() == head+n*step+1 {", "for n < uint64(len(dst)) && head+n*step != r.tail.Load()&^closedBit {"},
	}, "TestRing$/batch", explorer},

	// The overflow, and the room.
	{"the overflow is popped without a second look at the ring", over, []edit{
		{"	if st = q.ring.Pop(e); st == Empty && q.over.pop(e) {", "	if q.over.pop(e) {"},
	}, "TestQueue", explorer},
	{"the ring is filled past the overflow", over, []edit{
		{"	if size == 0 {\n		if st := q.ring.Push(e)", "	if true {\n		if st := q.ring.Push(e)"},
	}, "TestQueue", explorer},
	{"the overflow does not know of Close", over, []edit{
		{"	case q.ring.Closed():\n		return Closed\n", ""},
	}, "TestQueue", explorer},
	{"who quits keeps its token", room, []edit{
		{"		r.wake()\n		return\n", "		return\n"},
	}, "TestRoom/2_consumers$", explorer},
	{"no second push after joining", lobby, []edit{
		{"		if st := l.push(2); l.over(st) {\n			l.room.Quit(w)\n			l.through(st)\n			return\n		}\n", ""},
	}, "TestRoom", explorer},
	{"a consumer reports before it pops", lobby, []edit{
		{"		if l.queue.Pop(&e) == queue.OK {\n			l.popped++\n			l.room.Freed()\n", "		l.room.Freed()\n		if l.queue.Pop(&e) == queue.OK {\n			l.popped++\n"},
	}, "TestRoom", explorer},
	{"more room is kept quiet", lobby, []edit{
		{"	if st == queue.OK && l.queue.Len() < l.queue.Cap() {\n		l.room.Freed()\n	}\n", ""},
	}, "TestRoom", explorer},

	// The cell.
	{"promise: claim without CAS", cell, []edit{
		{"		if c.word.CompareAndSwap(old, old+uint32(to)) {\n", "		if c.word.Load() == old {\n			c.word.Store(old + uint32(to))\n"},
	}, "TestPromise", explorer},
	{"settled before the value is written", cell, []edit{
		{"	if c.value = v; err != nil {\n		c.failure = &failure{err: err}\n	}\n	from", "	from"},
		{"	word := c.word.Add(uint32(to - from))\n", "	word := c.word.Add(uint32(to - from))\n	if c.value = v; err != nil {\n		c.failure = &failure{err: err}\n	}\n"},
	}, "TestPromise/apart", explorer},
	{"settled by a store", cell, []edit{
		{"	word := c.word.Add(uint32(to - from))\n", "	word := c.word.Load() + uint32(to-from)\n	c.word.Store(word)\n"},
	}, "TestPromise", explorer},
	{"waited is set before the channel is there", cell, []edit{
		{"	if done == nil {\n		done = make", "	if !c.wait() {\n		return closed\n	}\n	if done == nil {\n		done = make"},
		{"	if !c.wait() {\n		c.Look()\n		return closed\n	}\n	return done\n", "	return done\n"},
	}, "TestPromise/2_awaiters$", explorer},
	{"waited is set by a store", cell, []edit{
		{"{ return !State(c.word.Or(waited) & stateMask).Settled() }", "{\n	old := c.word.Load()\n	c.word.Store(old | waited)\n	return !State(old & stateMask).Settled()\n}"},
	}, "TestPromise", explorer},
	{"swept is looked at apart", cell, []edit{
		{"	return word&waited != 0, word&swept != 0\n", "	return word&waited != 0, c.word.Load()&swept != 0\n"},
	}, "TestPromise/^swept$", explorer},
	{"a waiter is not removed", listen, []edit{
		{"	if l.next != nil {\n		l.next.prev = l.prev\n	}\n	if l.prev != nil {\n		l.prev.next = l.next\n	} else {\n		l.list.first = l.next\n	}\n	l.next, l.prev = nil, nil\n", ""},
	}, "TestPromise/leav", explorer},
	{"a listener is linked without a look at the state", listen, []edit{
		{"	if !c.wait() {\n		return false\n	}\n", "	c.wait()\n"},
	}, "TestPromise", explorer},
	{"a chained cell without a list", listen, []edit{
		{"	list := c.list() // also if it is empty: somebody may be about to listen\n	list.held = true\n	c.Settle(to, v, err)\n", "	list := c.listeners.Load()\n	if list == nil {\n		c.Settle(to, v, err)\n		return Chain{}\n	}\n	list.held = true\n	c.Settle(to, v, err)\n"},
	}, "TestPromise/chain", explorer},

	// The frame.
	{"a frame is cleared while it is read", frame, []edit{
		{"	if !held(old) {\n		f.forget()\n", "	if true {\n		f.forget()\n"},
	}, "TestFrame$", explorer},
	{"a context made beside the end is not ended", frame, []edit{
		{"if !f.made.CompareAndSwap(nil, m) || f.word.Load()&over != 0 {", "if !f.made.CompareAndSwap(nil, m) {"},
	}, "TestFrame$", explorer},
	{"a context made twice", frame, []edit{
		{"if !f.made.CompareAndSwap(nil, m) ||", "if f.made.Store(m); "},
	}, "TestFrame$", explorer},
	{"pin without CAS", frame, []edit{
		{"		if f.word.CompareAndSwap(old, old+onePin) {\n", "		f.word.Store(old + onePin)\n		{\n"},
	}, "TestFrame$", explorer},
	{"broken frames are counted without a look", frame, []edit{
		{"		if old&broken != 0 || !held(old) {\n			home.broken.Add(-1)\n			return\n		}\n", ""},
	}, "TestFrame$", explorer},
	{"Return takes its lend away before it has the slot", slots, []edit{
		{"		if last && !slot {\n			home.acquire()\n			slot = true\n			continue // another wait may have begun\n		}\n", ""},
		{"			if slot && !last {\n", "			if last && !slot {\n				home.acquire()\n			}\n			if slot && !last {\n"},
	}, "TestFrameSlots", explorer},
	{"a loan that ends twice", loan, []edit{
		{"	if !settled && l.over.CompareAndSwap(false, true) {\n", "	if !settled {\n		l.over.Store(true)\n"},
	}, "TestFrameSlots/passed", explorer},
	{"a link ends without CAS", link, []edit{
		{"	if !l.state.CompareAndSwap(unasked, ended) {\n		return f.End()\n	}\n", "	if l.state.Load() != unasked {\n		return f.End()\n	}\n	l.state.Store(ended)\n"},
	}, "TestLinks", explorer},
	{"a frame that was asked for is used again", link, []edit{
		{"s.last.state.Load() == ended {", "true {"},
	}, "TestLinks", explorer},
	{"a link is asked without CAS", link, []edit{
		{"		l.state.CompareAndSwap(unasked, kept) //", "		l.state.Store(kept) //"},
	}, "TestLinks", explorer},

	// Groups, and what else starts tasks: these have tests, and no scenario of the explorer.
	{"settled before the failure is recorded", task, []edit{
		{"	if x != nil {\n		x.note(state, err)\n	}\n	e.ended(state, err)\n", "	e.ended(state, err)\n"},
		{"		woke, swept = t.settle(e, v, state, err)\n		x.settled(state, err, woke)\n	}()\n	x.ending(state, err)\n", "		x.settled(state, err, woke)\n	}()\n	woke, swept = t.settle(e, v, state, err)\n	x.note(state, err)\n	x.ending(state, err)\n"},
	}, "Group|Field26|Scope|L9", inPool},
	{"the group cancels before it records", team, []edit{
		{"	g.mu.Lock()\n	defer g.mu.Unlock()\n	ran :=", "	g.cancel(err)\n	g.mu.Lock()\n	defer g.mu.Unlock()\n	ran :="},
	}, "Field26|L9", inPool},
	{"a failed group cancels nobody", team, []edit{
		{"	g.cancel(first)\n", "	_ = first\n"},
	}, "Field18|Field25|L9", inPool},
	{"induced errors are kept", team, []edit{
		{"return g.induced(f.err, first.err)", "return false"},
	}, "Field28|JoinErrors", inPool},
	{"the last to leave a latch tells nobody", latch, []edit{
		{"	l.inside--\n	l.check()\n", "	l.inside--\n"},
	}, "Group|Scope", inPool},
	{"a group's task keeps the group", tracked, []edit{
		{"		x.group = nil // which", "		// which"},
	}, "L14", inPool},
	{"a task that was refused is admitted too", held, []edit{
		{"	if !h.state.CompareAndSwap(waiting, admitted) {\n		return false\n	}\n", "	h.state.Store(admitted)\n"},
	}, "Held|SubmitAfter", inPool},
	{"Close does not wait for what is held", down, []edit{
		{"	<-e.pending.close(true)\n", ""},
	}, "Held|SubmitAfter|L13|L1_", inPool},
	{"Close opens no room", down, []edit{
		{"		e.room.Open()\n		e.sched.Close()", "		e.sched.Close()"},
	}, "L5_", inPool},
	{"the window is one too large", stream, []edit{
		{"	if s.n == s.window || s.n == 0 {", "	if s.n > s.window || s.n == 0 {"},
	}, "Field29", inPool},
	{"a stream that is left joins nobody", stream, []edit{
		{"	for s.n > 0 {\n		_, _ = s.drop().Await(context.WithoutCancel(s.ctx))\n	}\n", ""},
	}, "L12", inPool},
	{"Map takes items in twos", mapping, []edit{
		{"		k := int(m.next.Add(1) - 1)\n", "		k := int(m.next.Load())\n		if ran%2 == 0 {\n			k = int(m.next.Add(2) - 2)\n		} else {\n			k = i + 1\n		}\n"},
		{"		i = -1\n		out[k] = v\n", "		out[k] = v\n"},
	}, "Map|Field15|Field20", inPool},
	{"Map fails without cancelling", mapping, []edit{
		{"		m.cancel(e)\n", "		_ = e\n"},
	}, "L8_Map|Map", inPool},
	{"First does not wait for the losers", first, []edit{
		{"			_, _ = join(race, f)\n", "			_ = f\n"},
		{"		if _, err := join(race, f); err != nil {", "		if won.Load() != nil {\n			break\n		}\n		if _, err := join(race, f); err != nil {"},
	}, "First", inPool},
	{"a batch that got part of its room loses the rest", batch, []edit{
		{"				es = es[n:]\n", "				_ = n\n				return\n"},
	}, "SubmitAll", inPool},
	{"a batch does not look whether its ctx is dead", batch, []edit{
		{"		if t.Dead() == nil {", "		if true {"},
	}, "SubmitAll", inPool},
	{"the weight of a refused task is not given back", weight, []edit{
		{"		if !p.admitHeld(x) {\n			release()\n		}\n", "		p.admitHeld(x)\n"},
	}, "Weighted|Held", inPool},
	{"who comes late overtakes the line of the budget", weight, []edit{
		{"return !b.serving && b.left", "return b.left"},
	}, "Weighted|Held", inPool},
	{"a shared pool that is closed takes tasks", share, []edit{
		{"	if e.view.closed() || e.line.closed() {", "	if e.line.closed() {"},
	}, "Share", inPool},
	{"a refused task of a shared pool stays counted", share, []edit{
		{"	if st != queue.OK {\n		e.accepted.Add(^uint64(0))\n	}\n", ""},
	}, "Share", inPool},
	{"a dead ctx is admitted", admit, []edit{
		{"	if cause := p.dead(ctx, f); cause != nil {\n		return p.refuse(p.deadError(cause))\n	}\n	if p.engine.onFull", "	if p.engine.onFull"},
	}, "L5_|L8_", inPool},
	{"a submit inside a task waits for room", admit, []edit{
		{"	case fr.On(p.engine.sched):\n		return p.pushOver(e)\n	}", "	}"},
		{"	if p.engine.onFull == BlockWhenFull && f != nil && f.Nested() {\n		return p.refuse(p.pushOver(e))\n	}\n", ""},
	}, "L6_", inPool},
	{"a combinator leaves its listeners", gather, []edit{
		{"		g.places[i].Unlisten()\n", "		_ = i\n"},
	}, "Field27", inFuture},
	{"a combinator prefers a dead ctx", gather, []edit{
		{"		if i, ok := decided(decides, n, at); ok {\n			return i, nil\n		}\n		return -1, err\n", "		return -1, err\n"},
		{"	look(n, at)\n	if i, ok := decided(decides, n, at); ok {\n		return i, nil\n	}\n", "	look(n, at)\n"},
	}, "L7_", inFuture},
	{"a panic loses its stack", call, []edit{
		{"&future.PanicError{Value: r, Stack: debug.Stack()}", "&future.PanicError{Value: r, Stack: debug.Stack()[:0]}"},
	}, "L10_", inPool},
	{"a worker that Goexit ends is not replaced", worker, []edit{
		{"		default:\n			w.s.spawn(w)\n", "		default:\n			w.s.leave(w)\n"},
	}, "L11_", inPool},
	{"a worker polls until there is work", worker, []edit{
		{"	for range spinRounds {\n", "	for {\n"},
	}, "L16_", inPool},
	{"a nil function is taken", api, []edit{
		{"	if fn == nil {\n		panic(\"pool: \" + method + \": fn is nil\")\n	}\n", ""},
	}, "L18_", inPool},
	{"First of nothing is a success", first, []edit{
		{"	if len(args) == 0 {\n		return none, future.ErrNoFutures\n	}\n", ""},
	}, "L19_", inPool},
	{"a frame for each task of Go", link, []edit{
		{"s.last.state.Load() == ended {", "false {"},
	}, "L20_", inFrame},
}
