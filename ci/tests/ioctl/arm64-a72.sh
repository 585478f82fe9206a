#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The ioctl self-test and the fuzzer on the host arm64-a72; see ci/lib/ioctl.sh.
# test-cost: 110
# test-cost-all: 120
# test-timeout: 600
# test-timeout-all: 3600
set -euo pipefail
# shellcheck source=ci/lib/ioctl.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/ioctl.sh"

ioctl_tests arm64-a72 6.1 6.12
cases_end
