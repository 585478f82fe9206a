#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The guest-table walk: unit tests under sanitizers, a short fuzz, and the
# comparison with the MMUs of an emulated Cortex-A15 and Cortex-A9.
#
# test-cost: 30
# test-cost-all: 90
# test-timeout: 300
# test-timeout-all: 900
set -euo pipefail

# shellcheck source=ci/lib/cases.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/cases.sh"

WALK=$TOP/kmod/tests/walk
# The seeds that every run has; a fresh one comes on top.
SEEDS="1 2 3 $(od -An -N4 -tu4 /dev/urandom | tr -d ' ')"

# walk_make TARGET ARG...: builds and runs into $SCRATCH/out; the log has all of it.
walk_make() {
	local status=0
	make -s -C "$WALK" -f walk.mk "$@" >"$SCRATCH/out" 2>&1 || status=$?
	sed 's/^/    | /' "$SCRATCH/out"
	return "$status"
}

# walk_cases TARGET ARG...: for a target that prints case lines itself.
walk_cases() {
	local status=0
	walk_make "$@" || status=$?
	grep -E '^(PASS|FAIL) ' "$SCRATCH/out" >"$SCRATCH/cases" || true
	if [[ -s $SCRATCH/cases ]]; then
		relay unit "$SCRATCH/cases"
	fi
	# A build error, or a sanitizer's end of the program, has no FAIL line.
	if ((status)) && ! grep -q '^FAIL ' "$SCRATCH/cases"; then
		fail "unit: $1" "$(grep -v '^[[:space:]]*$' "$SCRATCH/out" | tail -n 1)"
	fi
}

walk_cases walk-check

if ! command -v clang >/dev/null; then
	skip "unit: walk-fuzz" "clang is not installed"
elif walk_make walk-fuzz SECONDS="$(by_tier 8 120)"; then
	pass "unit: walk-fuzz"
else
	fail "unit: walk-fuzz" "$(grep -m 1 -E 'ERROR|SUMMARY|error' "$SCRATCH/out" || tail -n 1 "$SCRATCH/out")"
fi

if ! command -v arm-linux-gnueabihf-gcc >/dev/null ||
	! command -v qemu-system-arm >/dev/null; then
	skip "unit: walk-oracle" "needs gcc-arm-linux-gnueabihf and qemu-system-arm"
else
	walk_cases walk-oracle SEEDS="$SEEDS"
fi

cases_end
