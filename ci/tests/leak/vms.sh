#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# 1,000 VMs made and destroyed, half of them with their process killed, leave
# nothing behind: slab, vmalloc, per-CPU memory, page tables, files, references.
# The tolerance is stated in kernel-abi/tests/leak-test.c. Afterwards the module
# can be unloaded and loaded again.
# test-cost: 60
# test-cost-all: 60
# test-timeout: 900
set -euo pipefail
# shellcheck source=ci/lib/hosts.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/hosts.sh"

# What the test's command does in the host; its pieces report like any test.
# shellcheck disable=SC2016 # expanded there
COMMAND='/usr/lib/armkvm/tests/leak-test
if rmmod armkvm; then echo PASS unload; else echo FAIL unload: refused; fi
if [ -e /dev/armkvm ]; then echo FAIL node: still there; else echo PASS node gone; fi
if insmod /testbed/armkvm.ko; then echo PASS load again; else echo FAIL load again: refused; fi
/usr/lib/armkvm/tests/selftest "system version"'

# Every core in the second tier
read -ra HOSTS < <(by_tier "armv7-a15 arm64-n1" "armv7-a15 armv7-a9 arm64-a72 arm64-n1")
for host in "${HOSTS[@]}"; do
	host_test "$host" "$host" --no-qemu --smp 2 --timeout 400 -- sh -c "$COMMAND"
done
cases_end
