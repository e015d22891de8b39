/* The idle protocol of internal/sched, for Spin: who looks at the queue, who sleeps, who is
 * woken, who may run. Names and step numbers (S1-S4, W1-W5) are those of the comment at the
 * head of sched.go; file names are given where a step is elsewhere. run.sh checks the model
 * over all interleavings of each of its configurations, and that each known mistake (M_...)
 * is found.
 *
 * WHAT IS ONE STEP. Go's atomics are sequentially consistent, so interleaving is all there is.
 *   - A CAS loop ("load, compute, CAS, again if it failed") acts on the word that it loaded, at
 *     the instant of the CAS that succeeds: one d_step.
 *   - A critical section of Scheduler.mu changes, besides data that only mu's holders touch, one
 *     thing that others see, the word: one d_step too (Lipton: lock, movers, the CAS, movers,
 *     unlock). Where it makes two such changes (Release and Close, which go on to checkDown) it
 *     is two steps with mu let go in between: more interleavings than the code has.
 *   - A token goes into an empty channel of one (asserted). Its receiver does nothing before,
 *     so sending moves to the step before it.
 *   - checkDown reads Drained, which once true stays true: one step.
 *   - Queue.Pop succeeds by the CAS of head on a published slot. It says no when the slot of
 *     head is not published: head only grows, so that "head again" means it never moved. The
 *     same makes Ring.Ready one step: false is true at the look at the slot; true, at the latest
 *     when another pop moved head on, and nothing of ours happens until then.
 *   - Starting a worker comes with the CAS that counts it: until it acts, nothing but its slot
 *     can be seen of it, and that is in the word. Waking one does not: between the CAS and the
 *     stack another may park on top.
 *   - A task that waits for nothing is one step; what it may take longer, its worker waits
 *     before and after.
 *   - Where the code acts on what it saw an instant ago (loop: returning, crowded; search: the
 *     queue is empty), the model acts without having looked: more behaviours than the code has.
 *   - Submitters are called 0, 1, 2 in the order of their first tickets.
 *
 * WHAT IS LEFT OUT. Capacity and wrap-around of the ring (a submitter that waits for room is
 * just late), the overflow, Goexit (the goroutine that takes over does what the old one would
 * do), time (the reaper comes at any instant at which it is set, or not at all).
 *
 * WHAT IS CHECKED. Assertions at each step:
 *   - the limit: never more task functions running than slots, never more slots in use than
 *     there are (but for a Resize that shrinks);
 *   - returning implies no free slot, and says whether somebody is in line;
 *   - no token meets another, no waker finds the stack empty;
 *   - down only when the queue is closed and empty, nothing runs, nobody is left; nobody starts
 *     after it.
 * And when nobody can go on (process Quiet), with tasks held in the middle and again without:
 *   - no slot is free while there is work: else a wake-up was lost;
 *   - nobody is said to search, every slot in use is some running task's: else a token was lost;
 *   - every sleeper is in the stack and in the word;
 *   - in the end all that was accepted has run, and a closed scheduler is down.
 */

#ifndef SUBMITTERS
#define SUBMITTERS 2
#endif
#ifndef EACH
#define EACH 1		/* submits by each of them */
#endif
#ifndef LIMIT
#define LIMIT 2		/* slots */
#endif
#ifndef NW
#define NW LIMIT	/* workers' goroutines that the model has; an assertion says if they are too few */
#endif
#ifndef QUEUEING
#define QUEUEING 0	/* 1: they may be too few; then a start waits until one has exited */
#endif
#ifndef PARKED
#define PARKED 0	/* of them asleep at the start */
#endif
#ifndef BUSY
#define BUSY 0		/* of them in a task that runs until all is quiet */
#endif
#ifndef LENT
#define LENT 0		/* of them in a task that has lent its slot */
#endif
#ifndef HOLDS
#define HOLDS 0		/* tasks that run until all is quiet; which of them is any choice */
#endif
#ifndef LENDS
#define LENDS 0		/* tasks that lend their slot while they wait */
#endif
#ifndef STRAYS
#define STRAYS 0	/* tasks that end while one of their own goroutines has lent the slot, 0 or 1 */
#endif
#ifndef REAPS
#define REAPS 0		/* times that the reaper comes, at most */
#endif
#ifndef CLOSE
#define CLOSE 0		/* 1: a process that closes, at any time */
#endif
#ifndef GUESTS
#define GUESTS 0	/* 1: a goroutine that is not a worker's enters and leaves */
#endif
#ifndef RESIZE
#define RESIZE 0	/* 1: the limit goes one down and up again */
#endif
#ifndef SLOW
#define SLOW 0		/* slowStart */
#endif
#ifndef SPIN
#define SPIN 1		/* 0: workers park at once */
#endif
#ifndef IDLE
#define IDLE 1		/* 0: an idle timeout of 0, workers exit rather than park */
#endif

