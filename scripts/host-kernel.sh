#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Host kernels that Debian has no package of, built from its source package with small
# configurations (scripts/host-kernel/) for QEMU's virt and vexpress-a9 machines.
#
#   scripts/host-kernel.sh build ARCH SERIES KIND    prints the directory; a cold build takes
#                                                    5 to 20 minutes and 3 GB while it lasts
#   scripts/host-kernel.sh cached ARCH SERIES KIND   prints it if it is there; status 1 if not
#
# ARCH is armhf or arm64, SERIES is 6.1 or 6.12. KIND is
#   4k, 16k, 64k   the size of a page (arm64)
#   debug          a kernel that watches itself: KASAN, lockdep, RCU, kmemleak, page poisoning,
#                  sleeping and preemption where they mustn't be; it stops at the first warning
#   latency        one that measures how long interrupts or preemption are off
#   kcsan          one that looks for data races of the module (arm64)
# The directory has the form of those of scripts/kernels.sh, so `ci/testbed --kernel DIR` and
# `scripts/kmod.sh build ARCH DIR` take it; debug, latency and kcsan also by name. What the kernel's
# command line must have is in its file command-line. It is in the cache, by the hash of the
# source package's name, the configuration and the compiler: other checkouts find it, too.
set -euo pipefail
# shellcheck source=scripts/lib/deps.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/deps.sh"

CONFIGS=$ARMKVM_TOP/scripts/host-kernel
GCC=12
# Of the directory: another number where this script makes another.
FORMAT=2

# kind_config ARCH KIND: its configuration, of files and of what is chosen by the architecture;
# false if there is no such kind.
kind_config() {
	cat "$CONFIGS/common.config" "$CONFIGS/$1.config"
	case $1-$2 in
	*-debug | *-latency | *-kcsan) cat "$CONFIGS/$2.config" ;;
	*) echo CONFIG_PREEMPT_VOLUNTARY=y ;;
	esac
	case $1-$2 in
	arm64-4k | arm64-16k | arm64-64k) echo "CONFIG_ARM64_${2^^}_PAGES=y" ;;
	# Shadow bytes of the memory checker by tags take a sixteenth of the memory, not an eighth.
	arm64-debug) printf '%s=y\n' CONFIG_ARM64_4K_PAGES CONFIG_KASAN_SW_TAGS CONFIG_KASAN_INLINE CONFIG_DEBUG_VM_PGTABLE ;;
	arm64-latency | arm64-kcsan) echo CONFIG_ARM64_4K_PAGES=y ;;
	armhf-latency) ;;
	armhf-debug) printf '%s=y\n' CONFIG_KASAN_GENERIC CONFIG_KASAN_INLINE ;;
	*) return 1 ;;
	esac
	echo "CONFIG_LOCALVERSION=\"-armkvm-$2-$1\""
}

# kind_command_line KIND
kind_command_line() {
	if [[ $1 == debug ]]; then echo 'panic_on_warn=1 page_poison=1 kasan.fault=panic'; fi
}

source_deb() { apt_fetch "$(arch_native)" "linux-source-$1"; }

compiler() { printf '%s-gcc-%s\n' "$(arch_triplet "$1")" "$GCC"; }

# directory ARCH SERIES KIND DEB
directory() {
	local key
	key=$({
		echo "$FORMAT"
		basename "$4"
		kind_config "$1" "$3"
		kind_command_line "$3"
		"$(compiler "$1")" -dumpfullversion
	} | sha256sum)
	printf '%s/host-kernels/%s-%s-%s-%s\n' "$ARMKVM_CACHE" "$2" "$1" "$3" "${key:0:16}"
}

# set_make ARCH TREE OBJECTS: MAKE is the program with what all its calls have.
set_make() {
	MAKE=(nice -n 10 make ARCH="$(arch_kernel "$1")" CROSS_COMPILE="$(arch_triplet "$1")-" CC="$(compiler "$1")"
		KBUILD_BUILD_USER=armkvm KBUILD_BUILD_HOST=testbed -C "$2" O="$3")
}

# configure ARCH OBJECTS KIND: what the configuration asks for must come out.
configure() {
	local objects=$2 line
	mkdir -p "$objects"
	kind_config "$1" "$3" >"$objects/wanted"
	run host-kernel-config "${MAKE[@]}" KCONFIG_ALLCONFIG="$objects/wanted" allnoconfig
	while read -r line; do
		grep -qxF -- "$line" "$objects/.config" ||
			die "this kernel's configuration can't have $line" "correct the files in scripts/host-kernel"
	done < <(grep -E '^CONFIG_[A-Z0-9_]+=([ym"]|[0-9])' "$objects/wanted")
}

