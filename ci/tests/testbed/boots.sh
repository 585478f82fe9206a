#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# test-cost: 40
# test-cost-all: 40
# test-timeout: 900
#
# Every host boots to its command with both kernels, with one and several CPUs,
# in less than 30 s.
set -euo pipefail
# shellcheck source=ci/tests/testbed/common.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/common.bash"

# boot HOST KERNEL SMP MACHINE [OPTION...]
boot() {
	local host=$1 kernel=$2 smp=$3 machine=$4 name seconds load
	shift 4
	name="$host, Linux $kernel, $smp CPUs${*:+, $*}"
	check "$name boots" 0 bed "$host" --kernel "$kernel" --smp "$smp" --verbose "$@" -- \
		sh -c 'uname -m; uname -r; nproc'
	same_text "$name is what was asked for" "$machine $kernel. $smp" \
		"$(sed -E '2s/^(6\.[0-9]+\.).*/\1/' "$SCRATCH/out" | tr '\n' ' ' | sed 's/ $//')"
	seconds=$(sed -nE 's/.*command started after ([0-9]+)\..*/\1/p' "$SCRATCH/err")
	load=$(cut -d. -f1 /proc/loadavg)
	if [[ -n $seconds ]] && ((seconds < 30)); then
		pass "$name starts the command in time"
	elif [[ -n $seconds ]] && ((load > 3 * $(nproc))); then
		skip "$name starts the command in time" "after $seconds s, but this machine is too busy to tell (load $load)"
	else
		fail "$name starts the command in time" "after ${seconds:-no} s"
	fi
}

# The first tier has each host and each kernel of both architectures once.
boot armv7-a15 6.12 2 armv7l
boot armv7-a9 6.1 4 armv7l
boot arm64-a72 6.1 1 aarch64
boot arm64-n1 6.12 4 aarch64
if all_variants; then
	boot armv7-a15 6.1 2 armv7l
	boot armv7-a9 6.1 1 armv7l
	boot armv7-a9 6.12 1 armv7l
	boot arm64-a72 6.12 1 aarch64
	boot arm64-n1 6.1 4 aarch64
fi

check "--virt gives real KVM" 0 bed arm64-a72 --virt -- test -c /dev/kvm
check "without --virt there is none" 1 bed arm64-a72 -- test -c /dev/kvm
check "a kernel by its package" 0 bed arm64-n1 --kernel \
	"linux-image-$("$TOP/scripts/kernels.sh" kver arm64 6.1)" -- true
check "a kernel that does not exist" 125 bed arm64-n1 --kernel 9.9 -- true
cases_end
