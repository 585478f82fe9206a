#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The engine on an arm64 host whose core has AArch32 at EL0 only:
# Debian's unmodified 32-bit armmp kernel boots to user space and powers off, with no
# emulator to fall back to.
# test-cost: 120
# test-timeout: 1500
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

linux_guest arm64-n1 host
cases_end
