#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The guest's calls, on an ARMv7 and an arm64 host: guest/bare/hypercall.c makes each of them with good and with
# hostile arguments and judges for itself. What reaches QEMU: the panic's text as an event, reset, power-off, trace events.
# The switches: pv=off and TCG show the guest nothing, one that is off is gone alone, and machines that differ in that aren't
# taken for each other by a saved guest.
# test-cost: 55
# test-timeout: 600
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

IMAGE=$SCRATCH/image

mkdir -p "$IMAGE"
"$TOP/scripts/bare-guest.sh" hypercall "$IMAGE" >/dev/null
"$TOP/scripts/bare-guest.sh" vcpu-page "$IMAGE" >/dev/null
if [[ -x $QEMU_BUILD/qemu-native/qemu-system-arm ]]; then
	status=0
	timeout 60 "$QEMU_BUILD/qemu-native/qemu-system-arm" -M virt -cpu cortex-a15 -accel tcg -nic none -display none -monitor none \
		-serial "file:$SCRATCH/tcg" -kernel "$IMAGE/hypercall.bin" || status=$?
	if ((status == 0)) && grep -q '^no armkvm in the device tree' "$SCRATCH/tcg"; then
		pass "TCG shows the guest no armkvm"
	else
		fail "TCG shows the guest no armkvm" "status $status: $(tail -n 1 "$SCRATCH/tcg")"
	fi
else
	fail "TCG" "native QEMU is not built; ./configure-wrapper.sh build --host native"
fi
for host in armv7-a15 arm64-n1; do session hypercalls "$host" --share "$IMAGE" --timeout 400 --env STEAL=1; done
cases_end
