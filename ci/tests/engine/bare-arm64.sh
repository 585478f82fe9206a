#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The engine on arm64 hosts: bare guests, the GIC's and pseudo-random instructions among them, print the same
# on armkvm and on TCG, whose output is what the architecture says. The exact modes of the module, too: without
# them a kernel that reads its own code finds replacements, as kernel-abi/doc/limitations.rst says.
# Hosts at EL1 with no EL2 (arm64-n1), below their own EL2 stub (arm64-a72 --virt), at EL2 (arm64-n1 --virt).
# test-cost: 240
# test-timeout: 1200
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

GUESTS=(modes exceptions mmu-long mmu-short irq psci cp15 selfmod tlbi-range gic gic-smp user random devices)

# copies_show HOST: what readcode finds in the default mode: replacements, and the rest as it is.
copies_show() {
	local host=$1 out=$SCRATCH/copies status=0
	rm -rf "$SCRATCH/bare"
	"$TOP/scripts/bare-guest.sh" readcode "$SCRATCH/bare" >/dev/null
	in_host "$out" "$host" --no-load --share "$SCRATCH/bare" --timeout 200 -- sh -c "$LOAD &&
		timeout 100 qemu-system-arm -M virt -cpu host -accel armkvm -nic none -display none -monitor none \
			-serial stdio -kernel /share/readcode.bin" || status=$?
	# MRS r1, CPSR and its replacement (kmod/core/patch.h)
	if ((status == 0)) && grep -q '^ldr: svc .* r2=e7fa10f1' "$out" && grep -q '^end' "$out"; then
		pass "$host: a kernel that reads its code by default finds replacements"
	else
		fail "$host: reading code by default" "status $status: $(grep -m 1 '^ldr:' "$out" || tail -n 1 "$out")"
	fi
}

BARE_EXACT_LOAD='exact_unpriv=1 exact_copies=1'
BARE_EXACT='ldst readcode selfmod'
BARE_APPEND=blocks=300
BARE_SHARED='modes exceptions irq gic psci random' bare_guests arm64-n1 host "${GUESTS[@]}"
# The host's settings of what its own 32-bit programs may do are not the guest's.
LOAD="for file in /proc/sys/abi/*; do echo 0 >\$file; done; $LOAD" BARE_HOST=--virt bare_guests arm64-a72 host "${GUESTS[@]}"
# There the outer QEMU ends at LDRT and STRT in User mode (docs/testbed.md).
BARE_HOST=--virt BARE_EXACT='readcode' BARE_APPEND='blocks=300 unpriv=0' bare_guests arm64-n1 host "${GUESTS[@]}"
copies_show arm64-n1
cases_end
