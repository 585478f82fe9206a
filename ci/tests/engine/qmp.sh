#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A guest of the engine as its user drives it through QMP: stop and cont, at once and with
# time standing still, reset, dump, migration to a file and back, two vCPUs. TCG passes the same.
# test-cost: 90
# test-timeout: 2400
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

IMAGE=$SCRATCH/image
mkdir -p "$IMAGE"
arm-linux-gnueabihf-gcc -nostdlib -static -Wl,--build-id=none -Wl,-Ttext=0x40010000 -Wl,-Tdata=0x40018000 \
	-o "$SCRATCH/debug.elf" "$TOP/guest/bare/debug.S"
arm-linux-gnueabihf-objcopy -O binary "$SCRATCH/debug.elf" "$IMAGE/debug.bin"

# on HOST HZ: of the guest's counter
on() {
	local status=0
	"$TOP/ci/lib/qmp-session" "$SCRATCH/debug.elf" "$2" -- "$TOP/ci/testbed" --host "$1" --no-tty --share "$IMAGE" \
		--add "$TOP/ci/tests/engine/in-host/qmp:/session" --timeout 600 -- sh /session "$(host_cpu "$1")" >"$SCRATCH/session" 2>"$SCRATCH/err" || status=$?
	sed 's/^/    | /' "$SCRATCH/err"
	relay "$1" "$SCRATCH/session"
	if ((status > 1)); then fail "$1" "the session ended with status $status"; fi
}

hosts armv7-a15 arm64-n1
for host in "${HOSTS[@]}"; do
	hz=62500000
	# a Cortex-A9 has no generic timer
	[[ $host != armv7-a9 ]] || hz=0
	on "$host" "$hz"
done
cases_end
