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

hosts armv7-a15 arm64-n1
for host in "${HOSTS[@]}"; do session firmware "$host" --share "$IMAGE" --timeout 500; done
cases_end
