#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The module's GIC, generic timer and PSCI: unit tests under sanitizers, random
# accesses against a plain model, and the GIC against QEMU's.
#
# test-cost: 25
# test-timeout: 240
set -euo pipefail

# shellcheck source=ci/lib/cases.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/cases.sh"

IRQ=$TOP/kmod/tests/irq
# The seeds that every run has; a fresh one comes on top.
SEEDS="1 2 $(od -An -N4 -tu4 /dev/urandom | tr -d ' ')"

# irq_cases TARGET ARG...: builds and runs a target that prints case lines.
irq_cases() {
	local status=0
	make -s -C "$IRQ" -f irq.mk "$@" >"$SCRATCH/out" 2>&1 || status=$?
	relay unit "$SCRATCH/out"
	# A build error, or a sanitizer's end of the program, has no FAIL line.
	if ((status)) && ! grep -q '^FAIL ' "$SCRATCH/out"; then
		fail "unit: $1" "$(grep -v '^[[:space:]]*$' "$SCRATCH/out" | tail -n 1)"
	fi
}

irq_cases irq-check

if ! command -v qemu-system-arm >/dev/null && [[ ! -x $BUILD/qemu-native/qemu-system-arm ]]; then
	skip "unit: irq-oracle" "needs qemu-system-arm"
else
	irq_cases irq-oracle SEEDS="$SEEDS"
fi

cases_end
