#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Data races of the module: a host with KCSAN (scripts/host-kernel/kcsan.config).
# test-tier: 2
# test-cost: 900
# test-timeout: 9000
set -euo pipefail
# shellcheck source=ci/lib/debug.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/debug.sh"

hosts arm64-n1
for host in "${HOSTS[@]}"; do debug_host "$host" kcsan; done
cases_end
