#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the module can't execute TCG does, in the same VM: odd forms on devices, code in a device, the last MiB of the
# address space; and with emulate=stress:N, a slice at one of N entries into the guest, everything else: bare guests
# print the same as on TCG, and Linux boots with two CPUs. Each kind of reason is told once.
# test-cost: 200
# test-cost-all: 500
# test-timeout: 1800
# test-timeout-all: 3600
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

STRESS="accel=emulate=stress"

# What guest/bare/emulate-cost.c measures, in instructions of the host, and what it may take.
declare -A LIMIT=([alone]=100000 [many]=3500)

costs() { # HOST
	local out=$SCRATCH/cost.out name ticks cost seen=0
	cost_guest "$1" emulate-cost "$out"
	while read -r name ticks; do
		[[ $ticks =~ ^[0-9a-f]{8}$ ]] || continue
		cost=$((16#$ticks * NS_A_TICK))
		seen=$((seen + 1))
		if ((cost <= ${LIMIT[$name]:?no limit for $name})); then
			pass "$1: an emulated load, $name: $cost instructions, at most ${LIMIT[$name]}"
		else
			fail "$1: an emulated load, $name" "$cost instructions, more than ${LIMIT[$name]}"
		fi
	done < <(tr -d '\r' <"$out" | sed 's/ *$//')
	((seen == ${#LIMIT[@]})) || fail "$1: costs" "$seen figures, not ${#LIMIT[@]}: $(tail -n 1 "$out")"
}

hosts armv7-a15 arm64-n1
for host in "${HOSTS[@]}"; do
	bare_table "$host" "$(host_cpu "$host")" <<-TABLE
		emulate
		emulate                          accel=irqchip=off
		emulate,vfp,psci                 $STRESS:7
		gic-smp,pmu                      $STRESS:7
		gicv3                            $STRESS:7 machine=gic-version=3
		random                           append=seed=1 append=blocks=$(by_tier 100 2000) $STRESS:20
		irq,gic                          tier=2 $STRESS:7
		irq,gic                          tier=2 $STRESS:7 accel=irqchip=off
		exceptions,user                  tier=2 $STRESS:7
		mmu-short,mmu-long,devices       tier=2 $STRESS:7
		cp15,modes,emulate               tier=2 $STRESS:1
		vfp,irq,gic,psci,thumb           tier=2 $STRESS:1
	TABLE
	costs "$host"
	session told "$host" --share "$SCRATCH/bare" --timeout 200
	# Copies of code, by bytes too: what each side reads there must be the same.
	if [[ $host == arm64-* ]]; then
		bare_table "$host" "$(host_cpu "$host")" <<-TABLE
			selfmod  module=exact_copies=1 $STRESS:7
		TABLE
	fi
	if [[ $host == arm64-n1 ]] || all_variants; then
		LINUX_NAME="every 50th entry emulated, 2 CPUs" LINUX_QEMU="qemu-system-arm -smp 2" \
			linux_guest "$host" "$(host_cpu "$host")" emulate=stress:50
	fi
done
cases_end
