#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# arm64 hosts that can't serve: the module does not load, its line in the kernel's log and
# QEMU's own name the reason, armkvm-ok, too, -accel tcg takes over.
# test-cost: 25
# test-timeout: 900
set -euo pipefail
# shellcheck source=ci/lib/hosts.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/hosts.sh"

# refused NAME MODULE QEMU OK TESTBED-OPTION...
refused() {
	host_test "$1" "${@:5}" --no-load --timeout 300 --add "$TOP/ci/lib/startup-in-host:/startup" \
		--add "$TOP/packaging/bin/armkvm-ok:/bin/armkvm-ok" -- sh /startup refused "$2" "$3" "$4"
}

# Linux 6.1 and 6.12 warn of this core's cache lines: of 256 bytes.
refused "a core without AArch32" "can't execute 32-bit code" 'cannot execute 32-bit code .*use .-accel tcg' \
	'never on this machine' arm64-a64fx --expect-report
refused "AArch32 switched off" "can't execute 32-bit code" 'cannot execute 32-bit code .*use .-accel tcg' \
	'arm64.no32bit_el0; to cure' arm64-n1 --kernel 6.12 --append arm64.no32bit_el0
cases_end
