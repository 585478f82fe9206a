#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Debian's other armhf kernels, unmodified, to user space: those of 6.1 and of bookworm-backports'
# 6.12 whose tables are long descriptors, and the newest that Debian has, with such tables as well, on a host with the newest.
# The first tier has 6.12's on an ARMv7 host and the newest on an arm64 one.
# --all: more of these pairs, other flavours, and 5.10.
# test-cost: 130
# test-cost-all: 500
# test-timeout: 4800
# test-timeout-all: 9000
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

# As they are distributed.
KERNEL_FILE=vmlinuz

# kernel HOST KERNEL FLAVOUR MACHINE [HOSTKERNEL]: boots it and looks at what it says it is.
kernel() {
	local name="$1${5:+, $5}: $2 on $4" version=${2%-lpae}
	if [[ $2 == newest* ]]; then version=$("$TOP/scripts/kernels.sh" kver armhf "$2"); fi
	guest_in_host "$name" "$1" "$2" ${5:+--kernel "$5"} --timeout 1400 -- -M "$4" -cpu "$(host_cpu "$1")" -m 256 \
		-nic none -no-reboot -append "'$GUEST_WORDS'" || return 0
	has "$name: the guest reaches user space" '^guest: user space reached' 1
	has "$name: the guest is the kernel that was meant" "^guest: Linux ${version//+/.}[^ ]* armv7l" 1
	has "$name: it is of the flavour that was meant" "^guest: Linux [^ ]*-$3 armv7l" 1
	has "$name: the guest powers off" 'reboot: Power down' 1
}

hosts armv7-a15 arm64-a72
for host in "${HOSTS[@]}"; do
	if all_variants; then
		kernel "$host" 6.12 armmp virt,highmem=off
		if [[ $host == armv7-* ]]; then kernel "$host" 6.1-lpae armmp-lpae virt,highmem=off; fi
		kernel "$host" 7.2-lpae armmp-lpae virt
		kernel "$host" 6.1-lpae armmp-lpae virt
	fi
	if [[ $host == armv7-* ]] || all_variants; then kernel "$host" 6.12-lpae armmp-lpae virt; fi
	if [[ $host == armv7-* ]] && ! all_variants; then continue; fi
	"$TOP/scripts/kmod.sh" build "$(host_arch "$host")" newest >/dev/null
	kernel "$host" newest-lpae armmp-lpae virt newest
	if all_variants; then
		kernel "$host" newest armmp virt,highmem=off newest
		"$TOP/scripts/kmod.sh" build "$(host_arch "$host")" 5.10 >/dev/null
		kernel "$host" 5.10 armmp virt,highmem=off 5.10
	fi
done
cases_end
