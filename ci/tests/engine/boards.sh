#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Boards other than virt: all that a host's core can be start, the others are refused by
# the name of what is missing. Debian's kernel boots on Versatile Express, with the device tree of its package:
# on vexpress-a9, with --all on vexpress-a15 and on other hosts, too.
# test-cost: 125
# test-cost-all: 270
# test-timeout: 2400
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

A9=(cubieboard nuri realview-pb-a8 realview-pbx-a9 sabrelite smdkc210 vexpress-a9 xilinx-zynq-a9)
A7=(ast2600-evb bpim2u mcimx6ul-evk mcimx7d-sabre orangepi-pc raspi2b vexpress-a15)

start() { # HOST MIB BOARD...
	host_test "$1" "$1" --mem "$2" --timeout 600 --add "$TOP/ci/lib/boards-in-host:/boards" -- sh /boards "${@:3}"
}

IMAGE=$SCRATCH/image
mkdir -p "$IMAGE"
guest=$("$TOP/scripts/guest-initramfs.sh" 6.1)
kernel=$("$TOP/scripts/kernels.sh" dir armhf 6.1)
cp "$guest/vmlinuz" "$guest/initramfs.gz" "$kernel"/usr/lib/linux-image-*/vexpress-v2p-ca{9,15-tc1}.dtb "$IMAGE/"

boot() { # HOST BOARD DTB
	local name="$1, $2" status=0
	in_host "$SCRATCH/out" "$1" --icount --share "$IMAGE" --timeout 1000 -- \
		qemu-system-arm -accel armkvm -M "$2" -m 256 -nic none -nographic -no-reboot \
		-kernel /share/vmlinuz -initrd /share/initramfs.gz -dtb "/share/$3.dtb" \
		-append "$GUEST_WORDS" ||
		status=$?
	guest_ran "$name" "the guest" "$status"
}

hosts armv7-a15 armv7-a9 arm64-n1
for host in "${HOSTS[@]}"; do
	if [[ $host = armv7-a9 ]]; then
		start "$host" 1024 "${A9[@]}" highbank "${A7[@]/%/=hardware integer division}"
	else
		# the first tier starts boards with a Cortex-A9 on that core and on arm64
		boards=("${A7[@]}" highbank midway)
		if [[ $host != armv7-* ]] || all_variants; then boards+=("${A9[@]}"); fi
		start "$host" 3000 "${boards[@]}"
		if all_variants; then boot "$host" vexpress-a15 vexpress-v2p-ca15-tc1; fi
	fi
	# the other boots of boards in the first tier are engine/paravirt's: vexpress-a9 on ARMv7, vexpress-a15 on arm64
	if [[ $host = armv7-a9 ]] || all_variants; then boot "$host" vexpress-a9 vexpress-v2p-ca9; fi
done
cases_end
