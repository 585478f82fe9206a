#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Real libvirtd and virt-install, 9.0 of Debian 12 and 11.3 of Debian 13, in emulated hosts without
# KVM: a domain of type 'kvm' with the emulator qemu-system-arm-kvm and Debian's kernel is defined,
# started, watched, suspended, saved, given devices, reset, rebooted, shut down, started by libvirtd
# itself, migrated to a second libvirtd and ended (ci/lib/libvirt/session). libvirt's packages are
# unpacked only, so no service manager and no AppArmor.
#
# In pieces, by hand: ARMKVM_LIBVIRT='11.3' ARMKVM_HOSTS='arm64-a72' ARMKVM_LIBVIRT_PARTS='power migrate'
# (of life power migrate install firmware no-module).
# test-tier: 2
# test-cost: 1800
# test-timeout: 7200
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

HOST_KERNEL=6.1
SHARE=$SCRATCH/share

# image LIBVIRT ARCH: a disk with libvirt, the emulator and the guest.
image() {
	rm -rf "$SCRATCH/tree" "$SCRATCH/root.img"
	"$TOP/ci/lib/libvirt/tree" "$1" "$2" "$QEMU_BUILD/qemu-$2/qemu-system-arm" "$SCRATCH/tree" || return
	truncate -s 3G "$SCRATCH/root.img"
	PATH=$PATH:/usr/sbin:/sbin mke2fs -q -F -t ext4 -E lazy_itable_init=1 -d "$SCRATCH/tree" "$SCRATCH/root.img" || return
	rm -rf "$SCRATCH/tree"
}

libvirt() { # LIBVIRT HOST
	local arch
	arch=$(host_arch "$2")
	if [[ ! -x $QEMU_BUILD/qemu-$arch/qemu-system-arm ]]; then
		fail "QEMU for $arch" "it is not built; ./configure-wrapper.sh build --host $arch"
		return
	fi
	if ! image "$1" "$arch" >"$SCRATCH/image.log" 2>&1; then
		sed 's/^/    | /' "$SCRATCH/image.log"
		fail "a disk with libvirt $1 for $arch" "$(tail -n 1 "$SCRATCH/image.log")"
		return
	fi
	# (without crc32c's module the kernel doesn't mount it, and says that there is no such file)
	host_test "libvirt $1 on $2" "$2" --kernel "$HOST_KERNEL" --smp 2 --mem 2500 --disk "$SCRATCH/root.img" \
		--module crc32c_generic --module ext4 --module tun --share "$SHARE" --timeout 3400 -- \
		sh /share/host "${PARTS[@]}"
}

read -ra PARTS <<<"${ARMKVM_LIBVIRT_PARTS:-life power migrate install firmware no-module}"
mkdir "$SHARE"
cp "$TOP"/ci/lib/libvirt/{host,session,other-host,domain.xml} "$SHARE/"
hosts arm64-a72
for libvirt in ${ARMKVM_LIBVIRT:-9.0 11.3}; do
	for host in "${HOSTS[@]}"; do libvirt "$libvirt" "$host"; done
done
cases_end
