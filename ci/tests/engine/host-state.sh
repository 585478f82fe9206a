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

for host in arm64-max arm64-a72; do
	# It looks at the host before it loads the module.
	LOAD=true session host-state "$host" --icount --share "$SHARE" --timeout 800 --env ROUNDS="${ARMKVM_ROUNDS:-4}"
done
cases_end
