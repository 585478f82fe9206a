#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ci/tests/run itself, on a tree with groups that are made up here: tiers, order, progress, and
# that no group can pass by lying about its result.
# test-cost: 20
# shellcheck disable=SC2016 # the texts of the groups are made here, and are expanded there
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/cases.sh"

TREE=$SCRATCH/tree
OUT=$SCRATCH/out

# fresh: a tree without groups.
fresh() {
	rm -rf "$TREE"
	mkdir -p "$TREE/ci/tests/a" "$TREE/ci/gates" "$TREE/marks"
	cp "$TOP/ci/tests/run" "$TREE/ci/tests/run"
}

# group NAME [HEAD-LINE...]: a group in gates/ or a/ that does what comes on standard input.
group() {
	local name=$1 file
	shift
	case $name in
	gates/*) file=$TREE/ci/$name.sh ;;
	*) file=$TREE/ci/tests/$name.sh ;;
	esac
	{
		echo '#!/bin/bash'
		if (($#)); then printf '# %s\n' "$@"; fi
		echo "MARKS=$TREE/marks"
		cat
	} >"$file"
	chmod +x "$file"
}

# run ARG...: sets STATUS; what it printed is in $OUT.
run() {
	STATUS=0
	"$TREE/ci/tests/run" "$@" >"$OUT" 2>&1 </dev/null || STATUS=$?
	sed 's/^/    > /' "$OUT"
}

# ends NAME STATUS LAST-LINE: of the last run.
ends() {
	if ((STATUS != $2)); then
		fail "$1" "status $STATUS, not $2"
	elif [[ $(tail -n 1 "$OUT") != "$3" ]]; then
		fail "$1" "its last line is '$(tail -n 1 "$OUT")', not '$3'"
	else
		pass "$1"
	fi
}

# prints NAME COUNT PATTERN: so many lines match.
prints() {
	local n
	n=$(grep -cE -- "$3" "$OUT" || true)
	if ((n == $2)); then pass "$1"; else fail "$1" "$n lines match '$3', not $2"; fi
}

# started: the groups of the last run in the order of their start.
started() { sed -n 's/^-> \([^,]*\),.*/\1/p' "$OUT" | tr '\n' ' '; }

# same NAME WANTED GOT
same() { if [[ $2 == "$3" ]]; then pass "$1"; else fail "$1" "'$3', not '$2'"; fi; }

# liar NAME STATUS WHY: the group a/liar is counted as one failure, with that reason.
liar() {
	group a/liar "test-timeout: 1"
	group a/honest <<<'echo PASS one'
	run
	ends "$1 is a failure" 1 "$2"
	prints "$1: the reason is named" 1 "^failed: a/liar: $3\$"
}

liars() {
	fresh
	liar "a failure with status 0" '2 passed, 2 failed' 'has failures but ended with status 0' <<-'GROUP'
		echo PASS one
		echo FAIL two: why
	GROUP
	liar "status 1 without a failure" '2 passed, 1 failed' 'ended with status 1 before its end' <<<'echo PASS one; exit 1'
	liar "no case at all" '1 passed, 1 failed' 'ran no test case' <<<'echo fine'
	liar "another status" '2 passed, 1 failed' 'ended with status 7' <<<'echo PASS one; exit 7'
	liar "death by a signal" '2 passed, 1 failed' 'ended with status 139' <<<'echo PASS one; kill -SEGV $$'
	liar "a time limit" '2 passed, 1 failed' 'ended by its time limit' <<<'echo PASS one; sleep 20'
	liar "a kill" '2 passed, 1 failed' 'killed, by its time limit or from outside' <<<'echo PASS one; kill -KILL $$'
	# The runner's own process for a group is killed, as when memory is short: nothing reports its end.
	ARMKVM_TEST_PULSE=1 liar "a kill of the group's keeper" '2 passed, 1 failed' 'killed, by its time limit or from outside' <<<'echo PASS one; kill -KILL "$(ps -o ppid= -p $PPID | tr -d " ")"; sleep 20'
	liar "a last line that has no end" '1 passed, 1 failed' 'one: why' <<<'printf "FAIL one: why"; exit 1'
	prints "a failure shows the end of the log" 1 '^   \| FAIL one: why'
}

verdicts() {
	fresh
	group gates/a <<<'printf "%s\n" "PASS one" "text" "SKIP two: no machine" "PASS three"'
	run
	ends "passes and skips" 0 '2 passed, 0 failed, 1 skipped'
	prints "a skip is named at the end" 1 '^skipped: gates/a: two: no machine$'
	same "the log has all of it" text "$(grep text "$TREE/build/logs/tests/gates-a.log")"
	group gates/a <<<'printf "%s\n" "PASS one"'
	run
	ends "nothing but passes" 0 '1 passed, 0 failed'
	group gates/a <<<'printf "%s\n" "PASS one" "FAIL two: why"; exit 1'
	run
	ends "a failure" 1 '1 passed, 1 failed'
}

tiers() {
	fresh
	group gates/first "test-cost: 10" <<<'echo "PASS in tier $ARMKVM_TIER"'
	group a/both "test-cost: 20" "test-cost-all: 200" "test-timeout: 1" "test-timeout-all: 60" <<-'GROUP'
		if ((ARMKVM_TIER == 2)); then sleep 1.5; fi
		echo "PASS in tier $ARMKVM_TIER"
	GROUP
	group a/second "test-tier: 2" "test-cost: 100" <<<'echo "PASS in tier $ARMKVM_TIER"'
	ARMKVM_TIER=2 run
	ends "the first tier is what is run" 0 '2 passed, 0 failed'
	prints "the groups know that" 2 '^PASS in tier 1$'
	run --all
	ends "--all is everything, with its own time limits" 0 '3 passed, 0 failed'
	prints "the groups know that it is all" 3 '^PASS in tier 2$'
	run --only 'a/*'
	prints "a pattern takes groups of the first tier" 1 '^PASS'
	run --only a/second
	prints "a full name takes one of the second" 1 '^PASS'
	run --only 'a/s*'
	ends "a pattern alone does not" 2 'ci/tests/run: to cure: see ci/tests/run --help'
	run --all --only 'a/s*'
	prints "a pattern does with --all" 1 '^PASS'
	rm -rf "$TREE/build"
	run --list
	same "--list runs nothing" "" "$(ls "$TREE/build" 2>/dev/null)"
	prints "--list has the first tier's costs" 1 '^a/both +1 +20 +200$'
	prints "--list has no group of the second tier" 0 '^a/second'
	prints "--list has their sum" 1 '^# 2 groups, 2 at a time: about 1 minutes'
	run --list --all
	prints "--list --all has them" 1 '^a/second +2 +- +100$'
	prints "--list --all has their sum" 1 '^# 3 groups with --all, 2 at a time: about 3 minutes'
}

order() {
	local group
	fresh
	for group in 5 90 30 1 300 31; do group "a/$group" "test-cost: $group" <<<'echo PASS one'; done
	run --jobs 1
	same "cheap ones first, then the longest" "a/1 a/5 a/30 a/300 a/90 a/31 " "$(started)"
	for group in 1 2 3 4; do
		group "gates/$group" <<-'GROUP'
			: >"$MARKS/$$"
			sleep 0.3
			ls "$MARKS" | wc -l | sed 's/^/PASS at once /'
			rm "$MARKS/$$"
		GROUP
	done
	run --only 'gates/*'
	prints "not more than two at a time" 0 'at once [3-9]$'
	if grep -q 'at once 2$' "$OUT"; then pass "two at a time"; else fail "two at a time" "no group saw another one"; fi
	run --only 'gates/*' --jobs 1
	prints "one at a time with --jobs 1" 4 'at once 1$'
}

progress() {
	fresh
	group a/slow "test-cost: 100" <<<'sleep 2.5; echo PASS one'
	group a/quick "test-cost: 1" <<<'echo PASS one'
	ARMKVM_TEST_PULSE=1 run --jobs 1
	prints "a start says where it is" 1 '^-> a/slow, some 100 s  \[1 of 2 done, 0:0[0-9], about 2 min left\]$'
	prints "an end says so, too" 1 '^== a/slow \([23] s\)  \[2 of 2 done, 0:0[0-9], about 0 min left\]$'
	prints "and between them what runs" 2 '^   a/slow \([123] s\)  \[1 of 2 done, 0:0[0-9], about 2 min left\]$'
	same "times are kept" "a/quick 1 1 a/slow 1 100 " "$(cut -f1-3 "$TREE/build/logs/tests/times" | tr '\t\n' '  ')"
	group a/slow "test-cost: 100" <<<'echo PASS one'
	group a/quick "test-cost: 0" <<<'sleep 1; echo PASS one'
	sed -i 's/2 \* cost + 30/2 * cost/' "$TREE/ci/tests/run"
	run
	prints "a group that takes longer than it says is named" 1 '^slow: a/quick took [12] s, its head says 0$'
}

interruption() {
	local pid n status=0
	fresh
	group a/one <<<'sleep 300 & echo $! >"$MARKS/child"; wait'
	env --default-signal=INT "$TREE/ci/tests/run" >"$OUT" 2>&1 &
	pid=$!
	for ((n = 0; n < 100; n++)); do
		[[ ! -s $TREE/marks/child ]] || break
		sleep 0.1
	done
	kill -INT "$pid"
	wait "$pid" || status=$?
	same "an interrupt ends it" 130 "$status"
	prints "and is said" 1 '^interrupted after 0:[0-9]+, with 0 of 1 groups done$'
	sleep 0.2
	same "the groups' programs end, too" "" "$(ps -o stat= -p "$(<"$TREE/marks/child")" | grep -v Z)"
}

mistakes() {
	fresh
	group a/one <<<'echo PASS one'
	run --nonsense
	ends "an unknown option" 2 'ci/tests/run: to cure: see ci/tests/run --help'
	run --jobs 0
	ends "no jobs" 2 'ci/tests/run: to cure: see ci/tests/run --help'
	run --only
	ends "--only without a pattern" 2 'ci/tests/run: to cure: see ci/tests/run --help'
	run --help
	prints "--help names the options" 1 'ci/tests/run \[--all\] \[--list\]'
	prints "--help ends where the text does" 0 'set -euo'
}

verdicts
liars
tiers
order
progress
interruption
mistakes
cases_end
