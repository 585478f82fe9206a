#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# QEMU's start-up in every host, with the module and without it: what
# -accel armkvm says, its exit status, and that -accel tcg behind it takes over.
# The commands are in ci/lib/startup-in-host.
# test-cost: 60
# test-timeout: 900
set -euo pipefail
# shellcheck source=ci/lib/hosts.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/hosts.sh"

for host in armv7-a15 armv7-a9 arm64-a72 arm64-n1; do
	host_test "$host" "$host" --timeout 400 --add "$TOP/ci/lib/startup-in-host:/startup" -- sh /startup
done
cases_end
