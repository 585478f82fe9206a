#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The module's interrupt controller on an arm64 host: bare guests for the GIC of one and
# of several CPUs print the same as on TCG.
# test-cost: 40
# test-timeout: 600
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

bare_guests arm64-n1 host gic
BARE_OPTIONS='-smp 2' BARE_SMP=2 bare_guests arm64-n1 host gic-smp
cases_end
