#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The engine on arm64 hosts: bare guests, the GIC's and pseudo-random instructions among them, print the same
# on armkvm and on TCG, whose output is what the architecture says. The exact modes of the module, too: without
# them a kernel that reads its own code finds replacements, as kernel-abi/doc/limitations.rst says.
# Hosts at EL1 with no EL2 (arm64-n1), below their own EL2 stub (arm64-a72 --virt), at EL2 (arm64-n1 --virt):
# there the first tier has what the host's registers and traps could disturb.
# test-cost: 200
# test-cost-all: 500
# test-timeout: 1800
# test-timeout-all: 3600
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

BLOCKS=append=blocks=$(by_tier 300 3000)

# readcode sees MRS r1, CPSR and its replacement (kmod/core/arm/patch.h); tpidr TPIDRURW instead of TPIDRPRW. Either
# of the exact parameters is enough for a copied read of TPIDRPRW.
bare_table arm64-n1 host <<-TABLE
	modes,exceptions,mmu-long,mmu-short,irq,psci,cp15,pmu
	selfmod,tlbi-range,gic,gic-smp,user,vfp,devices,thumb
	mmu-long.thumb,tlbi-range.thumb,pmu.thumb,psci.thumb,cp15.thumb,gic.thumb,user.thumb
	exceptions.thumb,mmu-short.thumb,irq.thumb,selfmod.thumb,gic-smp.thumb,vfp.thumb,devices.thumb  tier=2
	random.thumb                    $BLOCKS
	thumb-first                     append=way=0
	thumb-first                     append=way=1
	thumb-first                     append=way=2
	thumb-first                     append=way=3
	thumb-first                     append=way=4
	thumb-first                     append=way=5
	thumb-first                     append=way=6
	random                          $BLOCKS
	modes,exceptions,irq,gic,psci   hidden=vcpupage=1
	random                          hidden=vcpupage=1 $BLOCKS
	readcode                        sees=^ldr: svc .* r2=e7fa10f1
	tpidr                           sees=^copied: .* r2=11110010[ ]
	ldst,readcode,selfmod,tpidr     module=exact_unpriv=1 module=exact_copies=1
	thumb                           module=exact_unpriv=1 module=exact_copies=1
	ldst.thumb                      tier=2 module=exact_unpriv=1 module=exact_copies=1
TABLE

# The host's settings of what its own 32-bit programs may do are not the guest's.
# shellcheck disable=SC2016 # for the host's shell
BEFORE='for file in /proc/sys/abi/*; do echo 0 >"$file"; done'
BARE_BEFORE=$BEFORE bare_table arm64-a72 host --virt <<-TABLE
	exceptions,mmu-short,irq,cp15,selfmod,gic,user
	modes,mmu-long,psci,tlbi-range,gic-smp,devices  tier=2
	random                                          tier=2 $BLOCKS
	tpidr,selfmod                                   module=exact_tpidr=1
TABLE

# There the outer QEMU ends at LDRT and STRT in User mode (docs/testbed.md).
bare_table arm64-n1 host --virt <<-TABLE
	exceptions,mmu-short,irq,cp15,selfmod,gic,user  append=unpriv=0
	modes,mmu-long,psci,tlbi-range,gic-smp,devices  append=unpriv=0 tier=2
	random                                          append=unpriv=0 tier=2 $BLOCKS
	readcode,tpidr                                  append=unpriv=0 module=exact_unpriv=1 module=exact_copies=1
TABLE
cases_end
