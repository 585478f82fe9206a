#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# test-cost: 60
# test-cost-all: 60
#
# --icount: two runs of the same command give the same figures to the digit.
set -euo pipefail
# shellcheck source=ci/tests/testbed/common.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/common.bash"

arm-linux-gnueabihf-gcc -O2 -static -DGENERIC_TIMER -o "$SCRATCH/clock-armv7-a15" "$TOP/ci/tests/testbed/clock.c"
arm-linux-gnueabihf-gcc -O2 -static -o "$SCRATCH/clock-armv7-a9" "$TOP/ci/tests/testbed/clock.c"
aarch64-linux-gnu-gcc -O2 -static -o "$SCRATCH/clock-arm64-a72" "$TOP/ci/tests/testbed/clock.c"
cp "$SCRATCH/clock-arm64-a72" "$SCRATCH/clock-arm64-n1"
echo "some input" >"$SCRATCH/input"
mkdir "$SCRATCH/share"
head -c 100000 /dev/urandom >"$SCRATCH/share/data"

# twice HOST [OPTION...]: the second run has company that takes CPU time.
twice() {
	local host=$1 name="$*" company
	check "$name: first run" 0 bed "$@" --icount --share "$SCRATCH/share" \
		--add "$SCRATCH/clock-$host:/bin/clock" --add "$TOP/ci/tests/testbed/in-host/figures:/figures" -- sh /figures \
		<"$SCRATCH/input"
	cp "$SCRATCH/out" "$SCRATCH/first"
	timeout 60 sh -c 'while :; do :; done' &
	company=$!
	check "$name: second run" 0 bed "$@" --icount --share "$SCRATCH/share" \
		--add "$SCRATCH/clock-$host:/bin/clock" --add "$TOP/ci/tests/testbed/in-host/figures:/figures" -- sh /figures \
		<"$SCRATCH/input"
	kill "$company"
	wait "$company" 2>/dev/null || :
	same_files "$name: the same to the digit" "$SCRATCH/first" "$SCRATCH/out"
	has "$name: input came in" '^some input' "$SCRATCH/out"
}

twice armv7-a15
if all_variants; then
	twice armv7-a9
	twice arm64-a72
fi
twice arm64-n1 --kernel 6.12

# Two clocks of one run: work of a million rounds takes that many instructions
# of time, a pause takes none of the outer machine's.
mapfile -t real < <(sed -nE 's/^(start|work|pause) [0-9]+ ([0-9]+)\.([0-9]+) .*/\2\3/p' "$SCRATCH/first" | head -n 3)
work=$((real[1] - real[0])) pause=$((real[2] - real[1]))
if ((work > 1000000 && work < 50000000)); then pass "work takes its instructions' time"; else fail "work takes its instructions' time" "$work ns"; fi
if ((pause > 2345678901 && pause < 2400000000)); then pass "a pause takes the time that it says"; else fail "a pause takes the time that it says" "$pause ns"; fi

check "several CPUs, Armv7" 0 bed armv7-a15 --icount --smp 2 -- sh -c 'nproc; cat /proc/uptime; (while :; do :; done) & sleep 3'
has "both of them" '^2$' "$SCRATCH/out"
check "several CPUs, arm64" 0 bed arm64-n1 --icount --smp 4 -- nproc
check "a terminal and counted time" 125 bed arm64-a72 --icount --tty -- true
check "counted time without a command" 125 bed arm64-a72 --icount
cases_end
