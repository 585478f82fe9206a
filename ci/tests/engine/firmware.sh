#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Ways into a native guest other than a Linux kernel: firmware that runs from flash and
# programs the other flash bank (its modes read memory or registers), and ELF images by
# -kernel and -device loader. Each prints what it prints on TCG.
# test-cost: 30
# test-timeout: 600
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

IMAGE=$SCRATCH/image
mkdir -p "$IMAGE"
link() { # ADDRESS FILE
	arm-linux-gnueabihf-gcc -nostdlib -static -Wl,--build-id=none -Wl,-Ttext="$1" -o "$2" "$TOP/guest/bare/flash.S"
}
link 0 "$SCRATCH/flash.elf"
arm-linux-gnueabihf-objcopy -O binary -j .text "$SCRATCH/flash.elf" "$IMAGE/flash.bin"
cp "$IMAGE/flash.bin" "$IMAGE/pflash.bin"
truncate -s 64M "$IMAGE/pflash.bin"
link 0x40400000 "$IMAGE/ram.elf"

session() {
	cat <<-'SESSION'
		compare() { # NAME OPTION...
			name=$1
			shift
			for accel in tcg armkvm; do
				timeout 100 qemu-system-arm -M virt -cpu cortex-a15 -accel $accel -nic none -display none \
					-monitor none -serial "file:/tmp/$accel" "$@" || echo "status $?" >>"/tmp/$accel"
			done
			sed 's/^/# /' /tmp/armkvm
			if ! grep -q '^3501edcb' /tmp/tcg; then
				echo "FAIL $name: TCG's run does not end: $(tail -n 1 /tmp/tcg)"
			elif cmp -s /tmp/tcg /tmp/armkvm; then
				echo "PASS $name"
			else
				echo "FAIL $name: armkvm differs: $(diff /tmp/tcg /tmp/armkvm | grep -m 1 '^+[^+]')"
			fi
		}
		compare "firmware in flash, -bios" -bios /share/flash.bin
		compare "firmware in flash, pflash" -drive if=pflash,unit=0,format=raw,readonly=on,file=/share/pflash.bin
		compare "an ELF image, -kernel" -kernel /share/ram.elf
		compare "an ELF image, -device loader" -device loader,file=/share/ram.elf,cpu-num=0
	SESSION
}

hosts armv7-a15 arm64-n1
for host in "${HOSTS[@]}"; do host_test "$host" "$host" --share "$IMAGE" --timeout 500 -- sh -c "$(session)"; done
cases_end
