#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Copies the two contract headers from kernel-abi/ into the QEMU overlay, byte
# for byte: QEMU must build without the rest of this repository beside it.
#
#   scripts/sync-abi.sh           copy what differs
#   scripts/sync-abi.sh --check   change nothing; exit 1 and name what differs
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
abi=kernel-abi/include/uapi
overlay=accel-armkvm/overlay/linux-headers/linux
headers=("$abi/linux/armkvm.h" "$abi/asm/armkvm_para.h")

usage() {
	echo "usage: scripts/sync-abi.sh [--check]" >&2
	exit 2
}

copy() {
	local from=$1 to=$2

	cmp -s "$root/$from" "$root/$to" && return
	mkdir -p "$(dirname "$root/$to")"
	cp "$root/$from" "$root/$to"
	echo "copied $from to $to"
}

check() {
	local from=$1 to=$2

	cmp -s "$root/$from" "$root/$to" && return
	echo "$to is not the same as $from: run scripts/sync-abi.sh" >&2
	return 1
}

[[ $# -eq 0 || ( $# -eq 1 && $1 == --check ) ]] || usage

status=0
for header in "${headers[@]}"; do
	if [[ $# -eq 1 ]]; then
		check "$header" "$overlay/${header##*/}" || status=1
	else
		copy "$header" "$overlay/${header##*/}"
	fi
done
exit "$status"