#define TASKS (SUBMITTERS * EACH)
#define STRAY NW	/* the stray goroutine, among the returners */

/* word.go */
byte limit = LIMIT, inUse /* active, a word of Promela */, parked;
bit searching, returning, closing, down;

/* The ring: slot i is published, and head has passed it or not. */
bit published[TASKS + 1], qclosed;
byte tail, head;

/* Scheduler, below mu */
byte stack[NW], slen;		/* parked workers, the last parked at the end */
byte ripe;			/* how many from the bottom go when the reaper comes */
bit reaping;
byte line[NW + 1], returners;	/* tasks that wait for their slot, first come first */
byte live;

/* Worker.parker, and the parkers of returners */
#define RUN 1
#define EXIT 2
byte token[NW];
bit admitted[NW + 1];

/* Goroutines */
#define FREE 0
#define SEARCHER 1		/* started with the searching bit */
#define FRESH 2			/* started without it: slowStart */
#define ALIVE 3
byte goroutine[NW];

/* The world outside */
byte running, done;		/* task functions: held or back from a wait, ended */
byte first;			/* submitters that have begun */
byte holds = HOLDS, lends = LENDS, strays = STRAYS, reaps = REAPS, guests;
bit gate;			/* open: held tasks go on */
bit astray;

hidden byte i, j;		/* only inside a d_step */

#define crowded (inUse > limit)
#if QUEUEING
#define room (live - guests < NW)
#else
#define room 1
#endif
#define drained (qclosed && head == tail)

inline sane() {
#if !RESIZE
	assert(inUse <= limit);
#endif
	assert(running <= inUse);
	assert(!returning || inUse >= limit);
	assert(returning == (returners > 0))
}

/* Scheduler.Notify, S2 to S4. */
inline notify() {
	if
	:: searching || down || inUse >= limit			/* S2 */
	:: d_step { !searching && !down && inUse < limit && parked == 0 && room ->	/* S3, start */
		inUse++;
		searching = !SLOW;
		sane();
		assert(!down);
		i = 0;
		do :: i < NW && goroutine[i] != FREE -> i++ :: else -> break od;
		assert(i < NW);
		live++;
		goroutine[i] = (SLOW -> FRESH : SEARCHER)
	}
	:: d_step { !searching && !down && inUse < limit && parked > 0 ->	/* S3 */
		inUse++;
		searching = 1;
		parked--;
		sane()
	};
		d_step {						/* S4 */
		assert(slen > 0);
		slen--;
		i = stack[slen];
		stack[slen] = 0;
		if :: ripe > slen -> ripe = slen :: else fi;
		assert(token[i] == 0);
		token[i] = RUN
		}
	fi
}

/* Work.Ready, which is Ring.Ready, and Notify if it says yes. */
inline notifyIfReady() {
#ifdef M_HEAD /* the ready check without re-reading head: a slot passed meanwhile says no */
	h = head;
	if
	:: d_step { published[h] -> h = 0 }; notify()
	:: d_step { !published[h] -> h = 0 }
	fi
#else
	if
	:: published[head] -> notify()
	:: !published[head]
	fi
#endif
}

