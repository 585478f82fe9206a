#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The module's interrupt controller: bare guests for the GIC of one and
# of several CPUs print the same as on TCG, with the GIC in the module and with QEMU's; the
# guest's accesses to the module's GIC cost at most what they may. QEMU's GICv3, whose registers the module hands over.
# test-cost: 100
# test-timeout: 1800
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

# Host instructions that an access may cost; the guest counts in ticks of 16 ns, an
# instruction is 1 ns. PL011: a round trip to QEMU.
ROUNDS=64 # of gic-cost.c
declare -A LIMIT=([iar]=1500 [eoir]=1500 [isenabler]=1500 [ipriorityr-byte]=1600 [sgi-iar-eoir]=4800 [uart]=12000)

cost_case() { # NAME WHERE TICKS HOST
	local cost=$((16#$3 * NS_A_TICK / ROUNDS)) limit=${LIMIT[$1]:?no limit for $1}
	if ((cost <= limit)); then
		pass "$4: $1 with the MMU $2: $cost instructions, at most $limit"
	else
		fail "$4: $1 with the MMU $2" "$cost instructions, more than $limit"
	fi
}

costs() { # HOST
	local out=$SCRATCH/cost.out name off on seen=0
	cost_guest "$1" gic-cost "$out"
	while read -r name off on; do
		[[ $off =~ ^[0-9a-f]{8}$ ]] || continue
		cost_case "$name" off "$off" "$1"
		cost_case "$name" on "${on%% *}" "$1"
		seen=$((seen + 1))
	done < <(tr -d '\r' <"$out")
	((seen == ${#LIMIT[@]})) || fail "$1: costs" "$seen figures, not ${#LIMIT[@]}: $(tail -n 1 "$out")"
}

hosts armv7-a15 arm64-n1
for host in "${HOSTS[@]}"; do
	bare_table "$host" "$(host_cpu "$host")" <<-TABLE
		gic          append=reset=1
		gic-smp
		gic,gic-smp,pmu  accel=irqchip=off
		gicv3     machine=gic-version=3
	TABLE
	costs "$host"
	# QEMU's GICv3, with interrupts between CPUs
	if [[ $host == arm64-n1 ]] || all_variants; then
		LINUX_MACHINE=,gic-version=3 LINUX_NAME="GICv3, 2 CPUs" LINUX_QEMU="qemu-system-arm -smp 2" linux_guest "$host" "$(host_cpu "$host")"
	fi
done
cases_end
