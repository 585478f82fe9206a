#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The engine on an ARMv7 host: Debian's unmodified armmp
# kernel boots to user space and powers off, with no emulator to fall back to.
# test-cost: 150
# test-timeout: 1500
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

linux_guest armv7-a15 cortex-a15
cases_end
