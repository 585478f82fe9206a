#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Guest CPU, decoder, emulator, loads and stores, patcher: unit tests under
# sanitizers, a short fuzz, and the comparisons with binutils and with an emulated
# Cortex-A15.
#
# test-cost: 45
# test-cost-all: 95
# test-timeout: 400
# test-timeout-all: 1200
set -euo pipefail

# shellcheck source=ci/lib/unit.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/unit.sh"

UNIT=(-C "$TOP/kmod/tests/insn" -f insn.mk)
# A seed that every run has, and a fresh one, which the case lines name.
SEEDS="1 $(od -An -N"$(by_tier 4 16)" -tu4 /dev/urandom | tr -s ' ')"

# have NAME COMMAND...: false, with the case counted as skipped, if one is missing.
have() {
	local name=$1 tool
	shift
	for tool in "$@"; do
		if ! command -v "$tool" >/dev/null; then
			skip "unit: $name" "$tool is not installed"
			return 1
		fi
	done
}

unit_cases insn-check

if have insn-fuzz clang; then
	if unit_make insn-fuzz SECONDS="$(by_tier 8 120)"; then
		pass "unit: insn-fuzz"
	else
		fail "unit: insn-fuzz" "$(grep -m 1 -E 'ERROR|SUMMARY|error' "$SCRATCH/out" || tail -n 1 "$SCRATCH/out")"
	fi
fi

if have insn-decode-oracle python3 arm-linux-gnueabihf-as arm-linux-gnueabihf-objdump; then
	unit_cases insn-decode-oracle SEEDS="$SEEDS"
fi

# Guests with code of both sets in a page, judged from each place where they may be entered.
JUDGED=(user exceptions modes irq psci selfmod saved short-cuts)
if have "nothing sensitive is left" arm-linux-gnueabihf-gcc; then
	if ! unit_make patch-eval; then
		fail "unit: nothing sensitive is left" "patch-eval is not built: $(tail -n 1 "$SCRATCH/out")"
	else
		for guest in "${JUDGED[@]}" "${JUDGED[@]/%/.thumb}"; do
			name="unit: nothing sensitive is left in $guest, no data is replaced"
			if ! "$TOP/scripts/bare-guest.sh" --elf "$guest" "$SCRATCH/bare" >"$SCRATCH/elf" 2>&1; then
				fail "$name" "$(tail -n 1 "$SCRATCH/elf")"
			elif "$BUILD/tests/insn/patch-eval" -v -e "$(cat "$SCRATCH/elf")" >"$SCRATCH/judged" 2>&1; then
				pass "$name"
			else
				fail "$name" "$(head -n 1 "$SCRATCH/judged")"
			fi
		done
	fi
fi

if have insn-oracle arm-linux-gnueabihf-gcc qemu-system-arm; then
	for seed in $SEEDS; do
		unit_cases insn-oracle SEEDS="$seed"
	done
fi

cases_end
