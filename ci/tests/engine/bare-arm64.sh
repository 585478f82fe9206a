#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The engine on an arm64 host: bare guests print the same
# on armkvm and on TCG, whose output is what the architecture says.
# test-cost: 80
# test-timeout: 600
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

bare_guests arm64-n1 host modes exceptions mmu-long mmu-short irq psci selfmod tlbi-range
cases_end
