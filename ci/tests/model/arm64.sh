#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# TLB and cache maintenance on arm64 hosts, before the model of ci/model (docs/testbed.md): Linux alone, bare
# guests and a Linux guest run without a complaint; faults put into copies of the module do not.
# test-tier: 2
# test-cost: 600
# test-timeout: 5400
set -euo pipefail
# shellcheck source=ci/lib/model.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/model.sh"

hosts arm64-n1 arm64-a72
for host in "${HOSTS[@]}"; do model_clean "$host"; done
LINUX_HOST=--model linux_guest "${HOSTS[0]}" "$(host_cpu "${HOSTS[0]}")"

seed() { model_seed arm64-a72 "$@"; }
seed "no TLBI of a page" mmu-short tlb-stale host/arm64/asid-cache.c 's/__tlbi(vale1,.*/(void)asid;/'
seed "no TLBI of an ASID" mmu-short 'tlb-(stale|remapped)' host/arm64/asid-cache.c 's/__tlbi(aside1,.*/(void)asid;/'
seed "no DSB after the TLBI" mmu-short tlbi-without-dsb host/arm64/asid-cache.c 's/dsb(nsh);//'
seed "no cache maintenance of code" selfmod 'icache-(stale|not-clean)' host/arm64/memory.c 's/caches_clean_inval_pou(.*/(void)va, (void)size;/'
seed "no IC for a guest" selfmod icache-stale host/arm64/fastpath-c.c 's/"ic i[av][lau]*[^"]*"/""/'
cases_end
