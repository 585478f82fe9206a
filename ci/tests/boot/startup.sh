#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# QEMU's start-up in every host, with the module and without it: -accel armkvm
# starts where it can; where it can't, what it says, its exit status, and that
# -accel tcg behind it takes over; and what armkvm-ok says. The commands are in ci/lib/startup-in-host.
# test-cost: 50
# test-cost-all: 50
# test-timeout: 900
set -euo pipefail
# shellcheck source=ci/lib/hosts.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/hosts.sh"

STARTUP=(--timeout 400 --add "$TOP/ci/lib/startup-in-host:/startup" --add "$TOP/packaging/bin/armkvm-ok:/bin/armkvm-ok")

startup() { # HOST [MODEL FEATURE]
	host_test "$1" "$1" "${STARTUP[@]}" -- sh /startup "${@:2}"
}

# Without EL2: KVM's line comes first.
startup_after_kvm() { # HOST
	host_test "$1" "$1" "${STARTUP[@]}" -- \
		sh -c "sh /startup kvm 'there is no /dev/kvm' && insmod /testbed/armkvm.ko && sh /startup"
}

startup armv7-a15
startup armv7-a9 cortex-a15 'hardware integer division'
startup_after_kvm arm64-a72
if all_variants; then startup arm64-n1; fi
cases_end
