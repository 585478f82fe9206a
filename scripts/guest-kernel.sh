#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Paravirtual guest kernels: Debian's linux-source with the series of guest/linux/<version>/
# and the small configuration guest/linux/config, for ARMv7 guests of QEMU's virt and vexpress.
#
#   scripts/guest-kernel.sh build VERSION     prints the directory; a cold build takes about
#                                             4 minutes on two cores and 3 GB while it lasts
#   scripts/guest-kernel.sh source VERSION DIR    the patched source into DIR, which is made
#
# VERSION is 6.1 or 6.12. 6.1-plain and 6.12-plain are the same source and configuration without
# the series, to compare with; 6.1-thumb2-plain and 6.12-thumb2-plain the same compiled as T32 code
# (CONFIG_THUMB2_KERNEL, which the series hasn't got). The directory, build/guest-kernels/<version>,
# has the form of those of scripts/kernels.sh, so `scripts/guest-initramfs.sh DIR` takes it. It is
# made again when the source package, the series, the configuration, the compiler or how it is built
# changed; the cache keeps each that was made (5 MB).
set -euo pipefail
# shellcheck source=scripts/lib/apt.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/apt.sh"
# shellcheck source=scripts/lib/deps.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/deps.sh"
# shellcheck source=scripts/lib/tree.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/tree.sh"

SERIES=$ARMKVM_TOP/guest/linux
CC=arm-linux-gnueabihf-gcc-12
# Its -C and O= follow.
MAKE=(nice -n 5 make ARCH=arm CROSS_COMPILE=arm-linux-gnueabihf- "CC=$CC"
	KBUILD_BUILD_USER=armkvm KBUILD_BUILD_HOST=guest "KBUILD_BUILD_TIMESTAMP=1 Jan 2024 UTC")

source_deb() { apt_fetch "$(arch_native)" "linux-source-${1%%-*}"; }

