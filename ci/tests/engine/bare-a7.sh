#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The engine on a Cortex-A7 host, as in Raspberry Pi 2 and many boards: bare guests print the same on armkvm and on
# TCG, and Debian's kernel comes to user space. One CPU, with a guest of two vCPUs on it.
# test-tier: 2
# test-cost: 90
# test-timeout: 900
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

bare_table armv7-a7 host <<-TABLE
	modes,exceptions,mmu-long,mmu-short,irq,psci,selfmod,tlbi-range,user,vfp,gic,gic-smp
	random                          append=blocks=500
TABLE
host_test "armv7-a7" armv7-a7 -- /usr/lib/armkvm/tests/selftest state
linux_guest armv7-a7 host
cases_end