/* In a d_step: what update does with a slot that is given up. */
inline giveUp() {
	if
	:: returning && !crowded -> admit(); returning = (returners > 0)
	:: else -> inUse--
	fi
}

/* In a d_step: Scheduler.admit. */
inline admit() {
	i = line[0];
	assert(!admitted[i]);
	admitted[i] = 1;
	returners--;
	i = 0;
	do :: i < returners -> line[i] = line[i + 1]; i++ :: else -> break od;
	line[returners] = 0
}

/* In a d_step: Scheduler.dismiss (resize.go). */
inline dismiss(n) {
	assert(slen >= n);
	i = 0;
	do :: i < n -> assert(token[stack[i]] == 0); token[stack[i]] = EXIT; i++ :: else -> break od;
	i = 0;
	do
	:: i < slen -> stack[i] = (i + n < slen -> stack[i + n] : 0); i++
	:: else -> break
	od;
	slen = slen - n;
	ripe = (ripe > n -> ripe - n : 0)
}

/* In a d_step: Scheduler.setReaper (reaper.go). All that are parked now go next time. */
inline setReaper() {
	if
	:: !reaping && REAPS > 0 -> reaping = 1; ripe = slen
	:: else
	fi
}

/* In a d_step: Scheduler.checkDown (close.go). */
inline checkDown() {
	if
#ifdef M_DOWN /* down as soon as the queue is drained and no slot is in use */
	:: closing && !down && inUse == 0 && drained ->
#else
	:: closing && !down && inUse == 0 && live == 0 && drained ->
#endif
		down = 1;
		assert(running == 0 && guests == 0 && returners == 0 && slen == 0 && parked == 0);
		assert(done == tail + BUSY + LENT)
	:: else
	fi
}

/* Scheduler.Release (lend.go). The slot goes, and the look at the queue comes after. */
inline release(task) {
	d_step { running = running - task; giveUp(); sane() }
	d_step { checkDown() }
#ifndef M_RELEASE /* no look at the queue after a slot was lent */
	notifyIfReady()
#endif
}

/* Scheduler.Acquire (lend.go): a slot, or the returning bit in the CAS that saw none free. Its
 * first loop, without mu, is the same step. */
inline acquire(who, task) {
#ifdef M_ACQUIRE /* "no slot is free" and the bit are two steps */
	if
	:: inUse >= limit -> d_step { returning = 1; line[returners] = who; returners++ }
	:: d_step { inUse < limit -> inUse++; admitted[who] = 1 }
	fi;
#else
	d_step {
		if
		:: inUse < limit -> inUse++; admitted[who] = 1
		:: else -> returning = 1; line[returners] = who; returners++
		fi;
		sane()
	}
#endif
	d_step { admitted[who] -> admitted[who] = 0; running = running + task; sane() }
}

proctype Submitter(byte self) {
	byte n, pos;
	first == self;
	do
	:: n < EACH ->
		if
		:: d_step { qclosed -> first = (n == 0 -> first + 1 : first); n = EACH }	/* Closed */
		:: d_step { !qclosed ->						/* S1: the ticket */
			first = (n == 0 -> first + 1 : first);
			pos = tail;
			tail++
		};
#ifdef M_PUBLISH /* notify before publish */
			notify();
			d_step { published[pos] = 1; pos = 0; n++ }
#else
			d_step { published[pos] = 1; pos = 0; n++ };		/* S1: the element */
			notify()						/* S2 to S4 */
#endif
		fi
	:: else -> break
	od
}

