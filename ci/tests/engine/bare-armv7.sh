#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The engine on an ARMv7 host: bare guests print the same
# on armkvm and on TCG, whose output is what the architecture says. A kernel that copies code which reads TPIDRPRW
# gets what it wrote with exact_tpidr=1; there memory comes page by page (fault_around=0), too.
# test-cost: 90
# test-timeout: 600
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

BARE_EXACT_LOAD='exact_tpidr=1 fault_around=0'
BARE_EXACT='tpidr selfmod user'
BARE_SEES=(tpidr '^copied: .* r2=11110010 ')
BARE_SHARED='modes exceptions irq psci' bare_guests armv7-a15 cortex-a15 modes exceptions mmu-long mmu-short irq psci cp15 selfmod tlbi-range user vfp devices
thumb_kernel armv7-a15 cortex-a15
cases_end
