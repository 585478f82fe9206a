#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An ARMv7 host that uses FIQ (fiq/fiq.c), at any moment: between two instructions of a guest, in the middle of a
# fast path, in the host's own code. Guests print the same as without, and the host's handler has lost nothing.
# The host counts instructions (--icount): by the machine's time, a busy one would do nothing but take FIQs.
# test-cost: 20
# test-timeout: 400
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

fiq_module() {
	local dir=$SCRATCH/fiq kernel
	kernel=$("$TOP/scripts/kernels.sh" dir armhf 6.1)
	mkdir "$dir"
	cp "$TOP"/ci/tests/engine/fiq/{Kbuild,fiq.c} "$dir/"
	nice -n 10 make -s -C "$kernel/usr/src/linux-headers-${kernel##*/}" M="$dir" ARCH=arm \
		CROSS_COMPILE=arm-linux-gnueabihf- CC=arm-linux-gnueabihf-gcc-12 modules >"$dir/log" 2>&1 || {
		cat "$dir/log"
		return 1
	}
}

fiq_module
BARE_NAME='armv7-a9 beside FIQs' BARE_BEFORE="$LOAD && insmod /fiq.ko" BARE_AFTER='sh /session' \
	bare_table armv7-a9 host --icount --add "$SCRATCH/fiq/fiq.ko" --add "$TOP/ci/tests/engine/in-host/fiq:/session" <<<"short-cuts,exceptions"
cases_end
