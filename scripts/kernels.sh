#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Debian's own Arm kernels, unpacked: image, modules, headers.
#
#   scripts/kernels.sh dir  ARCH KERNEL    prints the directory; gets it if need be
#   scripts/kernels.sh kver ARCH KERNEL    prints the kernel's version (uname -r)
#   scripts/kernels.sh list ARCH           prints the kernel packages on offer
#
# ARCH is armhf or arm64. KERNEL is
#   a series         6.1, 6.12: its newest package of this machine's release; 5.10 from Debian
#                    11, 7.2 from the first of forky, sid and trixie-backports that has it
#   newest           the newest kernel that any of these has
#   with a flavour   6.1-lpae (armhf: long-descriptor tables), 6.12-16k (arm64: pages of 16
#                    KiB), newest-cloud (arm64), 6.12-rt (real-time, both)
#   and a release    7.2@sid: of that one
#   a package        linux-image-6.1.0-47-armmp
#   a guest's        6.1-pv, 6.12-pv (armhf: the paravirtual guest's, built by
#                    scripts/guest-kernel.sh; 6.1-plain: the same without the series)
#   a host's          debug, latency, kcsan, 6.12-debug: built here (scripts/host-kernel.sh)
#   a directory of this form.
# The directory, build/kernels/<arch>/<kver>, holds
#   boot/vmlinuz-<kver>                     the image
#   lib/modules/<kver>/                     the modules
#   usr/lib/linux-image-<kver>/             device trees (armhf)
#   usr/src/linux-headers-<kver>/           what KDIR= wants; builds on this machine
#   .tools                                  of another release's kernel: where the programs
#                                           are that it is built with (usr/bin in front of PATH)
#
# The headers' build programs are those of the build machine's architecture,
# of the same kernel: nothing is installed, nothing runs under emulation. Those of another
# release may want a newer C library than this machine's. They, and the compiler that built
# the kernel, come with the libraries of their release, and are set to use these.
set -euo pipefail
# shellcheck source=scripts/lib/apt.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/apt.sh"
# shellcheck source=scripts/lib/tree.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/tree.sh"

KERNELS=$ARMKVM_BUILD/kernels

# kernel_flavour ARCH [VARIANT]: as the packages are named.
kernel_flavour() {
	case ${2:-} in
	'') arch_flavour "$1" ;;
	cloud | rt) printf '%s-%s\n' "$2" "$(arch_flavour "$1")" ;;
	*) printf '%s-%s\n' "$(arch_flavour "$1")" "$2" ;;
	esac
}

# kernel_packages STATE SERIES-REGEX [VARIANT]: image packages of the plain flavour,
# or of its variant. STATE is that of scripts/lib/apt.sh, ARCH or ARCH@RELEASE.
kernel_packages() {
	apt_names "$1" "^linux-image-$2[^-]*(-[0-9]+)?-$(kernel_flavour "${1%@*}" "${3:-}")\$"
}

# kernel_states ARCH SERIES: where it may be, best first. Linux 5.x is Debian 11's; what
# is newer than this machine's release can be had of several.
kernel_states() {
	local arch=$1 release
	case $2 in
	5.*) printf '%s\n' "$arch@bullseye" ;;
	*)
		printf '%s\n' "$arch"
		for release in "${APT_RELEASES[@]}"; do
			if [[ $release != bullseye ]]; then printf '%s\n' "$arch@$release"; fi
		done
		;;
	esac
}

