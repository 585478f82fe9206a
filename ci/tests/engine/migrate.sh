#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A saved VM: a Linux guest's shell sets a variable, the VM is migrated to
# a file, and a new QEMU goes on from it: the variable is there, time and console work, disks (of either
# transport, with an I/O thread) that were in use still are, it powers off. With the GIC in the module, with QEMU's, and from the one to the other.
# test-cost: 90
# test-cost-all: 120
# test-timeout: 1800
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

# pairs HOST: accelerators before and after; the first tier has each pair once.
pairs() {
	awk -v arch="${1%%-*}" -v tier="$ARMKVM_TIER" 'tier == 2 || $1 == arch { print $2, $3 }' <<-'PAIRS'
		armv7 armkvm armkvm
		arm64 armkvm,irqchip=off armkvm,irqchip=off
		arm64 armkvm armkvm,irqchip=off
		armv7 armkvm,irqchip=off armkvm
	PAIRS
}

guest=$(guest_dir 6.1)
mkdir "$SCRATCH/pairs"
hosts armv7-a15 arm64-n1
for host in "${HOSTS[@]}"; do
	pairs "$host" >"$SCRATCH/pairs/pairs"
	session migrate "$host" --icount --share "$guest" --share "$SCRATCH/pairs" --timeout 800
done
cases_end
