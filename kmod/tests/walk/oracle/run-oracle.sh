#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Compares the table walk with the MMU of emulated cores.
#
#   run-oracle.sh DIR QEMU SEED...
#
# DIR holds what walk.mk builds, and gets the cases and the results. A case file
# is 120,000 cases, about a second a core. Prints PASS or FAIL for each board and
# seed, with the comparison's output before a FAIL; the exit status tells as well.
set -euo pipefail

dir=${1:?the build directory}
qemu=${2:?the emulator}
shift 2
# A hung guest is an error of the walk too: it predicted no fault where one was.
limit=60
failed=0

# qemu_major: the emulator's major version; from 9 on it knows SCTLR.WXN in the
# Short-descriptor format.
qemu_major() {
	"$qemu" --version | sed -n 's/^QEMU emulator version \([0-9]*\)\..*/\1/p'
}

# machine BOARD: sets the emulator's arguments and where RAM starts.
machine() {
	case $1 in
	virt*)
		ram=0x40000000
		args=(-M "virt,secure=on" -cpu cortex-a15)
		;;
	vexpress)
		ram=0x60000000
		args=(-M vexpress-a9 -cpu cortex-a9)
		;;
	esac
}

# run BOARD SEED: 0 when every case agrees.
run() {
	local cases=$dir/cases-$1-$2.bin results=$dir/results-$1-$2.bin status=0
	machine "$1"
	"$dir/walk-oracle" gen "$1" "$2" "$cases" || return 1
	# vexpress has a sound device; -nodefaults would leave it without a driver
	QEMU_AUDIO_DRV=none timeout "$limit" "$qemu" "${args[@]}" -m 128 \
		-net none -display none -serial none -monitor none \
		-semihosting-config enable=on,target=native \
		-kernel "$dir/guest-$ram.elf" \
		-device "loader,file=$cases,addr=$((ram + 0x200000)),force-raw=on" \
		>"$results" || status=$?
	if ((status)); then
		printf 'the emulator ended with status %d (124: no end in %d s)\n' \
			"$status" "$limit"
		return 1
	fi
	"$dir/walk-oracle" check "$1" "$2" "$results" || return 1
	rm -f -- "$cases" "$results"
}

boards=(virt vexpress)
major=$(qemu_major)
if ((${major:-0} >= 9)); then boards[0]=virt-wxn; fi

for seed in "$@"; do
	for board in "${boards[@]}"; do
		name="walk-oracle $board seed $seed"
		if out=$(run "$board" "$seed" 2>&1); then
			printf '%s\nPASS %s\n' "$(grep ' cases,' <<<"$out")" "$name"
		else
			printf '%s\nFAIL %s: the walk and the emulator differ\n' "$out" "$name"
			failed=1
		fi
	done
done
exit "$failed"
