#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The engine on every kind of host: Debian's unmodified armmp kernel boots to user space and
# powers off, with no emulator to fall back to. On an arm64 host by a 32-bit QEMU.
# With --all also on 32-bit real-time kernels, and some bare guests there (arm64's are in engine/hosts-arm64); and a kernel
# in Thumb-2 code, which wants some eight minutes of a compiler: in the first tier Thumb kernels are engine/bare-* and engine/uefi.
# test-cost: 30
# test-cost-all: 190
# test-timeout: 3000
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

# The launcher of an armhf system on an arm64 kernel (a container, a phone).
launcher_32bit() { # HOST
	local share=$SCRATCH/armhf
	if [[ ! -x $BUILD/qemu-armhf/qemu-system-arm ]]; then
		fail "$1: a 32-bit QEMU" "it is not built; ./configure-wrapper.sh build --host armhf"
		return
	fi
	mkdir -p "$share"
	cp -R "$BUILD/runtime-armhf/usr/lib" "$share/lib"
	arm-linux-gnueabihf-strip -o "$share/qemu" "$BUILD/qemu-armhf/qemu-system-arm"
	LINUX_NAME='a 32-bit QEMU' LINUX_SHARE=$share LINUX_QEMU='/share2/lib/ld-linux-armhf.so.3 --library-path /share2/lib/arm-linux-gnueabihf /share2/qemu' \
		linux_guest "$1" host
}

real_time() { # HOST
	local kernel
	for kernel in 6.1-rt 6.12-rt; do
		"$TOP/scripts/kmod.sh" build armhf "$kernel" >/dev/null
		bare_table "$1" host --kernel "$kernel" <<<exceptions,mmu-short,mmu-long,irq,selfmod
		LINUX_HOST="--kernel $kernel" LINUX_NAME="--kernel $kernel" linux_guest "$1" host
	done
}

# In the first tier other groups boot that guest on these hosts: boot/demo-*, engine/devices.
hosts armv7-a15 arm64-a72 arm64-n1
for host in "${HOSTS[@]}"; do
	if [[ -n ${ARMKVM_HOSTS:-} ]] || all_variants; then linux_guest "$host" "$(host_cpu "$host")"; fi
	if all_variants; then
		LINUX_KERNEL=6.1-thumb2-plain LINUX_NAME='a Thumb-2 kernel' linux_guest "$host" "$(host_cpu "$host")"
	fi
	[[ $host != arm64-n1 ]] || launcher_32bit "$host"
	if [[ $host == armv7-* ]] && all_variants; then real_time "$host"; fi
done
cases_end
