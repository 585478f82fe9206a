#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The engine on an ARMv7 host with 16 VFP registers and no Advanced SIMD: bare guests print the same on armkvm
# and on TCG. What the core lacks harms nobody but the guest that asks for it.
# test-cost: 30
# test-timeout: 400
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

bare_table armv7-a9-d16 host <<<vfp,exceptions,modes,mmu-short,irq
host_test "armv7-a9-d16" armv7-a9-d16 -- /usr/lib/armkvm/tests/selftest state
cases_end