# unpack VERSION DEB DIR: the source with the series. Each patch must apply exactly.
unpack() {
	local version=${1%%-*} deb=$2 dir=$3
	mkdir -p "$dir"
	dpkg-deb --fsys-tarfile "$deb" | tar -xO "./usr/src/linux-source-$version.tar.xz" |
		tar -xJ --strip-components=1 -C "$dir"
	[[ $1 != *-plain ]] || return 0
	run "guest-kernel-patch-$version" patch -d "$dir" -p1 -F0 --no-backup-if-mismatch \
		-i <(cat "$SERIES/$version"/*.patch)
}

# configure VERSION TREE OBJECTS: what the configuration asks for must come out.
configure() {
	local tree=$2 objects=$3 line name=-armkvm
	mkdir -p "$objects"
	cp "$SERIES/config" "$objects/wanted"
	if [[ $1 == *-plain ]]; then
		sed -i '/^CONFIG_ARMKVM_GUEST=/d' "$objects/wanted"
		name=-${1#*-}
	fi
	if [[ $1 == *-thumb2-* ]]; then echo 'CONFIG_THUMB2_KERNEL=y' >>"$objects/wanted"; fi
	echo "CONFIG_LOCALVERSION=\"$name\"" >>"$objects/wanted"
	run guest-kernel-config "${MAKE[@]}" -C "$tree" O="$objects" KCONFIG_ALLCONFIG="$objects/wanted" allnoconfig
	while read -r line; do
		grep -qxF -- "$line" "$objects/.config" ||
			die "this kernel's configuration can't have $line" "correct guest/linux/config"
	done < <(grep -E '^CONFIG_[A-Za-z0-9_]+=([ym"]|[0-9])' "$objects/wanted")
	while read -r line; do
		if grep -qE "^$line=[ym]" "$objects/.config"; then
			die "this kernel's configuration can't do without $line" "correct guest/linux/config"
		fi
	done < <(sed -n 's/^\(CONFIG_[A-Za-z0-9_]*\)=n$/\1/p' "$objects/wanted")
}

# build VERSION DEB NEW
build() {
	local version=$1 deb=$2 new=$3 kver objects=$3/objects
	unpack "$version" "$deb" "$new/source"
	configure "$version" "$new/source" "$objects"
	run "guest-kernel-$version" "${MAKE[@]}" -C "$new/source" O="$objects" -j "${ARMKVM_JOBS:-$(nproc)}" zImage modules dtbs
	kver=$(<"$objects/include/config/kernel.release")
	mkdir -p "$new/boot" "$new/usr/lib/linux-image-$kver"
	run guest-kernel-modules "${MAKE[@]}" -C "$new/source" O="$objects" INSTALL_MOD_PATH="$new" modules_install
	rm -f "$new/lib/modules/$kver"/{build,source}
	cp "$objects/arch/arm/boot/zImage" "$new/boot/vmlinuz-$kver"
	cp "$objects/System.map" "$new/boot/System.map-$kver"
	cp "$objects/.config" "$new/boot/config-$kver"
	find "$objects/arch/arm/boot/dts" -name 'vexpress-v2p-*.dtb' -exec cp {} "$new/usr/lib/linux-image-$kver/" \;
	rm -rf "$new/source" "$objects"
}

# stamp VERSION DEB: what the result is made of, in one line.
stamp() {
	printf '%s %s %s %s\n' "$(basename -- "$2")" \
		"$([[ $1 == *-plain ]] || tree_hash "$SERIES/${1%%-*}")" \
		"$({ cat "$SERIES/config" && declare -p MAKE && declare -f unpack configure build; } | sha256sum | cut -c1-16)" \
		"$("$CC" -dumpfullversion)"
}

# cached NAME: the archive of what was made with this key, in the cache.
cached() { printf '%s/guest-kernels/%s.tar\n' "$ARMKVM_CACHE" "$1"; }

# keep DIR FILE: puts DIR into the archive, which others may be reading.
keep() {
	mkdir -p "${2%/*}"
	tar -cf "$2.$$" -C "$1" .
	mv -f "$2.$$" "$2"
}

command_build() {
	local version=$1 deb dir=$ARMKVM_BUILD/guest-kernels/$1 new text file
	deb=$(source_deb "$version") || die "cannot get linux-source-$version" "the lines above say why"
	text=$(stamp "$version" "$deb")
	if ! stamp_is "$dir/.complete" "$text"; then ui_lock "guest-kernel-$version"; fi
	if ! stamp_is "$dir/.complete" "$text"; then
		info "guest kernel: $version"
		new=$(fresh_dir "$dir")
		file=$(cached "$version-$(sha256sum <<<"$text" | cut -c1-16)")
		if ! { [[ -f $file ]] && tar -xf "$file" -C "$new"; }; then
			build "$version" "$deb" "$new"
			keep "$new" "$file"
		fi
		stamp_set "$new/.complete" "$text"
		remove "$dir"
		mv "$new" "$dir"
	fi
	printf '%s\n' "$dir"
}

command_source() {
	local version=$1 dir=$2 deb
	[[ ! -e $dir ]] || die "$dir is there already" "name a directory that is not"
	deb=$(source_deb "$version") || die "cannot get linux-source-$version" "the lines above say why"
	unpack "$version" "$deb" "$(realpath -m -- "$dir")"
}

main() {
	case ${1:-}:$# in
	build:2 | source:3)
		[[ $2 =~ ^(6\.[0-9]+)(-plain|-thumb2-plain)?$ && -d $SERIES/${BASH_REMATCH[1]} ]] ||
			usage_error "there is no guest kernel '$2': take 6.1 or 6.12, with -plain or -thumb2-plain behind it" scripts/guest-kernel.sh
		deps_install base guest-kernel
		"command_$1" "${@:2}"
		;;
	--help:* | -h:*) sed -n '4,16s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" ;;
	*) usage_error "build takes VERSION, source takes VERSION DIR" scripts/guest-kernel.sh ;;
	esac
}
main "$@"
