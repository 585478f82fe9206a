#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A host of 64-bit Arm that watches itself: KASAN, lockdep, RCU, kmemleak and more (scripts/host-kernel/debug.config).
# test-tier: 2
# test-cost: 900
# test-timeout: 9000
set -euo pipefail
# shellcheck source=ci/lib/debug.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/debug.sh"

hosts arm64-n1
for host in "${HOSTS[@]}"; do debug_host "$host" debug; done
cases_end
