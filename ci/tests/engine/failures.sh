#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the engine can't do, and nothing emulates, ends the VM, not the host: QEMU prints one line with the
# cause, the instruction, the pc and the mode, and ends with status 1; with -no-shutdown it stays there for its user.
# test-cost: 35
# test-timeout: 900
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

mkdir -p "$SCRATCH/bare"
for case in 1 2 3; do
	arm-linux-gnueabihf-gcc -nostdlib -static -Wl,--build-id=none -Wl,-Ttext=0x40010000 -Wa,--defsym,CASE=$case \
		-o "$SCRATCH/elf" "$TOP/guest/bare/failures.S"
	arm-linux-gnueabihf-objcopy -O binary -j .text "$SCRATCH/elf" "$SCRATCH/bare/$case.bin"
done

hosts armv7-a15 arm64-n1
for host in "${HOSTS[@]}"; do session failures "$host" --share "$SCRATCH/bare" --timeout 300; done
cases_end
