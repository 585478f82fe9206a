#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The engine on ARMv7 hosts (armv7-a15, armv7-a9): pseudo-random instructions leave the
# same state on armkvm and on TCG.  One seed is always the same, the other one is the
# time's and is printed: repeat a run with  ARMKVM_SEED=N ci/tests/run --only 'engine/random-armv7'.
# test-cost: 60
# test-cost-all: 150
# test-timeout: 900
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

seed=${ARMKVM_SEED:-$(($(date +%s) % 1000000))}
BARE_APPEND="seed=1 blocks=$(by_tier 1000 10000)" bare_guests armv7-a15 cortex-a15 random
echo "    | seed=$seed"
BARE_APPEND="seed=$seed blocks=$(by_tier 500 10000)" bare_guests armv7-a9 host random
cases_end