# kernel_headers STATE PACKAGE: prints "STATE KVER PACKAGE COMMON KBUILD": the version and
# the names of the packages that the headers need; false if there are none.
kernel_headers() {
	local state=$1 package=$2 kver depends
	kver=${package#linux-image-}
	kver=${kver%-unsigned}
	depends=$(apt_field "$state" "linux-headers-$kver" Depends)
	[[ -n $depends && -n $(apt_field "$state" "$package" Version) ]] || return 1
	printf '%s %s %s %s %s\n' "$state" "$kver" "$package" \
		"$(grep -oE 'linux-headers-[^ ,]+-common(-rt)?' <<<"$depends" | head -n 1)" \
		"$(grep -oE 'linux-kbuild-[^ ,]+' <<<"$depends" | head -n 1)"
}

# kernel_newest ARCH [VARIANT]: lines "PACKAGE STATE" of all releases, newest first.
kernel_newest() {
	local state package
	kernel_states "$1" newest | while read -r state; do
		for package in $(kernel_packages "$state" '[0-9]+\.[0-9]+\.[0-9]+' "${2:-}"); do
			printf '%s %s\n' "$package" "$state"
		done
	done | sort -rV
}

# kernel_resolve ARCH KERNEL: what kernel_headers prints of the newest that has headers.
kernel_resolve() {
	local arch=$1 spec=$2 release='' variant='' state package candidates
	if [[ $spec == *@* ]]; then
		release=@${spec#*@}
		spec=${spec%%@*}
		[[ " ${APT_RELEASES[*]} " == *" ${release#@} "* ]] || return 1
	fi
	if [[ $spec =~ ^([0-9.]+|newest)-(lpae|16k|cloud|rt)$ ]]; then
		variant=${BASH_REMATCH[2]}
		spec=${BASH_REMATCH[1]}
	fi
	if [[ $spec == newest && -z $release ]]; then
		kernel_newest "$arch" "$variant" | while read -r package state; do
			if kernel_headers "$state" "$package"; then break; fi
		done
		return
	fi
	for state in $(if [[ -n $release ]]; then echo "$arch$release"; else kernel_states "$arch" "${spec#linux-image-}"; fi); do
		case $spec in
		linux-image-*) candidates=$spec ;;
		newest) candidates=$(kernel_packages "$state" '[0-9]+\.[0-9]+\.[0-9]+' "$variant" | tac) ;;
		*) candidates=$(kernel_packages "$state" "${spec//./\\.}\.[0-9]+" "$variant" | tac) ;;
		esac
		for package in $candidates; do
			if kernel_headers "$state" "$package"; then return 0; fi
		done
	done
	return 1
}

