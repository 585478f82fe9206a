#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The engine on ARMv7 hosts (armv7-a15, armv7-a9): loads and stores with exact_unpriv=1, so
# that LDRT and its relatives have User mode's rights; the other bare guests on a Cortex-A9.
# test-cost: 90
# test-timeout: 900
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

# no_exact_copies HOST: a parameter that needs what the cores don't have is refused by name.
no_exact_copies() {
	local status=0
	in_host "$SCRATCH/out" "$1" --no-load --no-qemu --timeout 100 -- \
		sh -c "$LOAD exact_copies=1 2>/dev/null && exit 3; dmesg | grep 'exact_copies=1 needs execute-only mappings'" ||
		status=$?
	if ((status)); then
		fail "$1: exact_copies=1 is refused" "status $status"
	else
		pass "$1: exact_copies=1 is refused"
	fi
}

no_exact_copies armv7-a15
LOAD="$LOAD exact_unpriv=1"
bare_guests armv7-a15 cortex-a15 ldst
bare_guests armv7-a9 host exceptions mmu-short psci
cases_end
