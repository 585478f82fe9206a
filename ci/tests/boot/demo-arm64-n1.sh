#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The demonstration on the host arm64-n1: an unmodified Debian kernel reaches user
# space on armkvm; and its interactive form, with somebody at the keyboard.
# test-cost: 35
# test-cost-all: 70
# test-timeout: 1200
set -euo pipefail
# shellcheck source=ci/lib/boot.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/boot.sh"

# What it prints without a terminal the first tier has once: boot/demo-armv7-a15.
if all_variants; then boot_demo arm64-n1; fi
expect "arm64-n1: the guest's console is interactive" "$TOP/ci/lib/typist" "$TOP/scripts/demo.sh" arm64-n1
cases_end
