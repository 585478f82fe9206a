#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The worst times of a host: how many instructions the longest stretch with interrupts off has, and the longest with
# preemption off, under mmu->lock among them, while guests and launchers do what takes long (ci/lib/latency-in-host).
# test-tier: 2
# test-cost: 600
# test-timeout: 4000
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

IRQS_OFF=20000
PREEMPT_OFF=200000

for guest in mmu-short mmu-long tlbi-range selfmod gic; do "$TOP/scripts/bare-guest.sh" "$guest" "$SCRATCH/bare" >/dev/null; done
guest=$("$TOP/scripts/guest-initramfs.sh" 6.1)

# One CPU: with more the counter runs on while it is another one's turn.
hosts armv7-a15 arm64-n1
for host in "${HOSTS[@]}"; do
	"$TOP/scripts/kmod.sh" build "$(host_arch "$host")" latency >/dev/null
	host_test "$host" "$host" --kernel latency --icount --timeout 1800 --add "$SCRATCH/bare:/bare" --add "$guest:/guest" \
		--add "$TOP/ci/lib/latency-in-host:/latency" --env CPU="$(host_cpu "$host")" -- sh /latency $IRQS_OFF $PREEMPT_OFF
done
cases_end