# build ARCH TREE NEW KIND: image, device trees, modules (their index: all is built in), and for
# the module's build the source's own build directory, whose objects go.
build() {
	local arch=$1 tree=$2 new=$3 kind=$4 kver image=Image objects=$3/build
	local -a more=()
	if [[ $arch == armhf ]]; then
		image=zImage
		more=(vexpress-v2p-ca9.dtb)
	fi
	set_make "$arch" "$tree" "$objects"
	configure "$arch" "$objects" "$kind"
	run host-kernel "${MAKE[@]}" -j "${ARMKVM_JOBS:-$(nproc)}" "$image" modules "${more[@]}"
	kver=$(<"$objects/include/config/kernel.release")
	mkdir -p "$new/boot" "$new/usr/src" "$new/usr/lib/linux-image-$kver"
	cp "$objects/arch/$(arch_kernel "$arch")/boot/$image" "$new/boot/vmlinuz-$kver"
	if ((${#more[@]})); then
		cp "$objects/arch/arm/boot/dts/${more[0]}" "$new/usr/lib/linux-image-$kver/"
	fi
	# for those who read a report's addresses
	cp "$objects/System.map" "$new/boot/System.map-$kver"
	run host-kernel-modules "${MAKE[@]}" INSTALL_MOD_PATH="$new" modules_install
	rm -f "$new/lib/modules/$kver/build" "$new/lib/modules/$kver/source"
	find "$objects" \( -name '*.o' -o -name '*.a' -o -name '*.cmd' -o -name 'vmlinux*' -o -name "$image" -o -name Image \) \
		! -path "$objects/scripts/*" -delete
	ln -s ../../build "$new/usr/src/linux-headers-$kver"
	kind_command_line "$kind" >"$new/command-line"
}

# forget_unfinished DIR: what stopped builds of the same kernel left; nobody else builds, the
# caller has the lock.
forget_unfinished() {
	local old
	for old in "${1%-*}"-*; do
		if [[ ! -f $old/.complete ]]; then rm -rf -- "$old"; fi
	done
}

main() {
	local arch=${2:-} series=${3:-} kind=${4:-} deb dir lock
	case ${1:-} in
	build | cached) ;;
	--help | -h)
		sed -n '4,23s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
		return
		;;
	*) usage_error "unknown command '${1:-}'" scripts/host-kernel.sh ;;
	esac
	[[ $arch =~ ^(armhf|arm64)$ && $series =~ ^6\.(1|12)$ ]] ||
		usage_error "$1 needs ARCH (armhf, arm64), SERIES (6.1, 6.12) and KIND" scripts/host-kernel.sh
	kind_config "$arch" "$kind" >/dev/null ||
		usage_error "there is no kind '$kind' of host kernel for $arch" scripts/host-kernel.sh
	if [[ $1 == cached ]]; then
		for dir in "$ARMKVM_CACHE/host-kernels/$series-$arch-$kind"-*; do
			if [[ -f $dir/.complete ]]; then deb=$(source_deb "$series") && break; fi
		done
		[[ -n ${deb:-} ]] || exit 1
	fi
	deps_install base host-kernel "$arch"
	deb=${deb:-$(source_deb "$series")} || die "cannot get linux-source-$series" "the lines above say why"
	dir=$(directory "$arch" "$series" "$kind" "$deb")
	if [[ ! -f $dir/.complete ]]; then
		[[ $1 == build ]] || exit 1
		# of the cache, not of this checkout
		mkdir -p "${dir%/*}"
		exec {lock}>>"${dir%/*}/.lock"
		flock "$lock"
	fi
	if [[ ! -f $dir/.complete ]]; then
		info "host kernel: $series $kind ($arch)"
		forget_unfinished "$dir"
		# The build directory names its source: made in its place.
		mkdir -p "$dir/source"
		dpkg-deb --fsys-tarfile "$deb" | tar -xO "./usr/src/linux-source-$series.tar.xz" |
			tar -xJ --strip-components=1 -C "$dir/source"
		build "$arch" "$dir/source" "$dir" "$kind"
		# What a module's build reads of the source; the drivers are most of the rest.
		rm -rf "$dir/source"/{drivers,sound,fs,net,Documentation,samples}
		: >"$dir/.complete"
	fi
	printf '%s\n' "$dir"
}
main "$@"
