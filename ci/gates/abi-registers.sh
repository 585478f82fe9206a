#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tables of kernel-abi/doc/registers.rst are the golden register list, and
# the golden list's ids say what they name.
# test-cost: 1
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/cases.sh"

GOLDEN=$TOP/kernel-abi/tests/reg-list.golden
PAGE=$TOP/kernel-abi/doc/registers.rst

golden_lines() { grep -E '^0x' "$GOLDEN"; }

# The size is in the id (bits 55..52) and in the second column.
check_sizes() {
	local id size rest
	: >"$SCRATCH/sizes"
	while read -r id size rest; do
		((1 << ((id >> 52) & 15) == size)) || printf '%s %s %s\n' "$id" "$size" "$rest" >>"$SCRATCH/sizes"
	done < <(golden_lines)
	expect_empty "sizes in the golden register list" "not the id's" "$SCRATCH/sizes"
}

golden_lines | awk '{ print $1, $3 }' | sort >"$SCRATCH/golden"
grep -E '^0x[0-9a-f]{16} ' "$PAGE" | awk '{ print $1, $2 }' | sort >"$SCRATCH/page"
comm -3 "$SCRATCH/golden" "$SCRATCH/page" >"$SCRATCH/diff"
expect_empty "registers.rst has the golden register list" "only in the golden list (left) or the page (right)" "$SCRATCH/diff"

awk '{ print $1 }' "$SCRATCH/golden" | uniq -d >"$SCRATCH/twice"
expect_empty "ids in the golden register list" "twice" "$SCRATCH/twice"
check_sizes
if (($(wc -l <"$SCRATCH/golden") < 100)); then fail "golden register list" "hardly anything in it"; fi
cases_end
