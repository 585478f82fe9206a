#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A debugger on a guest of the engine, through QEMU's gdbstub: registers, memory,
# breakpoints, single steps, stops, reset, and the monitor's views of the same. TCG is
# the oracle: it passes the same cases, and each step leads to the same registers.
# test-cost: 80
# test-timeout: 1800
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

IMAGE=$SCRATCH/image
mkdir -p "$IMAGE"
arm-linux-gnueabihf-gcc -nostdlib -static -Wl,--build-id=none -Wl,-Ttext=0x40010000 -Wl,-Tdata=0x40018000 \
	-o "$SCRATCH/debug.elf" "$TOP/guest/bare/debug.S"
arm-linux-gnueabihf-objcopy -O binary "$SCRATCH/debug.elf" "$IMAGE/debug.bin"
OPTIONS=(-M virt -nic none -display none -monitor none -serial none -S -gdb stdio)

# session NAME TRACE COMMAND...
session() {
	local status=0
	"$TOP/ci/lib/debugger" "$SCRATCH/debug.elf" "$SCRATCH/$2" -- "${@:3}" >"$SCRATCH/session" 2>"$SCRATCH/err" || status=$?
	sed 's/^/    | /' "$SCRATCH/err"
	relay "$1" "$SCRATCH/session"
	if ((status > 1)); then fail "$1" "the debugger ended with status $status"; fi
}

# on HOST
on() {
	local host=$1
	session "$host" "$host" "$TOP/ci/testbed" --host "$host" --no-tty --share "$IMAGE" --timeout 300 -- \
		qemu-system-arm "${OPTIONS[@]}" -cpu "$(host_cpu "$host")" -accel armkvm -kernel /share/debug.bin
	if cmp -s "$SCRATCH/tcg" "$SCRATCH/$host"; then
		pass "$host: $(wc -l <"$SCRATCH/tcg") steps lead where they lead on TCG"
	else
		# for the log; the verdict is the comparison's
		diff "$SCRATCH/tcg" "$SCRATCH/$host" || true
		fail "$host: steps lead where they lead on TCG" "$(diff "$SCRATCH/tcg" "$SCRATCH/$host" | grep -m 1 '^>')"
	fi
}

if [[ ! -x $BUILD/qemu-native/qemu-system-arm ]]; then
	fail "native QEMU" "it is not built; ./configure-wrapper.sh build --host native"
	cases_end
fi
session TCG tcg "$BUILD/qemu-native/qemu-system-arm" "${OPTIONS[@]}" -cpu cortex-a15 -accel tcg -kernel "$IMAGE/debug.bin"
hosts armv7-a15 arm64-n1
for host in "${HOSTS[@]}"; do on "$host"; done
cases_end
