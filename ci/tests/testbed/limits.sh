#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# test-tier: 2
# test-cost: 60
#
# Timeouts, a testbed that is killed, several side by side: nothing stays behind.
set -euo pipefail
# shellcheck source=ci/tests/testbed/common.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/common.bash"

# start: a testbed in the background whose command runs; sets PID.
start() {
	local n
	rm -f "$SCRATCH/started"
	# A shell without job control starts its jobs with SIGINT ignored.
	env --default-signal=INT "$TOP/ci/testbed" --no-qemu --no-module --no-tty --host arm64-a72 -- \
		sh -c 'echo started; sleep 300' >"$SCRATCH/started" 2>"$SCRATCH/err" </dev/null &
	PID=$!
	for ((n = 0; n < 600; n++)); do
		if [[ -s $SCRATCH/started ]]; then return; fi
		sleep 0.1
	done
	fail "a testbed in the background" "its command didn't start"
}

# ended_by SIGNAL STATUS
ended_by() {
	local status=0
	start
	check "before SIG$1 there is an emulator" 0 test -n "$(outer_pids "$PID")"
	kill -"$1" "$PID"
	{ wait "$PID" || status=$?; } 2>/dev/null
	same_text "SIG$1 ends the testbed" "$2" "$status"
	sleep 0.5
	same_text "and the emulator, after SIG$1" "" "$(outer_pids "$PID")"
}

check "a timeout" 124 bed arm64-a72 --timeout 10 -- sh -c 'echo before; sleep 1000'
has "says so" '^testbed: timeout: killed after 10 s' "$SCRATCH/err"
has "shows the console" 'Run /init' "$SCRATCH/err"
same_text "what came before it is there" before "$(<"$SCRATCH/out")"
check "a timeout in counted time" 124 bed armv7-a15 --icount --timeout 15 -- \
	sh -c 'while :; do :; done'
# shellcheck disable=SC2016 # for the shell that it goes to
check "a timeout with a reader who stopped reading" 124 bash -c \
	'set -o pipefail; "$1" --no-qemu --no-module --host arm64-a72 --timeout 10 -- yes | sleep 20' - "$TOP/ci/testbed"
# shellcheck disable=SC2016 # for the shell that it goes to
check "a reader who went away" 141 bash -c \
	'set -o pipefail; "$1" --no-qemu --no-module --host arm64-a72 -- yes | head -n 1' - "$TOP/ci/testbed"

ended_by TERM 143
ended_by INT 130
ended_by KILL 137
check "leftovers of a killed one" 0 bed arm64-a72 -- true
same_text "are removed by the next" "" "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name "armkvm-testbed.$PID.*")"

pids=()
for n in 1 2 3 4; do
	bed arm64-a72 -- sh -c "sleep 1; exit 1$n" </dev/null >"$SCRATCH/par$n" 2>&1 &
	pids+=($!)
done
for n in 1 2 3 4; do
	status=0
	wait "${pids[n - 1]}" || status=$?
	same_text "side by side: number $n" "1$n" "$status"
done
cases_end
