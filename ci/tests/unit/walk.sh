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

# shellcheck source=ci/lib/unit.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/unit.sh"

UNIT=(-C "$TOP/kmod/tests/walk" -f walk.mk)
# The seeds that every run has; a fresh one comes on top.
SEEDS="1 2 3 $(od -An -N4 -tu4 /dev/urandom | tr -d ' ')"

unit_cases walk-check

if ! command -v clang >/dev/null; then
	skip "unit: walk-fuzz" "clang is not installed"
elif unit_make walk-fuzz SECONDS="$(by_tier 8 120)"; then
	pass "unit: walk-fuzz"
else
	fail "unit: walk-fuzz" "$(grep -m 1 -E 'ERROR|SUMMARY|error' "$SCRATCH/out" || tail -n 1 "$SCRATCH/out")"
fi

if ! command -v arm-linux-gnueabihf-gcc >/dev/null ||
	! command -v qemu-system-arm >/dev/null; then
	skip "unit: walk-oracle" "needs gcc-arm-linux-gnueabihf and qemu-system-arm"
else
	unit_cases walk-oracle SEEDS="$SEEDS"
fi

cases_end
