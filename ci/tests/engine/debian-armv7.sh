#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A complete Debian 12 guest (scripts/guest-rootfs.sh) on an ARMv7 host: systemd brings it to a
# login prompt; network, apt, python3, gcc and openssl work in it (guest/debian/check).
# test-cost: 240
# test-timeout: 7200
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

NAME='Debian on armv7-a15'
SHARE=$SCRATCH/debian
ROOTFS=$("$TOP/scripts/guest-rootfs.sh")
mkdir "$SHARE"
cp -R "$ROOTFS/repo" "$SHARE/repo"
install -m 755 "$TOP/guest/debian/check" "$SHARE/check"

# The host serves the packages that the guest's apt is to install.
GUEST_BEFORE='busybox httpd -p 127.0.0.1:8000 -h /share2/repo'
GUEST_FILE=root.gz
guest_in_host "$NAME" armv7-a15 6.1 --mem 1536 --disk "$ROOTFS/rootfs.img" --share "$SHARE" --timeout 7000 -- \
	-M virt,highmem=off -cpu cortex-a15 -m 512 -no-reboot \
	-drive file=/dev/vda,format=raw,if=none,id=root,cache=unsafe -device virtio-blk-device,drive=root \
	-netdev user,id=net -device virtio-net-device,netdev=net \
	-fsdev local,id=share,path=/share2,security_model=none \
	-device virtio-9p-device,fsdev=share,mount_tag=share \
	-append "'console=ttyAMA0 quiet panic=-1 cryptomgr.notests audit=0 armkvm.run=check armkvm.repo'" || cases_end
has "$NAME: the login prompt" 'debian login:' 1
has "$NAME: the checks have run to their end" '^guest: exit status 0' 1
guest_cases "$NAME"
cases_end
