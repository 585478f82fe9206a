#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# UEFI, Debian's AAVMF32 in the flash of virt, on armkvm alone: nearly all of it is privileged Thumb code. It
# starts a Debian kernel that QEMU hands it, and GRUB from a disk, which starts that kernel; the second time with
# the variables that the first one has left in flash.
# test-cost: 70
# test-cost-all: 150
# test-timeout: 600
# test-timeout-all: 1200
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

IMAGE=$SCRATCH/image
TOOLS=$BUILD/tests/uefi-tools
ARGUMENTS='console=ttyAMA0 loglevel=3 panic=-1 cryptomgr.notests armkvm.show'

# grub DIR: /EFI of a disk whose GRUB starts the kernel beside it.
grub() {
	mkdir -p "$1/EFI/BOOT" "$1/EFI/debian"
	LD_LIBRARY_PATH=$TOOLS/usr/lib/x86_64-linux-gnu:$TOOLS/lib/x86_64-linux-gnu \
		"$TOOLS/usr/bin/grub-mkimage" -O arm-efi -d "$BUILD/tests/uefi-grub/usr/lib/grub/arm-efi" -p /EFI/debian \
		-o "$1/EFI/BOOT/BOOTARM.EFI" fat part_msdos part_gpt linux normal configfile
	printf 'set timeout=0\nmenuentry linux {\n\tlinux /vmlinuz %s\n\tinitrd /initramfs.gz\n}\n' "$ARGUMENTS" >"$1/EFI/debian/grub.cfg"
}

images() {
	local guest
	guest=$("$TOP/scripts/guest-initramfs.sh" 6.1)
	"$TOP/scripts/debs.sh" unpack amd64 "$TOOLS" mtools grub-common libdevmapper1.02.1 libudev1
	"$TOP/scripts/debs.sh" unpack armhf "$BUILD/tests/uefi-grub" grub-efi-arm-bin
	"$TOP/scripts/debs.sh" unpack amd64 "$BUILD/tests/uefi-firmware" qemu-efi-arm
	mkdir -p "$IMAGE"
	cp "$BUILD"/tests/uefi-firmware/usr/share/AAVMF/AAVMF32_{CODE,VARS}.fd "$guest"/{vmlinuz,initramfs.gz} "$IMAGE/"
	grub "$SCRATCH/disk"
	truncate -s 48M "$IMAGE/disk.img"
	"$TOOLS/usr/bin/mformat" -i "$IMAGE/disk.img" -F ::
	"$TOOLS/usr/bin/mcopy" -i "$IMAGE/disk.img" -s "$SCRATCH/disk/EFI" "$IMAGE/vmlinuz" "$IMAGE/initramfs.gz" ::
}

if ! images >"$SCRATCH/images.log" 2>&1; then
	sed 's/^/    | /' "$SCRATCH/images.log"
	fail "firmware, GRUB and a disk" "$(tail -n 1 "$SCRATCH/images.log")"
	cases_end
fi
if all_variants; then hosts arm64-n1 armv7-a15; else hosts arm64-n1; fi
for host in "${HOSTS[@]}"; do
	session uefi "$host" --share "$IMAGE" --env ARGUMENTS="$ARGUMENTS" --timeout 540
done
cases_end
