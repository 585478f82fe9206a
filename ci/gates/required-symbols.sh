#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kmod/required-symbols.txt names what the module takes from the kernel: every
# symbol that a built armkvm.ko leaves undefined is in it, and every one in it
# is left undefined by some build and exported by the kernels of that build. A module that is
# built for no kernel at all proves nothing, so one for each of the four is asked for.
#
# A line of the list is `symbol`, or `symbol ARCH...` for one that only builds
# of these architectures (armhf, arm64) need; `#` starts a comment.
# test-cost: 2
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/cases.sh"

LIST=$TOP/kmod/required-symbols.txt

# undefined KO: what it needs. The linker of modules resolves these two itself.
undefined() { nm --undefined-only "$1" | awk '{ print $NF }' | sort -u; }

exported() { awk '{ print $2 }' "$1" | sort -u; }

listed() { sed 's/#.*//' "$LIST" | awk 'NF { print $1 }' | sort -u; }

check_list() {
	sed 's/#.*//' "$LIST" | awk 'NF { print $1 }' | sort | uniq -d >"$SCRATCH/twice"
	expect_empty "required-symbols.txt names each once" "twice" "$SCRATCH/twice"
}

check_kernel() { # ARCH KVER
	local arch=$1 kver=$2 ko=$BUILD/kmod/$2/armkvm.ko
	local symvers=$BUILD/kernels/$1/$2/usr/src/linux-headers-$2/Module.symvers
	if [[ ! -s $ko ]]; then
		fail "symbols of $kver" "build/kmod/$kver/armkvm.ko is missing; ./configure-wrapper.sh build --host $arch"
		return
	fi
	undefined "$ko" >"$SCRATCH/needs"
	sort -u "$SCRATCH/needs" "$SCRATCH/used" -o "$SCRATCH/used"
	if [[ ! -s $SCRATCH/needs ]]; then
		fail "symbols of $kver" "armkvm.ko needs nothing at all: not a module"
		return
	fi
	comm -23 "$SCRATCH/needs" "$SCRATCH/listed" >"$SCRATCH/unlisted"
	expect_empty "$kver: all symbols are listed" "not in required-symbols.txt" "$SCRATCH/unlisted"
	exported "$symvers" | comm -23 "$SCRATCH/needs" - >"$SCRATCH/unexported"
	expect_empty "$kver: all symbols are exported" "not exported by this kernel" "$SCRATCH/unexported"
}

check_all() {
	local arch series kver count=0
	for arch in armhf arm64; do
		for series in 6.1 6.12; do
			kver=$("$TOP/scripts/kernels.sh" kver "$arch" "$series") || {
				fail "kernel $series of $arch" "cannot be had"
				continue
			}
			check_kernel "$arch" "$kver"
			count=$((count + 1))
		done
	done
	comm -13 "$SCRATCH/used" "$SCRATCH/listed" >"$SCRATCH/unused"
	expect_empty "every listed symbol is needed" "no build needs it" "$SCRATCH/unused"
}

: >"$SCRATCH/used"
listed >"$SCRATCH/listed"
check_list
check_all
cases_end
