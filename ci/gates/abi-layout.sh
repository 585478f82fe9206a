#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The layout of the ABI headers is the golden one, for both hosts and for the
# build machine, and the golden file knows every name in them.
#
#   ci/gates/abi-layout.sh            the gate
#   ci/gates/abi-layout.sh --print    the layout, to be reviewed and put into the golden file
#
# test-cost: 2
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/cases.sh"

ABI=$TOP/kernel-abi
GOLDEN=$ABI/tests/layout.golden
HEADERS=("$ABI/include/uapi/linux/armkvm.h" "$ABI/include/uapi/asm/armkvm_para.h")

# layout COMPILER: the lines of layout.c; values as one hexadecimal number.
layout() {
	local name high low
	"$1" -Wall -Wextra -Werror -O0 -S -I "$ABI/include/uapi" -o "$SCRATCH/layout.s" "$ABI/tests/layout.c"
	sed -n 's/^->//p' "$SCRATCH/layout.s" | while read -r name high low; do
		if [[ $name == struct ]]; then
			printf 'struct %s %s\n' "$high" "$low"
		else
			printf '%s 0x%08x%08x\n' "$name" $((high & 0xffffffff)) $((low & 0xffffffff))
		fi
	done
}

# stripped FILE: without comments, continuation lines joined.
stripped() { sed -z 's/\\\n/ /g' "$1" | sed -E ':a;s|/\*[^*]*\*+([^/*][^*]*\*+)*/||g;/\/\*/{N;ba}'; }

# names FILE: macros with a numeric value, structures, and fields, one a line.
names() {
	stripped "$1" | sed -nE \
		-e 's/^#define[[:space:]]+([A-Z]\w+)[[:space:]]+[^"[:space:]].*/\1/p' \
		-e 's/^struct (\w+) \{.*/struct \1/p' \
		-e 's/^[[:space:]]+(__[us][0-9]+|char|struct \w+)[[:space:]]+(\w+)(\[.*\])?;.*/field \2/p' \
		-e 's/^[[:space:]]+\} (\w+);.*/field \1/p'
}

# golden_knows KIND NAME
golden_knows() {
	case $1 in
	struct) grep -qE "^struct $2 " "$GOLDEN" ;;
	field) grep -qE "^struct [A-Za-z0-9_.]+\.$2 " "$GOLDEN" ;;
	*) grep -qE "^$1 " "$GOLDEN" ;;
	esac
}

check_complete() {
	local header kind name count=0
	: >"$SCRATCH/unknown"
	for header in "${HEADERS[@]}"; do
		while read -r kind name; do
			count=$((count + 1))
			golden_knows "$kind" "$name" || printf '%s %s of %s\n' "$kind" "$name" "${header##*/}" >>"$SCRATCH/unknown"
		done < <(names "$header")
	done
	if ((count < 300)); then printf 'only %d names found in the headers: the search is broken\n' "$count" >>"$SCRATCH/unknown"; fi
	expect_empty "every name of the headers is in the golden layout" "not in layout.c and layout.golden" "$SCRATCH/unknown"
}

check_compiler() {
	if ! command -v "$1" >/dev/null; then
		fail "layout $2" "no compiler $1; apt-get install $3"
		return
	fi
	grep -v '^#' "$GOLDEN" >"$SCRATCH/golden"
	layout "$1" >"$SCRATCH/now"
	diff "$SCRATCH/golden" "$SCRATCH/now" >"$SCRATCH/diff" || true
	expect_empty "layout $2" "differs from layout.golden (< golden, > now)" "$SCRATCH/diff"
}

if [[ ${1:-} == --print ]]; then
	layout arm-linux-gnueabihf-gcc
	exit
fi
check_compiler arm-linux-gnueabihf-gcc armhf gcc-arm-linux-gnueabihf
check_compiler aarch64-linux-gnu-gcc arm64 gcc-aarch64-linux-gnu
check_compiler gcc "build machine" gcc
check_complete
cases_end
