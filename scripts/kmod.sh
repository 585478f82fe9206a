#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The kernel module, cross-built for Debian's kernels.
#
#   scripts/kmod.sh build ARCH KERNEL   prints build/kmod/<kver>/armkvm.ko
#   scripts/kmod.sh all ARCH            for each series that is tested
#
# ARCH and KERNEL as for scripts/kernels.sh. Every warning is an error, those
# of the kernel's own `W=1` included. The build works on a copy of kmod/ and
# kernel-abi/, so that kernels don't disturb each other.
set -euo pipefail
# shellcheck source=scripts/lib/apt.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/apt.sh"
# shellcheck source=scripts/lib/tree.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/tree.sh"

KMOD_SERIES=(6.1 6.12)

# kmod_compiler KDIR ARCH: the compiler of the major version that built the kernel, as
# its headers name it; of another release's kernel the very one, which scripts/kernels.sh has
# put beside it.
kmod_compiler() {
	local version
	version=$(sed -nE 's/^CONFIG_GCC_VERSION=([0-9]+)[0-9]{4}$/\1/p' "$1/.config" "$1/include/config/auto.conf" 2>/dev/null | head -n 1)
	printf '%s-gcc-%s\n' "$(arch_triplet "$2")" "${version:?the kernel headers name no gcc}"
}

# kmod_copy DIR: the sources as the kernel's build system shall see them.
kmod_copy() {
	tree_sync "$ARMKVM_TOP/kmod" "$1/kmod"
	tree_sync "$ARMKVM_TOP/kernel-abi/include" "$1/kernel-abi/include"
}

kmod_build() {
	local arch=$1 kdir kver kernel dir cc stamp pahole
	kernel=$(script kernels dir "$arch" "$2")
	kver=$(ls "$kernel/lib/modules")
	kdir=$kernel/usr/src/linux-headers-$kver
	dir=$ARMKVM_BUILD/kmod/$kver
	cc=$(kmod_compiler "$kdir" "$arch")
	if [[ -f $kernel/.tools ]]; then PATH=$(<"$kernel/.tools")/usr/bin:$PATH; fi
	command -v "$cc" >/dev/null ||
		die "the compiler $cc of kernel $kver is missing" "./configure-wrapper.sh build --host $arch"
	stamp="$kver $("$cc" -dumpfullversion) $(tree_hash "$ARMKVM_TOP/kmod" "$ARMKVM_TOP/kernel-abi/include")"
	if ! stamp_is "$dir/stamp" "$stamp" || [[ ! -f $dir/armkvm.ko ]]; then
		ui_lock "kmod-$kver"
		# Without the stamp of a finished build the objects are not trusted.
		if [[ ! -f $dir/stamp ]]; then remove "$dir"; fi
		rm -f "$dir/stamp"
		kmod_copy "$dir/src"
		# No BTF: nothing uses ours, and it would take pahole on every machine; the kernel
		# is told that it has the one it asks for.
		pahole=$(sed -n 's/^CONFIG_PAHOLE_VERSION=//p' "$kdir/include/config/auto.conf")
		run "kmod-$kver" nice -n 10 make -C "$kdir" M="$dir/src/kmod" \
			ARCH="$(arch_kernel "$arch")" CROSS_COMPILE="$(arch_triplet "$arch")-" \
			CONFIG_DEBUG_INFO_BTF_MODULES= "PAHOLE_VERSION=$pahole" W=1 KCFLAGS=-Werror \
			-j "${ARMKVM_JOBS:-$(nproc)}" modules
		cp "$dir/src/kmod/armkvm.ko" "$dir/armkvm.ko.new"
		"$(arch_triplet "$arch")-strip" --strip-debug "$dir/armkvm.ko.new"
		mv "$dir/armkvm.ko.new" "$dir/armkvm.ko"
		stamp_set "$dir/stamp" "$stamp"
	fi
	printf '%s\n' "$dir/armkvm.ko"
}

main() {
	local series
	case ${1:-} in
	build)
		(($# == 3)) || usage_error "build needs ARCH KERNEL" scripts/kmod.sh
		kmod_build "$2" "$3"
		;;
	all)
		(($# == 2)) || usage_error "all needs ARCH" scripts/kmod.sh
		for series in "${KMOD_SERIES[@]}"; do kmod_build "$2" "$series"; done
		;;
	--help | -h) sed -n '4,11s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" ;;
	*) usage_error "unknown command '${1:-}'" scripts/kmod.sh ;;
	esac
}
main "$@"
