#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Debian's own Arm kernels, unpacked: image, modules, headers.
#
#   scripts/kernels.sh dir  ARCH KERNEL    prints the directory; gets it if need be
#   scripts/kernels.sh kver ARCH KERNEL    prints the kernel's version (uname -r)
#   scripts/kernels.sh list ARCH           prints the kernel packages on offer
#
# ARCH is armhf or arm64. KERNEL is a series (6.1, 6.12: its newest package; 6.1-lpae:
# that of the armhf flavour with long-descriptor tables; 6.12-16k: that of the arm64
# flavour with pages of 16 KiB) or the full name of a package
# (linux-image-6.1.0-47-armmp), 6.1-pv or 6.12-pv (armhf: the paravirtual guest's, built by
# scripts/guest-kernel.sh; 6.1-plain: the same without the series), or a directory of this form.
# The directory, build/kernels/<arch>/<kver>, holds
#   boot/vmlinuz-<kver>                     the image
#   lib/modules/<kver>/                     the modules
#   usr/lib/linux-image-<kver>/             device trees (armhf)
#   usr/src/linux-headers-<kver>/           what KDIR= wants; builds on this machine
#
# The headers' build programs are those of the build machine's architecture,
# of the same kernel: nothing is installed, nothing runs under emulation.
set -euo pipefail
# shellcheck source=scripts/lib/apt.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/apt.sh"
# shellcheck source=scripts/lib/tree.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/tree.sh"

KERNELS=$ARMKVM_BUILD/kernels

# kernel_packages ARCH SERIES-REGEX [VARIANT]: image packages of the plain flavour,
# or of its variant.
kernel_packages() {
	apt_names "$1" "^linux-image-$2[^-]*(-[0-9]+)?-$(arch_flavour "$1")${3:-}\$"
}

# kernel_resolve ARCH KERNEL: prints "KVER COMMON KBUILD": the version and the
# names of the packages that the headers need. The newest that has headers wins.
kernel_resolve() {
	local arch=$1 spec=$2 packages package kver depends series
	case $spec in
	linux-image-*) packages=$spec ;;
	*-lpae | *-16k)
		series=${spec%-*}
		packages=$(kernel_packages "$arch" "${series//./\\.}\\.[0-9]+" "-${spec##*-}" | tac)
		;;
	*) packages=$(kernel_packages "$arch" "${spec//./\\.}\\.[0-9]+" | tac) ;;
	esac
	for package in $packages; do
		kver=${package#linux-image-}
		kver=${kver%-unsigned}
		depends=$(apt_field "$arch" "linux-headers-$kver" Depends)
		[[ -n $depends && -n $(apt_field "$arch" "$package" Version) ]] || continue
		printf '%s %s %s %s\n' "$kver" "$package" \
			"$(grep -oE 'linux-headers-[^ ,]+-common' <<<"$depends" | head -n 1)" \
			"$(grep -oE 'linux-kbuild-[^ ,]+' <<<"$depends" | head -n 1)"
		return 0
	done
	return 1
}

# kernel_kbuild_deb KBUILD VERSION: the build programs for this machine, of the
# kernel's own version if the archive has it, else the nearest it has: their
# interface doesn't change within a package name.
kernel_kbuild_deb() {
	local package
	package=$(apt_memo "kbuild-$1-$2" kernel_kbuild_package "$1" "$2") || return 1
	apt_fetch "$(arch_native)" "$package"
}

kernel_kbuild_package() {
	if [[ -n $(apt_field "$(arch_native)" "$1=$2" Version) ]]; then
		printf '%s\n' "$1=$2"
	else
		printf '%s\n' "$1"
	fi
}

