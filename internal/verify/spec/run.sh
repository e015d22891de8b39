#!/usr/bin/env bash
# Checks idle.pml with Spin over all interleavings of each configuration, and that each known
# mistake is caught. Usage: ./run.sh [name...]: only the configurations or mutants so named.
# JOBS (2) run at once, each within MEM (900) MB. Prints the states of each search; fails on
# an error, on a search that is not complete, and on a mutant that goes unnoticed. Without
# Spin or a C compiler it fails, unless SKIP_SPIN=1.
set -euo pipefail
cd "$(dirname "$0")"

JOBS=${JOBS:-2} MEM=${MEM:-900} CC=${CC:-cc}

# Name, SUBMITTERS x LIMIT, and what else is not the default in idle.pml. NW is what it takes,
# but in those with QUEUEING.
configurations='
cold            2x2 EACH=2 HOLDS=2
no-spin         2x2 EACH=2 HOLDS=2 SPIN=0 PARKED=1 NW=3
warm            2x2 EACH=2 HOLDS=1 PARKED=2 REAPS=1 NW=4 QUEUEING=1
slow-start      2x2 EACH=2 HOLDS=2 SLOW=1
no-idle         2x2 HOLDS=1 IDLE=0 NW=6
lend            2x2 HOLDS=1 LENDS=2 PARKED=1 BUSY=1 NW=4
lent            2x2 HOLDS=1 LENDS=1 LENT=2 REAPS=1 NW=6
stray           2x2 HOLDS=1 STRAYS=1 LENDS=1 PARKED=1 NW=4
close           2x2 HOLDS=1 LENDS=1 PARKED=1 CLOSE=1 NW=6
close-guest     2x2 STRAYS=1 GUESTS=1 CLOSE=1 PARKED=1 NW=4 QUEUEING=1
resize          2x2 HOLDS=2 RESIZE=1 PARKED=1 NW=4
resize-lent     2x2 HOLDS=1 RESIZE=1 LENT=1 BUSY=1 NW=5
cold            2x3 EACH=2 HOLDS=2
warm            2x3 HOLDS=2 PARKED=3 REAPS=2 NW=5 QUEUEING=1
lent            2x3 HOLDS=2 LENDS=1 BUSY=1 LENT=1 PARKED=1 NW=5
close           2x3 HOLDS=1 LENDS=1 BUSY=1 PARKED=1 CLOSE=1 NW=6 QUEUEING=1
resize          2x3 HOLDS=2 RESIZE=1 PARKED=2 LENT=1 NW=5
cold            3x3 HOLDS=3
warm            3x3 HOLDS=2 PARKED=3 REAPS=1 NW=4 QUEUEING=1
lent            3x3 HOLDS=3 LENDS=1 BUSY=1 PARKED=1 LENT=1 NW=6
close           3x3 HOLDS=1 CLOSE=1 NW=5 QUEUEING=1
'

# The mistakes that DESIGN.md lists, and then some of our own.
mutants='
M_REGISTER      2x2 HOLDS=1
M_CHAIN         2x2 HOLDS=1
M_RECHECK       2x2 HOLDS=1
M_PUBLISH       2x2 HOLDS=1
M_TIMEOUT       2x2 PARKED=2 REAPS=1 NW=3 QUEUEING=1
M_DECREMENT     2x2 HOLDS=1
M_HEAD          2x2 EACH=2 HOLDS=1
M_RELEASE       2x2 LENDS=1 BUSY=1 NW=4
M_ACQUIRE       2x2 LENDS=2 NW=4
M_REAP          2x2 PARKED=1 REAPS=1 NW=3
M_DOWN          2x2 CLOSE=1 GUESTS=1 NW=6
M_RESIZE        2x2 HOLDS=2 RESIZE=1 NW=4
'

missing=
command -v spin >/dev/null || missing="spin"
command -v "$CC" >/dev/null || missing="${missing:+$missing and }a C compiler"
if [ -n "$missing" ]; then
	echo "spec: $missing not found: apt-get install spin gcc, brew install spin, or https://spinroot.com" >&2
	[ "${SKIP_SPIN:-}" = 1 ] && { echo "spec: skipped (SKIP_SPIN=1)" >&2; exit 0; }
	exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# check NAME SIZE FLAG...: one search. -b makes pan fail at its depth limit.
check() {
	local name=$1 size=$2 dir flags=() o states
	shift 2
	dir=$(mktemp -d "$work/XXXXXX")
	for o in "SUBMITTERS=${size%x*}" "LIMIT=${size#*x}" "$@"; do flags+=("-D$o"); done
	case $name in M_*) flags+=("-D$name") ;; esac
	cp idle.pml "$dir"
	if ! (cd "$dir" && spin -a "${flags[@]}" idle.pml >log 2>&1 &&
		"$CC" -O1 -w -DSAFETY -DMEMLIM="$MEM" -o pan pan.c >>log 2>&1); then
		cat "$dir/log"; echo "spec: $name $size: does not build"; return 1
	fi
	(cd "$dir" && ./pan -b -m20000 -w20 >log 2>&1) || true
	states=$(awk '/states, stored/ { print $1 }' "$dir/log")
	case $name in
	M_*)
		o=$(sed -n 's/^pan:[0-9]*: \(.*\) (at depth.*/\1/p' "$dir/log" | head -1)
		case $o in
		*'i<'* | '') echo "spec: MUTANT $name is not caught${o:+: $o}"; cat "$dir/log"; return 1 ;;
		*) printf '%-12s %s  caught: %s\n' "$name" "$size" "$o" ;;
		esac
		;;
	*)
		if ! grep -q 'errors: 0$' "$dir/log" || grep -Eqi 'not completed|too small|reached -DMEMLIM|aborted|out of memory' "$dir/log"; then
			cat "$dir/log"
			(cd "$dir" && [ -e idle.pml.trail ] && spin -t -p "${flags[@]}" idle.pml | tail -60) || true
			echo "spec: $name $size $*: FAILED"; return 1
		fi
		printf '%-12s %s %9d states  %s\n' "$name" "$size" "$states" "$*"
		;;
	esac
}
export -f check
export work MEM CC

# Big ones first, so that the last to end is a small one.
{ tac <<<"$configurations"; cat <<<"$mutants"; } | sed '/^$/d' |
	{ if [ $# -gt 0 ]; then grep -E "^($(IFS='|'; echo "$*")) "; else cat; fi; } |
	xargs -P "$JOBS" -I{} bash -c 'check $1' _ {} || { echo "spec: FAILED"; exit 1; }
echo "spec: all searches are complete, without errors; all mutants are caught"
