#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the engine can't do ends the VM, not the host: QEMU prints one line with the
# cause, the instruction, the pc and the mode, and stays there for its user.
# test-cost: 60
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

# Runs in the host: each image, until QEMU has said something or 20 s are over.
session() {
	cat <<-'SESSION'
		stop() { # CASE NAME WORDS
			(
				n=0
				until [ -s /tmp/err ] || [ $n = 20 ]; do sleep 1; n=$((n + 1)); done
				echo info status
				sleep 1
				echo quit
			) | qemu-system-arm -M virt -cpu host -accel armkvm -nic none -display none -serial null \
				-monitor stdio -kernel "/share/$1.bin" >/tmp/out 2>/tmp/err
			sed 's/^/# /' /tmp/err
			if [ "$(wc -l </tmp/err)" != 1 ]; then
				echo "FAIL $2: $(wc -l </tmp/err) lines on standard error, not 1"
			elif ! grep -q "armkvm: vCPU 0 stopped: .*$3" /tmp/err; then
				echo "FAIL $2: no '$3' in: $(cat /tmp/err)"
			elif ! grep -q 'VM status: paused (internal-error)' /tmp/out; then
				echo "FAIL $2: $(grep -m 1 status: /tmp/out)"
			else
				echo "PASS $2"
			fi
			rm /tmp/err
		}
		stop 1 "a VFP load from a device" "on a device (address 0x09000000).*pc 0x400100.*svc mode.*instruction 0xed900b00"
		stop 2 "RFE from a device" "accesses a device (address 0x09000000).*pc 0x4001.*svc mode.*instruction 0xf8900a00"
		stop 3 "STM of User mode's registers to a device" "accesses a device (address 0x09000000).*pc 0x4001.*svc mode.*instruction 0xe8c0000e"
	SESSION
}

hosts armv7-a15 arm64-n1
for host in "${HOSTS[@]}"; do host_test "$host" "$host" --share "$SCRATCH/bare" --timeout 300 -- sh -c "$(session)"; done
cases_end