proctype Worker(byte self) {
	bit slot, mine /* searching */, fresh, stay;
#ifdef M_DECREMENT
	bit ok;
#endif
#ifdef M_HEAD
	byte h;
#endif

	/* The initial states. */
	if
	:: self < PARKED -> goto W5
	:: self >= PARKED && self < PARKED + BUSY -> slot = 1; goto held
	:: self >= PARKED + BUSY && self < PARKED + BUSY + LENT -> slot = 1; goto lent
	:: else
	fi;

end:	/* no goroutine */
	if
	:: d_step { goroutine[self] == SEARCHER -> slot = 1; mine = 1; goroutine[self] = ALIVE }
	:: d_step { goroutine[self] == FRESH -> slot = 1; fresh = 1; goroutine[self] = ALIVE }
	fi;

loop:	/* Worker.loop */
	if
	:: returning || crowded || !slot -> goto W3
	:: d_step { slot && published[head] -> published[head] = 0; head++ }	/* W1: pop */
	:: slot && !published[head] -> goto W3
	/* W2, Worker.search: become the searcher, and look for a while. A look that fails changes
	 * nothing, one that succeeds leads to a pop, and it may end at any time. */
	:: d_step { SPIN && slot && !mine && !searching -> searching = 1; mine = 1 } -> goto loop
	fi;

	/* W1, Worker.Took and found: clear the bit, THEN look at the queue. */
	if
	:: mine || fresh ->
#ifdef M_DECREMENT /* the ready check before the decrement */
		ok = published[head];
#endif
		d_step { searching = (mine -> 0 : searching); mine = 0; fresh = 0 }
#ifdef M_DECREMENT
		if :: d_step { ok -> ok = 0 }; notify() :: !ok fi
#else
#ifndef M_CHAIN /* the last searcher does not chain */
		notifyIfReady()
#endif
#endif
	:: !mine && !fresh
	fi;
#if RESIZE
	/* Took: slots above the limit. */
	if
	:: crowded -> release(0); acquire(self, 0)
	:: !crowded
	fi;
#endif

	/* The task's function. */
	if
	:: d_step { assert(running < inUse); done++ } -> goto loop
	:: d_step { holds > 0 -> holds--; running++; sane() };
held:		gate
	:: d_step { lends > 0 -> lends--; assert(running < inUse) };
		release(0);
		if
		:: skip
		:: true ->
lent:			gate
		fi;
		acquire(self, 1)
	:: d_step { strays > 0 -> strays--; done++; astray = 1; slot = 0 } -> goto loop
	fi;
	d_step { running--; done++ }
	goto loop;

W3:	/* Scheduler.park: the slot is free, parked+1, searching cleared */
#ifdef M_REGISTER /* re-check before registering */
	notifyIfReady();
#endif
	if
	:: d_step {
		stay = (!closing && IDLE && parked < limit);
		if
		:: mine -> searching = 0
		:: else
		fi;
		if
		:: slot -> giveUp()
		:: else
		fi;
		if
		:: stay -> parked++; stack[slen] = self; slen++; setReaper()
		:: else
		fi;
		slot = 0; mine = 0; fresh = 0;
		sane()
	}
	fi;

	/* W4: THEN look at the queue again */
#if !defined(M_RECHECK) && !defined(M_REGISTER) /* no re-check */
	notifyIfReady();
#endif
	if
	:: d_step { stay -> stay = 0 }
	:: !stay -> goto leave
	fi;

W5:	/* sleep */
endW5:	if
	:: d_step { token[self] == RUN -> token[self] = 0; slot = 1; mine = 1 } -> goto loop
	:: d_step { token[self] == EXIT -> token[self] = 0 }
#ifdef M_TIMEOUT /* a worker that times out drops the token it raced with */
	:: d_step { reaps > 0 ->
		reaps--;
		i = 0;
		do :: i < slen && stack[i] != self -> i++ :: else -> break od;
		if
		:: i < slen && parked > 0 ->
			parked--;
			do :: i + 1 < slen -> stack[i] = stack[i + 1]; i++ :: else -> break od;
			slen--; stack[slen] = 0
		:: else -> token[self] = 0 /* somebody is about to wake it, or has */
		fi
	}
#endif
	fi;

leave:	/* Scheduler.leave */
	if
	:: d_step { live--; goroutine[self] = FREE; checkDown() } -> goto end
	fi
}

