#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A complete Debian 12 guest (scripts/guest-rootfs.sh): systemd brings it to a
# login prompt; network, apt, python3, gcc and openssl work in it (guest/debian/check).
# ARMKVM_VCPUS, ARMKVM_CPUS: how many CPUs guest and host have (1).
# test-cost: 200
# test-cost-all: 360
# test-timeout: 7200
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

SHARE=$SCRATCH/debian
ROOTFS=$("$TOP/scripts/guest-rootfs.sh")
mkdir "$SHARE"
cp -R "$ROOTFS/repo" "$SHARE/repo"
install -m 755 "$TOP/guest/debian/check" "$SHARE/check"

# The host serves the packages that the guest's apt is to install.
GUEST_BEFORE='busybox httpd -p 127.0.0.1:8000 -h /share2/repo'
GUEST_FILE=root.gz

debian() { # HOST HOST-CPUS VCPUS
	local name="Debian on $1, $3 vCPU(s)"
	guest_in_host "$name" "$1" 6.1 --smp "$2" --mem 1536 --disk "$ROOTFS/rootfs.img" --share "$SHARE" --timeout 7000 -- \
		-M virt,highmem=off -cpu "$(host_cpu "$1")" -m 512 -smp "$3" -no-reboot \
		-drive file=/dev/vda,format=raw,if=none,id=root,cache=unsafe -device virtio-blk-device,drive=root \
		-netdev user,id=net -device virtio-net-device,netdev=net \
		-fsdev local,id=share,path=/share2,security_model=none \
		-device virtio-9p-device,fsdev=share,mount_tag=share \
		-append "'console=ttyAMA0 quiet panic=-1 cryptomgr.notests audit=0 armkvm.run=check armkvm.repo'" || return 0
	has "$name: the login prompt" 'debian login:' 1
	has "$name: the checks have run to their end" '^guest: exit status 0' 1
	guest_cases "$name"
}

# dear as it is: one in the first tier
read -ra all < <(by_tier arm64-a72 "armv7-a15 arm64-a72")
hosts "${all[@]}"
for host in "${HOSTS[@]}"; do debian "$host" "${ARMKVM_CPUS:-1}" "${ARMKVM_VCPUS:-1}"; done
cases_end
