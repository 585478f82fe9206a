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

# Every core in the second tier
read -ra HOSTS < <(by_tier "armv7-a15 arm64-n1" "armv7-a15 armv7-a9 arm64-a72 arm64-n1")
for host in "${HOSTS[@]}"; do
	host_test "$host" "$host" --no-qemu --smp 2 --timeout 400 --add "$TOP/ci/lib/leak-in-host:/leak" -- sh /leak
done
cases_end
