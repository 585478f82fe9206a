#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Real KVM beside armkvm on hosts that start at EL2: -accel kvm:armkvm:tcg picks KVM where the
# cores have AArch32 at EL1 and boots Debian's 32-bit kernel on it; elsewhere one line says why
# not, and armkvm runs. Hosts without EL2 are in startup.sh.
# test-cost: 35
# test-timeout: 900
set -euo pipefail
# shellcheck source=ci/lib/boot.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/boot.sh"

STARTUP=(--add "$TOP/ci/lib/startup-in-host:/startup" --add "$TOP/packaging/bin/armkvm-ok:/bin/armkvm-ok")

# on_kvm HOST: the order in all its forms, then a whole guest.
on_kvm() {
	local host=$1 guest status=0
	guest=$("$TOP/scripts/guest-initramfs.sh" 6.1)
	in_host "$SCRATCH/out" "$host" --virt --icount --share "$guest" --timeout 600 "${STARTUP[@]}" -- \
		sh -c "sh /startup kvm && exec qemu-system-arm -accel kvm:armkvm:tcg -M virt,highmem=off -cpu host \
			-m 256 -nic none -nographic -no-reboot -kernel /share/vmlinuz -initrd /share/initramfs.gz \
			-append '$GUEST_WORDS'" ||
		status=$?
	guest_ran "$host with KVM" "QEMU" "$status"
	has "$host with KVM: nothing falls back" '^qemu-system-arm: KVM cannot start' 0
	host_verdict "$host with KVM" "$SCRATCH/out" "$status"
}

# debugged_on_kvm HOST: breakpoints and steps in 32-bit code, which KVM's QEMU code had none for.
debugged_on_kvm() {
	debug_image
	debug_session "$1 with KVM: gdbstub" steps "$TOP/ci/testbed" --host "$1" --virt --no-load --no-tty \
		--share "$DEBUG_IMAGE" --timeout 300 -- \
		qemu-system-arm "${DEBUG_OPTIONS[@]}" -cpu host -accel kvm -kernel /share/debug.bin
}

on_kvm arm64-a72
debugged_on_kvm arm64-a72
host_test "arm64-n1 with EL2" arm64-n1 --virt --timeout 300 "${STARTUP[@]}" -- \
	sh /startup kvm 'no AArch32 at EL1' 'AArch32 at EL0 only'
cases_end
