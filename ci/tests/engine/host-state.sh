#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Processes of an arm64 host keep their state beside a guest on the same CPU: registers, SVE, PSTATE's
# fields, keys of pointer authentication, landing pads, memory tags, counters, debug registers, those of
# 32-bit processes (guest/host-state). The guest is a pseudo-random one that uses all registers.
# And the thread that runs a guest itself, over each call (kernel-abi/tests/selftest-state.c).
# ARMKVM_ROUNDS: how often each is looked at.
# test-cost: 60
# test-timeout: 1800
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

SHARE=$SCRATCH/host-state
FLAGS=(-std=gnu11 -O2 -Wall -Wextra -Werror -static -D_GNU_SOURCE)
mkdir "$SHARE"
"$TOP/scripts/bare-guest.sh" random "$SHARE" >/dev/null
aarch64-linux-gnu-gcc "${FLAGS[@]}" -o "$SHARE/64" "$TOP/guest/host-state/host-state.c"
arm-linux-gnueabihf-gcc "${FLAGS[@]}" -marm -o "$SHARE/32" "$TOP/guest/host-state/host-state.c"

# What the host itself, without the module, doesn't keep (an emulator's omission) is no case.
session() {
	cat <<-'SESSION'
		yes >/dev/null &
		/share/32 6 >/tmp/before
		kill $!
		controls=
		if grep -q 'FAIL 32-bit control' /tmp/before; then controls=no-controls; fi
		insmod /testbed/armkvm.ko || exit
		/usr/lib/armkvm/tests/selftest 'state '
		qemu-system-arm -M virt -cpu host -accel armkvm -nic none -display none -monitor none \
			-serial file:/tmp/guest -kernel /share/random.bin -append "seed=1 blocks=1000000000" &
		sleep 1
		/share/64 $ROUNDS && /share/32 $ROUNDS $controls
		before=$(wc -c </tmp/guest)
		sleep 1
		if kill -0 $! && [ "$(wc -c </tmp/guest)" -gt "$before" ]; then
			echo "PASS the guest runs on"
		else
			echo "FAIL the guest runs on: $(tail -n 1 /tmp/guest)"
		fi
		kill $!
		wait $! || true
	SESSION
}

for host in arm64-max arm64-a72; do
	host_test "$host" "$host" --icount --no-load --share "$SHARE" --timeout 800 -- \
		sh -c "ROUNDS=${ARMKVM_ROUNDS:-4}; $(session)"
done
cases_end
