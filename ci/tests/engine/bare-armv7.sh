#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The engine on ARMv7 hosts: bare guests, pseudo-random instructions among them, print the same on armkvm and on
# TCG, whose output is what the architecture says. A kernel that copies code which reads TPIDRPRW gets what it wrote
# with exact_tpidr=1; there memory comes page by page (fault_around=0), too. LDRT and its relatives have User mode's
# rights with exact_unpriv=1. A parameter that needs what the cores don't have is refused by name.
# Pseudo-random: one seed is always the same, the other one is the time's and is printed: repeat a run with
# ARMKVM_SEED=N ci/tests/run --only engine/bare-armv7.
# test-cost: 150
# test-cost-all: 200
# test-timeout: 1200
# test-timeout-all: 3600
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

SEED=${ARMKVM_SEED:-$(($(date +%s) % 1000000))}
echo "    | seed=$SEED"

bare_table armv7-a15 cortex-a15 <<-TABLE
	-                               module=exact_copies=1 refused=exact_copies=1 needs execute-only mappings
	modes,exceptions,mmu-long,mmu-short,irq,psci,pmu
	cp15,selfmod,tlbi-range,user,vfp,devices,thumb
	exceptions.thumb,mmu-short.thumb,irq.thumb,selfmod.thumb,tlbi-range.thumb,pmu.thumb
	mmu-long.thumb,psci.thumb,cp15.thumb,user.thumb,vfp.thumb,devices.thumb,ldst.thumb  tier=2
	random.thumb                    append=blocks=$(by_tier 300 3000)
	thumb-first                     append=way=0
	thumb-first                     append=way=1
	thumb-first                     append=way=2
	thumb-first                     append=way=3
	thumb-first                     append=way=4
	thumb-first                     append=way=5
	thumb-first                     append=way=6
	random                          append=seed=1 append=blocks=$(by_tier 1000 10000)
	modes,exceptions,irq,psci       hidden=vcpupage=1
	tpidr                           sees=^copied: .* r2=11110010[ ]
	tpidr,selfmod,user              module=exact_tpidr=1 module=fault_around=0
	ldst                            module=exact_unpriv=1
TABLE
bare_table armv7-a9 host <<-TABLE
	exceptions,mmu-short,psci
	exceptions,mmu-short,psci,thumb module=exact_unpriv=1
	random                          append=seed=$SEED append=blocks=$(by_tier 500 10000)
TABLE

# A load whose domain was opened just before is not refused until something else brings the host in: a limit of instructions.
domain_cost() {
	local out=$SCRATCH/domain.out limit=200000 worst cost
	cost_guest armv7-a15 domain-cost "$out"
	worst=$(tr -d '\r' <"$out" | sed -n 's/^worst \([0-9a-f]\{8\}\).*/\1/p')
	cost=$((16#${worst:-ffffffff} * NS_A_TICK))
	if ((cost <= limit)); then
		pass "armv7-a15: a load from a domain that was opened just now: $cost instructions, at most $limit"
	else
		fail "armv7-a15: a load from a domain that was opened just now" "$cost instructions, more than $limit"
	fi
}
domain_cost
cases_end
