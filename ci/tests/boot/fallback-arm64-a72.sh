#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The demonstration on the host arm64-a72: a Debian guest reaches user space, by
# fallback; see ci/lib/boot.sh. An emulator within an emulated host is slow.
# test-cost: 200
# test-timeout: 1800
set -euo pipefail
# shellcheck source=ci/lib/boot.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/boot.sh"

boot_by_fallback arm64-a72
cases_end
