#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# On the host arm64-n1 armkvm can't serve: guests run on TCG, by fallback; see
# ci/lib/boot.sh. An emulator within an emulated host is slow: a Debian guest reaches user space in the
# second tier only.
# test-cost: 10
# test-cost-all: 140
# test-timeout: 1800
set -euo pipefail
# shellcheck source=ci/lib/boot.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/boot.sh"

by_fallback arm64-n1
cases_end
