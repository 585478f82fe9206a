#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The engine on arm64 hosts: bare guests, the GIC's and pseudo-random instructions among them, print the same
# on armkvm and on TCG, whose output is what the architecture says. The exact modes of the module, too: without
# them a kernel that reads its own code finds replacements, as kernel-abi/doc/limitations.rst says.
# Hosts at EL1 with no EL2 (arm64-n1), below their own EL2 stub (arm64-a72 --virt), at EL2 (arm64-n1 --virt).
# test-cost: 160
# test-cost-all: 240
# test-timeout: 1200
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

GUESTS=(modes exceptions mmu-long mmu-short irq psci cp15 selfmod tlbi-range gic gic-smp user vfp random devices)

BARE_APPEND=blocks=$(by_tier 300 3000)
# Either parameter is enough for a copied read of TPIDRPRW.
BARE_EXACT_LOAD='exact_unpriv=1 exact_copies=1'
BARE_EXACT='ldst readcode selfmod tpidr'
# MRS r1, CPSR and its replacement (kmod/core/patch.h); TPIDRURW instead of TPIDRPRW
BARE_SEES=(readcode '^ldr: svc .* r2=e7fa10f1' tpidr '^copied: .* r2=11110010 ')
BARE_SHARED='modes exceptions irq gic psci random' bare_guests arm64-n1 host "${GUESTS[@]}"
# Where EL2 is the host's, the first tier has what the host's registers and traps could disturb.
all_variants || GUESTS=(exceptions mmu-short irq cp15 selfmod gic user)
# The host's settings of what its own 32-bit programs may do are not the guest's.
BARE_SEES=()
BARE_EXACT_LOAD='exact_tpidr=1' BARE_EXACT='tpidr selfmod' \
	LOAD="for file in /proc/sys/abi/*; do echo 0 >\$file; done; $LOAD" BARE_HOST=--virt bare_guests arm64-a72 host "${GUESTS[@]}"
# There the outer QEMU ends at LDRT and STRT in User mode (docs/testbed.md).
BARE_HOST=--virt BARE_EXACT='readcode tpidr' BARE_APPEND="$BARE_APPEND unpriv=0" bare_guests arm64-n1 host "${GUESTS[@]}"
cases_end
