#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# arm64 host kernels with pages of 16 KiB or 64 KiB, which Debian has no package of: built
# from its source package with a small configuration (scripts/host-kernel.config) for QEMU's
# virt machine.
#
#   scripts/host-kernel.sh build SERIES PAGE    prints the directory; a cold build takes
#                                               10 to 20 minutes and 3 GB while it lasts
#   scripts/host-kernel.sh cached SERIES PAGE   prints it if it is there; status 1 if not
#
# SERIES is 6.1 or 6.12, PAGE is 4k, 16k or 64k. The directory has the form of those of
# scripts/kernels.sh, so `ci/testbed --kernel DIR` and `scripts/kmod.sh build arm64 DIR` take
# it. It is in the cache, by the hash of the source package's name, the configuration and the
# compiler: other checkouts find it, too.
set -euo pipefail
# shellcheck source=scripts/lib/deps.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/deps.sh"

CONFIG=$ARMKVM_TOP/scripts/host-kernel.config
CC=aarch64-linux-gnu-gcc-12
# Of the directory: another number where this script makes another.
FORMAT=1
# The choice of the page size
declare -A PAGE_OPTION=([4k]=CONFIG_ARM64_4K_PAGES [16k]=CONFIG_ARM64_16K_PAGES [64k]=CONFIG_ARM64_64K_PAGES)

source_deb() { apt_fetch "$(arch_native)" "linux-source-$1"; }

# directory SERIES PAGE DEB
directory() {
	local key
	key=$({
		echo "$FORMAT"
		basename "$3"
		cat "$CONFIG"
		"$CC" -dumpfullversion
	} | sha256sum)
	printf '%s/host-kernels/%s-%s-%s\n' "$ARMKVM_CACHE" "$1" "$2" "${key:0:16}"
}

# Its -C and O= follow.
MAKE=(nice -n 10 make ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- "CC=$CC"
	KBUILD_BUILD_USER=armkvm KBUILD_BUILD_HOST=testbed)

# configure TREE OBJECTS PAGE: what the configuration asks for must come out.
configure() {
	local tree=$1 objects=$2 page=$3 line
	mkdir -p "$objects"
	{
		cat "$CONFIG"
		echo "${PAGE_OPTION[$page]}=y"
		echo "CONFIG_LOCALVERSION=\"-armkvm-$page\""
	} >"$objects/wanted"
	run host-kernel-config "${MAKE[@]}" -C "$tree" O="$objects" KCONFIG_ALLCONFIG="$objects/wanted" allnoconfig
	while read -r line; do
		grep -qxF -- "$line" "$objects/.config" ||
			die "this kernel's configuration can't have $line" "correct scripts/host-kernel.config"
	done < <(grep -E '^CONFIG_[A-Z0-9_]+=([ym"]|[0-9])' "$objects/wanted")
}

# build TREE NEW PAGE: image, modules (their index: all is built in), and for the module's
# build the source's own build directory, whose objects go.
build() {
	local tree=$1 new=$2 page=$3 kver objects=$2/build
	configure "$tree" "$objects" "$page"
	run host-kernel "${MAKE[@]}" -C "$tree" O="$objects" -j "${ARMKVM_JOBS:-$(nproc)}" Image modules
	kver=$(<"$objects/include/config/kernel.release")
	mkdir -p "$new/boot" "$new/usr/src"
	cp "$objects/arch/arm64/boot/Image" "$new/boot/vmlinuz-$kver"
	run host-kernel-modules "${MAKE[@]}" -C "$tree" O="$objects" INSTALL_MOD_PATH="$new" modules_install
	rm -f "$new/lib/modules/$kver/build" "$new/lib/modules/$kver/source"
	find "$objects" \( -name '*.o' -o -name '*.a' -o -name '*.cmd' -o -name 'vmlinux*' -o -name Image \) \
		! -path "$objects/scripts/*" -delete
	ln -s ../../build "$new/usr/src/linux-headers-$kver"
}

main() {
	local series=${2:-} page=${3:-} deb dir new lock
	case ${1:-} in
	build | cached) ;;
	--help | -h)
		sed -n '4,17s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
		return
		;;
	*) usage_error "unknown command '${1:-}'" scripts/host-kernel.sh ;;
	esac
	[[ $series =~ ^6\.(1|12)$ && -n ${PAGE_OPTION[${page:-none}]:-} ]] ||
		usage_error "$1 needs SERIES (6.1, 6.12) and PAGE (4k, 16k, 64k)" scripts/host-kernel.sh
	if [[ $1 == cached ]]; then
		for dir in "$ARMKVM_CACHE/host-kernels/$series-$page"-*; do
			if [[ -f $dir/.complete ]]; then deb=$(source_deb "$series") && break; fi
		done
		[[ -n ${deb:-} ]] || exit 1
	fi
	deps_install base host-kernel
	deb=${deb:-$(source_deb "$series")} || die "cannot get linux-source-$series" "the lines above say why"
	dir=$(directory "$series" "$page" "$deb")
	if [[ ! -f $dir/.complete ]]; then
		[[ $1 == build ]] || exit 1
		# of the cache, not of this checkout
		mkdir -p "${dir%/*}"
		exec {lock}>>"${dir%/*}/.lock"
		flock "$lock"
	fi
	if [[ ! -f $dir/.complete ]]; then
		info "host kernel: $series with pages of $page"
		# The build directory names its source: both move together, or not at all.
		for new in "${dir%-*}"-*; do
			if [[ ! -f $new/.complete ]]; then rm -rf -- "$new"; fi
		done
		new=$dir
		mkdir -p "$new/source"
		dpkg-deb --fsys-tarfile "$deb" | tar -xO "./usr/src/linux-source-$series.tar.xz" |
			tar -xJ --strip-components=1 -C "$new/source"
		build "$new/source" "$new" "$page"
		# What a module's build reads of the source; the drivers are most of the rest.
		rm -rf "$new/source"/{drivers,sound,fs,net,Documentation,samples}
		: >"$new/.complete"
	fi
	printf '%s\n' "$dir"
}
main "$@"
