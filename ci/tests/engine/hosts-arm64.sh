#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Kinds of arm64 hosts: kernels at EL1 and at EL2 (nVHE, VHE), with and without KPTI, with 52-bit
# addresses (LPA2), with GIC priorities as interrupt masks, with pages of 16 KiB (Debian's flavour) and 64 KiB, on a
# core that has every feature that the outer QEMU knows, with the newest kernel of Debian (and 5.10, cloud, 16k),
# with a real-time kernel.
# Bare guests on a selection of them.
# --all: on all of them, a Linux guest, and guest/bare/cp-user; builds 6.1 with other page sizes
# (scripts/host-kernel.sh), which without it are only used where the cache has them.
# That is a minute for each of some 30 hosts and 2 more, and up to 6 for a kernel (two cores, shared).
# test-cost: 140
# test-cost-all: 2400
# test-timeout: 7200
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

# HOST and the testbed's options. (With EL2, 6.12 on arm64-max has VHE and LPA2.)
SELECTION=(
	"arm64-a72 --virt --append kpti=on"
	"arm64-n1 --append irqchip.gicv3_pseudo_nmi=1"
	"arm64-max --virt --kernel 6.12"
	"arm64-n1 --kernel 6.12-16k"
	"arm64-n1 --kernel 6.12-rt"
	"arm64-n1 --kernel newest"
)
KERNELS=(6.12-16k 6.12-rt newest)
if all_variants; then
	for host in arm64-a72 arm64-n1 arm64-max; do
		for el in '' --virt; do
			for kpti in on off; do
				for kernel in 6.1 6.12 newest; do SELECTION+=("$host $el --append kpti=$kpti --kernel $kernel"); done
			done
		done
	done
	KERNELS+=(5.10 6.1-cloud 6.1-rt 6.12-cloud newest-cloud newest-16k)
	SELECTION+=("arm64-a72 --kernel 5.10" "arm64-n1 --kernel 5.10" "arm64-n1 --kernel 6.1-cloud"
		"arm64-n1 --kernel 6.1-rt" "arm64-a72 --smp 2 --kernel 6.12-rt"
		"arm64-n1 --kernel 6.12-cloud" "arm64-n1 --kernel newest-cloud" "arm64-n1 --kernel newest-16k")
fi
for kernel in "${KERNELS[@]}"; do "$TOP/scripts/kmod.sh" build arm64 "$kernel" >/dev/null; done
for page in 16k 64k; do
	if all_variants; then
		dir=$("$TOP/scripts/host-kernel.sh" build arm64 6.1 "$page")
	else
		dir=$("$TOP/scripts/host-kernel.sh" cached arm64 6.1 "$page") || {
			skip "6.1 with pages of $page" "no such kernel in the cache; --all builds it"
			continue
		}
	fi
	"$TOP/scripts/kmod.sh" build arm64 "$dir" >/dev/null
	SELECTION+=("arm64-n1 --kernel $dir")
done

for variant in "${SELECTION[@]}"; do
	read -ra words <<<"$variant"
	bare_table "${words[0]}" host "${words[@]:1}" <<-TABLE
		exceptions,mmu-short,irq,selfmod
		mmu-long                          tier=2
	TABLE
	if all_variants; then LINUX_HOST="${words[*]:1}" LINUX_NAME="${words[*]:1}" linux_guest "${words[0]}" host; fi
done
# All accesses to coprocessors from User mode: a minute each.
if all_variants; then
	for host in arm64-a72 arm64-n1; do bare_table "$host" host <<<cp-user; done
fi
cases_end
