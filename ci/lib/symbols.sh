# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Which symbols a built armkvm.ko takes from its kernel, against kmod/required-symbols.txt:
# sourced by ci/gates/required-symbols.sh and ci/tests/build/kernels.sh.
#
# A line of the list is `symbol`, or `symbol ARCH...` for one that only builds
# of these architectures (armhf, arm64) need; `#` starts a comment.

# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/cases.sh"

LIST=$TOP/kmod/required-symbols.txt

# The kernels that the module is built for: ARCH KERNEL, as scripts/kernels.sh takes them. Those
# of this machine's release come with every build, the others with ci/tests/build/kernels.sh.
# shellcheck disable=SC2034 # for who sources this file
RELEASE_KERNELS=('armhf 6.1' 'armhf 6.12' 'arm64 6.1' 'arm64 6.12')
# shellcheck disable=SC2034
OTHER_KERNELS=('armhf 5.10' 'armhf newest' 'arm64 5.10' 'arm64 6.12-16k' 'arm64 6.12-rt' 'arm64 newest')
# With --all: each is 100 MB to get.
if all_variants; then
	OTHER_KERNELS+=('arm64 5.10-cloud' 'arm64 6.1-cloud' 'arm64 6.12-cloud' 'arm64 newest-cloud' 'arm64 7.2' 'arm64 newest-16k'
		'arm64 6.1-rt' 'armhf 6.1-rt' 'armhf 6.12-rt')
fi

undefined() { nm --undefined-only "$1" | awk '{ print $NF }' | sort -u; }

exported() { awk '{ print $2 }' "$1" | sort -u; }

listed() { sed 's/#.*//' "$LIST" | awk 'NF { print $1 }' | sort -u; }

# symbols_begin: before the first check.
symbols_begin() {
	: >"$SCRATCH/used"
	listed >"$SCRATCH/listed"
}

# symbols_check ARCH KVER: of the module that is built for it.
symbols_check() {
	local kver=$2 ko=$BUILD/kmod/$2/armkvm.ko
	local symvers=$BUILD/kernels/$1/$2/usr/src/linux-headers-$2/Module.symvers
	if [[ ! -s $ko ]]; then
		fail "symbols of $kver" "build/kmod/$kver/armkvm.ko is missing; ./configure-wrapper.sh build --host $1"
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

# symbols_unused: which of the list none of the checked modules needs.
symbols_unused() {
	comm -13 "$SCRATCH/used" "$SCRATCH/listed" >"$SCRATCH/unused"
	expect_empty "every listed symbol is needed" "no build needs it" "$SCRATCH/unused"
}
