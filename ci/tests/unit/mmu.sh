#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The shadow MMU, under sanitizers, against a model of a TLB that holds only what the manual
# allows: random guests, hosts and slot changes, with vCPUs that change places at every lock; a
# short fuzz; and faults put into a copy of the code, each of which has to be found.
#
# test-cost: 60
# test-cost-all: 1250
# test-timeout: 900
# test-timeout-all: 3600
set -euo pipefail

# shellcheck source=ci/lib/cases.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/cases.sh"

MMU=$TOP/kmod/tests/mmu
SEED=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')

# mmu_make TARGET ARG...: builds and runs into $SCRATCH/out; the log has all of it.
mmu_make() {
	local status=0
	make -s -j "$(nproc)" -C "$MMU" -f mmu.mk "$@" >"$SCRATCH/out" 2>&1 || status=$?
	sed 's/^/    | /' "$SCRATCH/out"
	return "$status"
}

# mmu_cases TARGET ARG...: for a target that prints case lines itself.
mmu_cases() {
	local status=0
	mmu_make "$@" || status=$?
	grep -E '^(PASS|FAIL) ' "$SCRATCH/out" >"$SCRATCH/cases" || true
	if [[ -s $SCRATCH/cases ]]; then
		relay unit "$SCRATCH/cases"
	fi
	# A build error has no FAIL line.
	if ((status)) && ! grep -q '^FAIL ' "$SCRATCH/cases"; then
		fail "unit: $1" "$(grep -v '^[[:space:]]*$' "$SCRATCH/out" | tail -n 1)"
	fi
}

printf 'seed %s: make -C kmod/tests/mmu -f mmu.mk mmu-check SEED=%s\n' "$SEED" "$SEED"
mmu_cases mmu-check SEED="$SEED" SECONDS="$(by_tier 8 480)"

if ! command -v clang >/dev/null; then
	skip "unit: mmu-fuzz" "clang is not installed"
elif mmu_make mmu-fuzz SECONDS="$(by_tier 5 200)"; then
	pass "unit: mmu-fuzz"
else
	fail "unit: mmu-fuzz" "$(grep -m 1 -E 'FAULT|ERROR|SUMMARY|error' "$SCRATCH/out" || tail -n 1 "$SCRATCH/out")"
fi

if ! command -v patch >/dev/null; then
	skip "unit: mmu-seeds" "patch is not installed"
else
	mmu_cases mmu-seeds
fi

cases_end