# kernel_fix_paths DIR KVER: the packages expect to lie at / .
kernel_fix_paths() {
	local dir=$1 kver=$2 headers=$1/usr/src/linux-headers-$2 f
	for f in "$headers/Makefile" "$headers/arch"/*/Makefile; do
		[[ -f $f ]] || continue
		# Found relative to the makefile itself, so that the tree can be moved.
		sed -i -E "s@^(-?include[[:space:]]+)/usr/@\\1\$(realpath \$(dir \$(lastword \$(MAKEFILE_LIST))))/$(realpath -m --relative-to="$(dirname "$f")" "$dir/usr")/@" "$f"
	done
	tree_relative_links "$headers" "$dir"
	tree_relative_links "$dir/lib/modules/$kver" "$dir"
	if grep -rnE '^-?include[[:space:]]+/usr/' "$headers/Makefile"; then
		die "the headers of $kver include a file by an absolute path" "report it with the kernel's package name"
	fi
}

# kernel_get ARCH KERNEL: prints the directory; makes it under the lock.
kernel_get() {
	local arch=$1 spec=$2 answer kver package common kbuild dir new version list debs
	arch_check "$arch"
	if [[ -d $spec/lib/modules ]]; then
		realpath -- "$spec"
		return
	fi
	if [[ $spec == *-pv || $spec == *-plain ]]; then
		[[ $arch == armhf ]] || die "there is no kernel '$spec' for $arch: it is a guest's, of 32 bits" "take one of: scripts/kernels.sh list $arch"
		script guest-kernel build "${spec%-pv}"
		return
	fi
	answer=$(apt_memo "kernel-$arch-$spec" kernel_resolve "$arch" "$spec") ||
		die "there is no kernel '$spec' for $arch" "take one of: scripts/kernels.sh list $arch"
	read -r kver package common kbuild <<<"$answer"
	dir=$KERNELS/$arch/$kver
	if [[ ! -f $dir/.complete ]]; then ui_lock kernels; fi
	# Whoever held the lock may have made it.
	if [[ -f $dir/.complete ]]; then
		printf '%s\n' "$dir"
		return
	fi
	info "kernel: $kver ($arch)"
	if ! list=$(apt_fetch "$arch" "$package" "linux-headers-$kver" "$common"); then
		if [[ -n ${3:-} ]]; then
			die "cannot get the packages of kernel $kver ($arch)" "the lines above say why; for new package indexes: ./configure-wrapper.sh build --update"
		fi
		# The archive has moved on since that kernel was chosen: choose again, once.
		apt_memo_drop "kernel-$arch-$spec"
		kernel_get "$arch" "$spec" again
		return
	fi
	mapfile -t debs <<<"$list"
	version=$(dpkg-deb -f "${debs[1]}" Version)
	list=$(kernel_kbuild_deb "$kbuild" "$version") ||
		die "cannot get $kbuild for $(arch_native)" "the lines above say why; for new package indexes: ./configure-wrapper.sh build --update"
	debs+=("$list")
	rm -rf "$dir"
	new=$(fresh_dir "$dir")
	apt_unpack "$new" "${debs[@]}"
	kernel_fix_paths "$new" "$kver"
	[[ -f $new/boot/vmlinuz-$kver ]] || die "package $package holds no boot/vmlinuz-$kver"
	depmod -b "$new" "$kver"
	: >"$new/.complete"
	mv "$new" "$dir"
	printf '%s\n' "$dir"
}

main() {
	case ${1:-} in
	dir | kver)
		(($# == 3)) || usage_error "$1 needs ARCH KERNEL" scripts/kernels.sh
		local dir
		dir=$(kernel_get "$2" "$3")
		if [[ $1 == dir ]]; then echo "$dir"; else ls "$dir/lib/modules"; fi
		;;
	list)
		(($# == 2)) || usage_error "list needs ARCH" scripts/kernels.sh
		arch_check "$2"
		kernel_packages "$2" '[0-9]+\.[0-9]+\.[0-9]+'
		;;
	--help | -h) sed -n '4,22s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" ;;
	*) usage_error "unknown command '${1:-}'" scripts/kernels.sh ;;
	esac
}
main "$@"