# kernel_parts STATE KVER PACKAGE: the packages that hold image and modules: one, or
# from Linux 7.2 on several.
kernel_parts() {
	if [[ -n $(apt_field "$1" "linux-modules-$2" Version) ]]; then
		echo "linux-binary-$2" "linux-modules-$2" "linux-base-$2"
	else
		echo "$3"
	fi
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

# Bump it when kernel_tools makes something else of its packages.
TOOLS_FORMAT=1
# What a cross compiler depends on and a kernel's build doesn't need.
TOOLS_EXCLUDE='pahole|perl.*|dpkg|tar|debconf.*|linux-libc-dev.*|lib(c6|asan|ubsan|tsan|lsan|hwasan|gomp|itm|atomic|stdc\+\+)[0-9.-]*[a-z0-9-]*-cross'

# kernel_own_libraries ROOT DIR: the programs below DIR use the C library and the others below
# ROOT, whatever this machine's are. RPATH, not RUNPATH: it holds for the libraries' own needs.
kernel_own_libraries() {
	local root=$1 patchelf libraries file loader
	if [[ ! -x $root/patchelf/usr/bin/patchelf ]]; then
		patchelf=$(apt_fetch "$(arch_native)" patchelf) ||
			die "cannot get patchelf" "the lines above say why; for new package indexes: ./configure-wrapper.sh build --update"
		apt_unpack "$root/patchelf" "$patchelf"
	fi
	libraries=$root/usr/lib/$(arch_triplet "$(arch_native)"):$root/usr/lib
	find "$2" -type f -perm /111 ! -path "$root/patchelf/*" | while read -r file; do
		# Scripts, libraries and static programs name no loader.
		loader=$("$root/patchelf/usr/bin/patchelf" --print-interpreter "$file" 2>/dev/null) || continue
		[[ $loader == /lib* ]] || continue
		if [[ ! -e $root$loader ]]; then loader=/usr$loader; fi
		"$root/patchelf/usr/bin/patchelf" --set-interpreter "$root$loader" --force-rpath --set-rpath "$libraries" "$file" ||
			die "cannot set the libraries of $file" "report it with the package's name"
	done
}

# kernel_tools STATE KBUILD GCC: prints the directory with the compiler of that major version,
# of the kernel's own release, and with the libraries that it and the package KBUILD need. It is
# in the cache, for all checkouts, by the names of the packages.
kernel_tools() {
	local arch=${1%@*} native list debs gcc dir new
	native=$(arch_native)@${1#*@}
	gcc=gcc-$3
	if [[ $arch != "$(arch_native)" ]]; then gcc=gcc-$3-$(arch_triplet "$arch"); fi
	list=$(APT_EXCLUDE=$TOOLS_EXCLUDE apt_fetch_closure "$native" "$gcc" "$2") ||
		die "cannot get $gcc for $native" "the lines above say why; for new package indexes: ./configure-wrapper.sh build --update"
	mapfile -t debs <<<"$list"
	dir=$ARMKVM_CACHE/kernel-tools/${1#*@}-$arch-$({
		echo "$TOOLS_FORMAT $ARMKVM_CACHE"
		printf '%s\n' "${debs[@]##*/}"
	} | sha256sum | cut -c1-16)
	if [[ ! -f $dir/.complete ]]; then
		info "compiler: $gcc of ${1#*@}"
		apt_lock
		# Programs name their loader by an absolute path: made in its place.
		for new in "${dir%-*}"-*; do
			if [[ ! -f $new/.complete ]]; then remove "$new"; fi
		done
		mkdir -p "$dir"
		apt_unpack "$dir" "${debs[@]}"
		# Nothing but the compiler stands in front of this machine's own programs; link-time
		# optimization is half of what is left.
		find "$dir/usr/bin" ! -type d ! -name "$(arch_triplet "$arch")-*" -delete
		rm -rf "${dir:?}/usr/share"
		find "$dir/usr" \( -name lto1 -o -name '*-lto-dump-*' \) -delete
		tree_relative_links "$dir" "$dir"
		kernel_own_libraries "$dir" "$dir"
		: >"$dir/.complete"
	fi
	printf '%s\n' "$dir"
}

# kernel_gcc HEADERS: the major version of the compiler that built the kernel.
kernel_gcc() {
	local version
	version=$(sed -nE 's/^CONFIG_GCC_VERSION=([0-9]+)[0-9]{4}$/\1/p' "$1/.config" "$1/include/config/auto.conf" 2>/dev/null | head -n 1)
	printf '%s\n' "${version:?the kernel headers name no gcc}"
}

# kernel_whole DIR: was it finished, and are the programs still there that it is built with?
kernel_whole() { [[ -f $1/.complete && (! -f $1/.tools || -f $(<"$1/.tools")/.complete) ]]; }

# kernel_fix_paths DIR KVER: the packages expect to lie at / .
kernel_fix_paths() {
	local dir=$1 kver=$2 headers=$1/usr/src/linux-headers-$2 f
	for f in "$headers/Makefile" "$headers/arch"/*/Makefile; do
		[[ -f $f ]] || continue
		# Found relative to the makefile itself, so that the tree can be moved.
		sed -i -E "s@^(-?include[[:space:]]+|KBUILD_OUTPUT[[:space:]]*:?=[[:space:]]*)/usr/@\\1\$(realpath \$(dir \$(lastword \$(MAKEFILE_LIST))))/$(realpath -m --relative-to="$(dirname "$f")" "$dir/usr")/@" "$f"
	done
	tree_relative_links "$headers" "$dir"
	tree_relative_links "$dir/lib/modules/$kver" "$dir"
	if grep -nE '^[^#]*[[:space:]=]/usr/(src|lib)/' "$headers/Makefile" >&2; then
		die "the headers of $kver name a file by an absolute path" "report it with the kernel's package name"
	fi
}

# kernel_unpack DIR STATE KVER KBUILD VERSION DEB...: makes the directory of the packages.
kernel_unpack() {
	local new=$1 state=$2 kver=$3 kbuild=$4 version=$5 list headers=$1/usr/src/linux-headers-$3 tools
	shift 5
	if [[ $state == *@* ]]; then
		list=$(apt_fetch "$(arch_native)@${state#*@}" "$kbuild")
	else
		list=$(kernel_kbuild_deb "$kbuild" "$version")
	fi || die "cannot get $kbuild for $(arch_native)" "the lines above say why; for new package indexes: ./configure-wrapper.sh build --update"
	apt_unpack "$new" "$@" "$list"
	kernel_fix_paths "$new" "$kver"
	if [[ ! -f $new/boot/vmlinuz-$kver && -f $new/usr/lib/modules/$kver/vmlinuz ]]; then
		mkdir -p "$new/boot"
		ln -s "../usr/lib/modules/$kver/vmlinuz" "$new/boot/vmlinuz-$kver"
	fi
	[[ -f $new/boot/vmlinuz-$kver ]] || die "the packages of kernel $kver hold no image" "report it with the kernel's package name"
	depmod -b "$new" "$kver"
	if [[ $state == *@* ]]; then
		tools=$(kernel_tools "$state" "$kbuild" "$(kernel_gcc "$headers")")
		kernel_own_libraries "$tools" "$new/usr/lib/$kbuild"
		printf '%s\n' "$tools" >"$new/.tools"
	fi
}

# kernel_get ARCH KERNEL: prints the directory; makes it under the lock.
kernel_get() {
	local arch=$1 spec=$2 answer state kver package common kbuild dir new version list debs
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
	if [[ $spec =~ ^(([0-9.]+)-)?(debug|latency|kcsan)$ ]]; then
		script host-kernel build "$arch" "${BASH_REMATCH[2]:-6.1}" "${BASH_REMATCH[3]}"
		return
	fi
	answer=$(apt_memo "kernel-of-$arch-$spec" kernel_resolve "$arch" "$spec") ||
		die "there is no kernel '$spec' for $arch" "take one of: scripts/kernels.sh list $arch"
	read -r state kver package common kbuild <<<"$answer"
	dir=$KERNELS/$arch/$kver
	if ! kernel_whole "$dir"; then ui_lock kernels; fi
	# Whoever held the lock may have made it.
	if kernel_whole "$dir"; then
		printf '%s\n' "$dir"
		return
	fi
	info "kernel: $kver ($arch)"
	# shellcheck disable=SC2046 # names of packages
	if ! list=$(apt_fetch "$state" $(apt_memo "parts-$state-$kver" kernel_parts "$state" "$kver" "$package") "linux-headers-$kver" "$common"); then
		if [[ -n ${3:-} ]]; then
			die "cannot get the packages of kernel $kver ($arch)" "the lines above say why; for new package indexes: ./configure-wrapper.sh build --update"
		fi
		# The archive has moved on since that kernel was chosen: choose again, once.
		apt_memo_drop "kernel-of-$arch-$spec"
		kernel_get "$arch" "$spec" again
		return
	fi
	mapfile -t debs <<<"$list"
	version=$(dpkg-deb -f "${debs[-2]}" Version)
	rm -rf "$dir"
	new=$(fresh_dir "$dir")
	kernel_unpack "$new" "$state" "$kver" "$kbuild" "$version" "${debs[@]}"
	: >"$new/.complete"
	mv "$new" "$dir"
	printf '%s\n' "$dir"
}

main() {
	local state
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
		for state in "$2@bullseye" $(kernel_states "$2" newest); do
			kernel_packages "$state" '[0-9]+\.[0-9]+\.[0-9]+'
		done | sort -uV
		;;
	--help | -h) sed -n '4,39s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" ;;
	*) usage_error "unknown command '${1:-}'" scripts/kernels.sh ;;
	esac
}
main "$@"
