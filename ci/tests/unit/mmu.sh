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

# shellcheck source=ci/lib/unit.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/unit.sh"

UNIT=(-j "$(nproc)" -C "$TOP/kmod/tests/mmu" -f mmu.mk)
SEED=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')

printf 'seed %s: make -C kmod/tests/mmu -f mmu.mk mmu-check SEED=%s\n' "$SEED" "$SEED"
unit_cases mmu-check SEED="$SEED" SECONDS="$(by_tier 8 480)"

if ! command -v clang >/dev/null; then
	skip "unit: mmu-fuzz" "clang is not installed"
elif unit_make mmu-fuzz SECONDS="$(by_tier 5 200)"; then
	pass "unit: mmu-fuzz"
else
	fail "unit: mmu-fuzz" "$(grep -m 1 -E 'FAULT|ERROR|SUMMARY|error' "$SCRATCH/out" || tail -n 1 "$SCRATCH/out")"
fi

if ! command -v patch >/dev/null; then
	skip "unit: mmu-seeds" "patch is not installed"
else
	unit_cases mmu-seeds
fi

cases_end
