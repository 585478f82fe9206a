#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The kernel's own tools beside guests: function and graph tracer over the whole module, a kprobe on each of its
# functions, CPUs that go and come, sleep of the host. The guests print what they do on TCG, and the host lives.
# test-tier: 2
# test-cost: 400
# test-timeout: 2400
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

for guest in exceptions mmu-short irq gic-smp; do "$TOP/scripts/bare-guest.sh" "$guest" "$SCRATCH/bare" >/dev/null; done
bare_references "$SCRATCH/bare"

# no share: its transport does not come back from the sleep
hosts armv7-a15 arm64-n1
for host in "${HOSTS[@]}"; do
	for what in ${ARMKVM_TOOLS:-function function_graph kprobes hotplug suspend}; do
		SESSION_NAME=$what SESSION_WORDS=$what session tools "$host" --smp 2 --add "$SCRATCH/bare:/bare" --timeout 900
	done
done
cases_end
