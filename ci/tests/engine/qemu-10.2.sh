#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# QEMU 10.2 on an arm64 host: bare guests print the same on armkvm as on 10.0's TCG, and Debian's
# kernel boots. Built here if it isn't, which takes five minutes more.
# test-tier: 2
# test-cost: 90
# test-timeout: 3600
set -euo pipefail
export ARMKVM_QEMU_VERSION=10.2
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

expect "QEMU 10.2 is built for arm64" "$TOP/scripts/qemu.sh" --qemu 10.2 build arm64
hosts arm64-n1
for host in "${HOSTS[@]}"; do
	bare_table "$host" "$(host_cpu "$host")" <<-TABLE
		modes,exceptions,mmu-long,mmu-short,irq,psci,cp15
		selfmod,tlbi-range,gic,gic-smp,user,vfp,devices
		random                          append=blocks=300
	TABLE
	linux_guest "$host" "$(host_cpu "$host")"
done
cases_end
