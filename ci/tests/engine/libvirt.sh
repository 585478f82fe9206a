#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Real libvirtd (of this machine's Debian release) in an emulated arm64 host without KVM: a domain
# of type 'kvm' with the emulator qemu-system-arm-kvm and Debian's kernel is defined, started,
# watched, suspended, saved, given a disk, reset and ended (ci/lib/libvirt/session). libvirt's
# packages are unpacked only, so no service manager and no AppArmor.
# test-tier: 2
# test-cost: 900
# test-timeout: 3600
set -euo pipefail
# shellcheck source=ci/lib/hosts.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/hosts.sh"
# shellcheck source=ci/lib/libvirt/tree.sh
source "$TOP/ci/lib/libvirt/tree.sh"

HOST_KERNEL=6.1
TREE=$SCRATCH/tree
SHARE=$SCRATCH/share

# image: a disk with libvirt, the emulator and the guest.
image() {
	libvirt_tree arm64 qemu-arm64 "$TREE"
	truncate -s 2G "$SCRATCH/root.img"
	PATH=$PATH:/usr/sbin:/sbin mke2fs -q -F -t ext4 -E lazy_itable_init=1 -d "$TREE" "$SCRATCH/root.img"
	rm -rf "$TREE"
}

if [[ ! -x $BUILD/qemu-arm64/qemu-system-arm ]]; then
	fail "QEMU for arm64" "it is not built; ./configure-wrapper.sh build --host arm64"
	cases_end
fi
if ! image >"$SCRATCH/image.log" 2>&1; then
	sed 's/^/    | /' "$SCRATCH/image.log"
	fail "a disk with libvirt" "$(tail -n 1 "$SCRATCH/image.log")"
	cases_end
fi
mkdir "$SHARE"
cp "$TOP"/ci/lib/libvirt/{host,session,domain.xml} "$SHARE/"
host_test "libvirt on arm64-a72" arm64-a72 --kernel "$HOST_KERNEL" --smp 2 --mem 2500 --disk "$SCRATCH/root.img" \
	--module ext4 --module tun --share "$SHARE" --timeout 3400 -- sh /share/host
cases_end
