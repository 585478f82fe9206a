#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Private sysroots for the cross builds, from Debian's packages.
#
#   scripts/sysroot.sh dev ARCH       headers and libraries to build QEMU with:
#                                     prints build/sysroot-<arch>
#   scripts/sysroot.sh runtime ARCH   the shared libraries that QEMU runs with, C
#                                     library included: prints build/runtime-<arch>
#   scripts/sysroot.sh debs ARCH      the package files of the latter, one a line
#
# The machine's dpkg stays as it is: no foreign architecture is added, nothing
# is installed. The C library for building comes with the cross compiler.
set -euo pipefail
# shellcheck source=scripts/lib/apt.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/apt.sh"
# shellcheck source=scripts/lib/tree.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/tree.sh"

SYSROOT_DEV=(zlib1g-dev libglib2.0-dev libpixman-1-dev libfdt-dev libslirp-dev libattr1-dev libaio-dev libseccomp-dev
	libgnutls28-dev liburing-dev libusb-1.0-0-dev libusbredirparser-dev libncurses-dev libzstd-dev libpng-dev)
SYSROOT_RUNTIME=(libc6 libgcc-s1 zlib1g libpixman-1-0 libfdt1 libslirp0 libattr1 libseccomp2
	liburing2 libusb-1.0-0 libusbredirparser1 libncursesw6 libzstd1)

# Build tools that development packages drag in are useless in a foreign
# architecture; the C library would shadow the cross compiler's.
SYSROOT_EXCLUDE_TOOLS='python3.*|libpython3.*|perl.*|libperl.*|.*-bin|libgirepository.*|gir1.*|gobject-introspection.*|pkgconf.*|pkg-config|debconf|cdebconf|dpkg.*|tar|binutils.*|media-types|mailcap|mime-support|sensible-utils|adduser|passwd|login.*|libdpkg-perl|readline-common|ca-certificates|openssl|netbase|tzdata.*|lib(ssl|krb5|k5crypto|gssapi|keyutils|com-err|sqlite3|readline|db5|pkgconf|elf|expat|bz2|lzma|md|acl1|nsl|tirpc).*'
SYSROOT_EXCLUDE_LIBC='libc6.*|libc-dev-bin|linux-libc-dev.*|rpcsvc-proto|libnsl.*|libtirpc.*|libcrypt.*|gcc-.*|libgcc.*'

sysroot_runtime_packages() {
	# These were renamed in Debian 13.
	case $(apt_codename) in
	bookworm) printf '%s\n' libglib2.0-0 libaio1 libgnutls30 libpng16-16 ;;
	*) printf '%s\n' libglib2.0-0t64 libaio1t64 libgnutls30t64 libpng16-16t64 ;;
	esac
	printf '%s\n' "${SYSROOT_RUNTIME[@]}"
}

# sysroot_make KIND ARCH DIR PACKAGE...: into place as a whole, stamp last.
sysroot_make() {
	local kind=$1 arch=$2 dir=$3 new list debs stamp
	shift 3
	stamp="$kind $arch $APT_EXCLUDE $*"
	if [[ -d $dir ]] && stamp_is "$dir.stamp" "$stamp"; then return 0; fi
	ui_lock sysroot
	# Whoever held the lock may have made it.
	if [[ -d $dir ]] && stamp_is "$dir.stamp" "$stamp"; then return 0; fi
	info "packages for $arch: $*"
	list=$(apt_fetch_closure "$arch" "$@") ||
		die "the packages for $arch cannot be had" "the lines above say why; for new package indexes: ./configure-wrapper.sh build --update"
	mapfile -t debs <<<"$list"
	rm -rf "$dir.stamp" "$dir"
	new=$(fresh_dir "$dir")
	apt_unpack "$new" "${debs[@]}"
	tree_relative_links "$new/usr/lib" "$new"
	mv "$new" "$dir"
	stamp_set "$dir.stamp" "$stamp"
}

# sysroot_pkg_config ARCH: a pkg-config that knows the sysroot and nothing else.
sysroot_pkg_config() {
	local arch=$1 triplet tool
	triplet=$(arch_triplet "$arch")
	tool=$ARMKVM_BUILD/tools/$triplet-pkg-config
	if [[ ! -x $tool ]]; then
		write_atomically "$tool" <<-SH
			#!/bin/sh
			# SPDX-License-Identifier: GPL-2.0-or-later
			# Made by scripts/sysroot.sh: pkg-config for the $arch sysroot.
			root=\$(cd -- "\$(dirname -- "\$0")/../sysroot-$arch" && pwd) || exit 1
			export PKG_CONFIG_SYSROOT_DIR="\$root"
			export PKG_CONFIG_LIBDIR="\$root/usr/lib/$triplet/pkgconfig:\$root/usr/share/pkgconfig"
			exec pkg-config "\$@"
		SH
		chmod 755 "$tool"
	fi
}

main() {
	local dir packages
	case ${1:-} in
	dev | runtime | debs)
		(($# == 2)) || usage_error "$1 needs ARCH" scripts/sysroot.sh
		arch_check "$2"
		;;
	esac
	case ${1:-} in
	dev)
		dir=$ARMKVM_BUILD/sysroot-$2
		APT_EXCLUDE="$SYSROOT_EXCLUDE_TOOLS|$SYSROOT_EXCLUDE_LIBC" \
			sysroot_make dev "$2" "$dir" "${SYSROOT_DEV[@]}"
		sysroot_pkg_config "$2"
		;;
	runtime)
		dir=$ARMKVM_BUILD/runtime-$2
		mapfile -t packages < <(sysroot_runtime_packages)
		APT_EXCLUDE=$SYSROOT_EXCLUDE_TOOLS sysroot_make runtime "$2" "$dir" "${packages[@]}"
		;;
	debs)
		mapfile -t packages < <(sysroot_runtime_packages)
		APT_EXCLUDE=$SYSROOT_EXCLUDE_TOOLS apt_fetch_closure "$2" "${packages[@]}" ||
			die "the packages for $2 cannot be had" "the lines above say why; for new package indexes: ./configure-wrapper.sh build --update"
		return
		;;
	--help | -h)
		sed -n '4,14s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
		return
		;;
	*) usage_error "unknown command '${1:-}'" scripts/sysroot.sh ;;
	esac
	printf '%s\n' "$dir"
}
main "$@"
