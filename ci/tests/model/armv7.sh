#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# TLB and cache maintenance on Armv7 hosts, before the model of ci/model: see arm64.sh.
# test-tier: 2
# test-cost: 600
# test-timeout: 5400
set -euo pipefail
# shellcheck source=ci/lib/model.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/model.sh"

hosts armv7-a15
for host in "${HOSTS[@]}"; do model_clean "$host"; done

seed() { model_seed armv7-a15 "$@"; }
# With the ASIDs' entries left, a space finds those of the one before it.
seed "no TLBI at a change of tables" mmu-short 'tlb-(stale|remapped)' host/arm/switch.S '/@ TLBIALL/d'
seed "no cache maintenance of code" selfmod 'icache-(stale|not-clean)' host/arm/world.c 's/__cpuc_flush_dcache_area(va, size);/(void)va, (void)size;/; /^void host_sync_icache/,/^}/s/host_invalidate_icache();//'
cases_end
