#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The demonstration on the host armv7-a15: an unmodified Debian kernel reaches user
# space on armkvm; and its interactive form, with somebody at the keyboard.
# test-cost: 35
# test-cost-all: 70
# test-timeout: 1200
set -euo pipefail
# shellcheck source=ci/lib/boot.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/boot.sh"

boot_demo armv7-a15
# The first tier has that once: boot/demo-arm64-n1.
if all_variants; then
	expect "armv7-a15: the guest's console is interactive" "$TOP/ci/lib/typist" "$TOP/scripts/demo.sh" armv7-a15
fi
cases_end
