#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kmod/required-symbols.txt names what the module takes from the kernel: every symbol that an
# armkvm.ko leaves undefined is in it, once, and exported by the kernel. Here for the kernels that
# every build makes it for; ci/tests/build/kernels.sh does it for the others, and looks whether
# all that is listed is needed. A module that is built for no kernel at all proves nothing, so one
# for each of the four is asked for.
# test-cost: 2
set -euo pipefail
# shellcheck source=ci/lib/symbols.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/symbols.sh"

sed 's/#.*//' "$LIST" | awk 'NF { print $1 }' | sort | uniq -d >"$SCRATCH/twice"
expect_empty "required-symbols.txt names each once" "twice" "$SCRATCH/twice"
symbols_begin
for kernel in "${RELEASE_KERNELS[@]}"; do
	read -r arch series <<<"$kernel"
	kver=$("$TOP/scripts/kernels.sh" kver "$arch" "$series") || {
		fail "kernel $series of $arch" "cannot be had"
		continue
	}
	symbols_check "$arch" "$kver"
done
cases_end
