#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The copies of the ABI headers in QEMU's overlay are those of kernel-abi/.
# test-cost: 1
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/cases.sh"

expect "ABI headers in the overlay are in step" "$TOP/scripts/sync-abi.sh" --check
cases_end