#if STRAYS
/* A goroutine of a task lends the slot, and the task's function returns meanwhile: its worker
 * goes on without a slot (Worker.Return(false)). Frame.Return took a slot for the goroutine
 * just before the function returned, finds that the task is over, and gives the slot up. */
proctype Stray() {
end:	astray;
	release(0);
	acquire(STRAY, 0);
	release(0)
}
#endif

#if REAPS
proctype Reaper() { /* Scheduler.reap (reaper.go) */
end:	do
	:: d_step { reaping && reaps > 0 -> reaps-- } -> /* it comes */
		d_step {
			reaping = 0;
			if
			:: !closing ->
#ifdef M_REAP /* the reaper takes workers that somebody is about to wake */
				j = ripe;
				parked = parked - (j < parked -> j : parked);
#else
				j = (ripe < parked -> ripe : parked);
				parked = parked - j;
#endif
				dismiss(j);
				if
				:: slen > 0 -> setReaper()
				:: else
				fi
			:: else
			fi
		}
	:: d_step { reaping && reaps > 0 -> reaps-- }	/* it does not */
	od
}
#endif

#if CLOSE
proctype Closer() {
	qclosed = 1;		/* the queue first */
	d_step {		/* Scheduler.Close (close.go) */
		j = parked;
		parked = 0;
		closing = 1;
		dismiss(j);
		sane()
	}
	d_step { checkDown() }
end:	down			/* Join */
}
#endif

#if GUESTS
proctype Guest() { /* Enter, Hold and Leave (close.go) */
	if
	:: d_step { !closing -> live++; guests++ };
		d_step { assert(!down); live--; guests--; checkDown() }
	:: closing
	fi
}
#endif

#if RESIZE
proctype Resizer() { /* Scheduler.Resize (resize.go) */
	byte n;
	do
	:: n < 2 ->
		d_step {
			limit = (n == 0 -> LIMIT - 1 : LIMIT);
			j = (limit > inUse -> limit - inUse : 0);
			if :: j > returners -> j = returners :: else fi;
			inUse = inUse + j;
			do :: j > 0 -> admit(); j-- :: else -> break od;
			returning = (returners > 0);
			j = (parked > limit -> parked - limit : 0);
			parked = parked - j;
			dismiss(j);
			sane();
			n++
		}
#ifndef M_RESIZE /* no look at the queue after growing */
		notifyIfReady()
#endif
	:: else -> break
	od
}
#endif

inline quiet() {
	assert(head == tail || inUse >= limit);	/* a wake-up was lost */
	assert(!searching && inUse == running);	/* a token was lost */
	assert(slen == parked);
	assert(closing || tail == TASKS)
}

/* Quiet acts when nobody else can: all that is left to happen has happened. */
proctype Quiet() {
end:	timeout -> d_step { quiet(); gate = 1 };
end2:	timeout -> d_step {
		quiet();
		assert(running == 0 && returners == 0);
		assert(head == tail && done == tail + BUSY + LENT);
		assert(live == slen);
		assert(closing == down);
		assert(!down || live == 0)
	}
}

init {
	d_step {
		live = PARKED + BUSY + LENT;
		parked = PARKED;
		slen = PARKED;
		inUse = BUSY;
		running = BUSY;
		i = 0;
		do :: i < live -> goroutine[i] = ALIVE; i++ :: else -> break od;
		i = 0;
		do :: i < PARKED -> stack[i] = i; i++ :: else -> break od;
		if :: PARKED > 0 -> setReaper() :: else fi;
	}
	atomic {
		byte n;
		do :: n < SUBMITTERS -> run Submitter(n); n++ :: else -> break od;
		n = 0;
		do :: n < NW -> run Worker(n); n++ :: else -> break od;
		n = 0;
#if STRAYS
		run Stray();
#endif
#if REAPS
		run Reaper();
#endif
#if CLOSE
		run Closer();
#endif
#if GUESTS
		run Guest();
#endif
#if RESIZE
		run Resizer();
#endif
		run Quiet()
	}
}
