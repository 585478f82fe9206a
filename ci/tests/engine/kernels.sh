#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Debian's other armhf kernels, unmodified, to user space: the 6.12 of
# bookworm-backports, and the flavours whose tables are long descriptors.
# test-cost: 420
# test-timeout: 4800
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

WORDS='console=ttyAMA0 quiet loglevel=3 panic=-1 cryptomgr.notests audit=0 apparmor=0 armkvm.show'

# kernel HOST KERNEL FLAVOUR MACHINE: boots it and looks at what it says it is.
kernel() {
	local name="$1: $2 on $4"
	guest_in_host "$name" "$1" "$2" --timeout 1400 -- -M "$4" -cpu "$(host_cpu "$1")" -m 256 \
		-nic none -no-reboot -append "'$WORDS'" || return 0
	has "$name: the guest reaches user space" '^guest: user space reached' 1
	has "$name: the guest is the kernel that was meant" "^guest: Linux ${2%-lpae}[^ ]*-$3 armv7l" 1
	has "$name: the guest powers off" 'reboot: Power down' 1
}

hosts armv7-a15 arm64-a72
for host in "${HOSTS[@]}"; do
	kernel "$host" 6.12 armmp virt,highmem=off
	[[ $host != armv7-* ]] || kernel "$host" 6.1-lpae armmp-lpae virt,highmem=off
	kernel "$host" 6.1-lpae armmp-lpae virt
	[[ $host != armv7-* ]] || kernel "$host" 6.12-lpae armmp-lpae virt
done
cases_end
