#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Debian packages, cross-built: nothing is installed but build tools, and the
# machine's dpkg architectures stay as they are.
#
#   scripts/package.sh [--check] [--host armhf|arm64|all]    default: all; --check only reads the arguments
#
# makes in build/packages/
#   armkvm-dkms_V_all.deb                 the module, for DKMS
#   qemu-system-arm-armkvm_V_ARCH.deb     our QEMU, beside the distribution's
#   armkvm_V_all.deb                      depends on both
# for Debian's release of this machine (V ends in +deb12 or +deb13): QEMU uses the
# libraries of that release, and 12's and 13's don't mix (64-bit time on armhf, libaio).
# What the packages hold is in packaging/.
set -euo pipefail
# shellcheck source=scripts/lib/apt.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/apt.sh"
# shellcheck source=scripts/lib/deps.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/deps.sh"
# shellcheck source=scripts/lib/tree.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/tree.sh"
# shellcheck source=scripts/lib/version.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/version.sh"

PACKAGES=$ARMKVM_BUILD/packages

# package_version: the release, and Debian's.
package_version() {
	case $(apt_codename) in
	bookworm) echo "$(armkvm_version)-1+deb12" ;;
	trixie) echo "$(armkvm_version)-1+deb13" ;;
	esac
}

# package_maintainer: whoever builds, as Debian's tools name them.
package_maintainer() {
	printf '%s <%s>\n' "${DEBFULLNAME:-armkvm maintainers}" "${DEBEMAIL:-armkvm@example.org}"
}

# package_date: that of the last change of what is packaged, so that the same
# source gives the same packages; without a repository that of dkms.conf.
package_date() {
	git -c safe.directory='*' -C "$ARMKVM_TOP" log -1 --format=%ct -- \
		kmod kernel-abi accel-armkvm hw-arm-patches packaging 2>/dev/null | grep . ||
		stat -c %Y "$ARMKVM_TOP/kmod/dkms.conf"
}

package_changelog() {
	cat <<-CHANGELOG
		armkvm ($(package_version)) unstable; urgency=medium

		  * Release $(armkvm_version). What is new in it: changelog.gz beside this file.

		 -- $(package_maintainer)  $(date -R -u -d "@$SOURCE_DATE_EPOCH")
	CHANGELOG
}

# package_shlibs ARCH: which package each library that QEMU may use comes from, as
# these packages themselves say: they are unpacked, not installed, so dpkg can't know.
package_shlibs() {
	local list deb
	list=$(script sysroot debs "$1")
	for deb in $list; do
		dpkg-deb --ctrl-tarfile "$deb" | tar -xO ./shlibs 2>/dev/null || true
	done | grep -v ^udeb: | sort -u
}

# package_firmware DIR: links to option ROMs for network cards where their package
# doesn't put them into a directory that QEMU searches (Debian 12).
package_firmware() {
	local deb file list
	list=$(apt_fetch "$(arch_native)" ipxe-qemu) || die "the package ipxe-qemu can't be had" "the lines above say why"
	for deb in $list; do
		dpkg-deb --fsys-tarfile "$deb" | tar -t
	done | sed -n 's/^\.//; /\/efi-[^\/]*\.rom$/p' >"$1.list"
	[[ -s $1.list ]] || die "the package ipxe-qemu holds no efi-*.rom" "report it with the package's version"
	while read -r file; do
		if [[ $file != /usr/share/qemu/* ]]; then
			printf '%s usr/share/qemu-firmware/%s\n' "${file#/}" "${file##*/}"
		fi
	done <"$1.list" | sort -u
	rm "$1.list"
}

# package_tree ARCH DIR: what dpkg-buildpackage finds.
package_tree() {
	local arch=$1 dir=$2 file
	cp -r "$ARMKVM_TOP"/packaging/. "$ARMKVM_TOP"/{CHANGELOG,README,SUPPORT}.md "$ARMKVM_TOP/docs" "$dir/"
	run kmod-source-package make -C "$ARMKVM_TOP/kmod" source-package DESTDIR="$dir/kmod"
	rm "$dir/kmod/60-armkvm.rules"
	cp "$ARMKVM_TOP/kmod/dkms-armkvm" "$dir/"
	cp "$ARMKVM_TOP/kmod/60-armkvm.rules" "$dir/debian/armkvm-dkms.armkvm.udev"
	mkdir "$dir/qemu"
	cp "$ARMKVM_BUILD/qemu-$arch/qemu-system-arm" "$dir/qemu/qemu-system-arm-armkvm"
	for file in "$dir"/{bin,man}/* "$dir"/debian/*.p{ost,re}*; do
		sed -i "s/[@#]VERSION[@#]/$(armkvm_version)/g" "$file"
	done
	sed -i "s/@MAINTAINER@/$(package_maintainer)/" "$dir/debian/control"
	mkdir "$dir/debian/source"
	echo '3.0 (quilt)' >"$dir/debian/source/format"
	package_changelog >"$dir/debian/changelog"
	package_shlibs "$arch" >"$dir/debian/shlibs.local"
	package_firmware "$dir/debian/qemu-system-arm-armkvm.links" >"$dir/debian/links.new"
	mv "$dir/debian/links.new" "$dir/debian/qemu-system-arm-armkvm.links"
}

# package_stamp ARCH: everything that its packages depend on.
package_stamp() {
	{
		package_version
		package_maintainer
		echo "$SOURCE_DATE_EPOCH"
		cat "$ARMKVM_BUILD/qemu-$1.stamp" "$ARMKVM_BUILD/runtime-$1.stamp" "${BASH_SOURCE[0]}"
		tree_hash "$ARMKVM_TOP"/{packaging,kmod,kernel-abi/include,docs}
		cat "$ARMKVM_TOP"/{CHANGELOG,README,SUPPORT}.md
	} | sha256sum | cut -c1-32
}

# package_build ARCH KIND: KIND is dpkg-buildpackage's, binary or any. The packages
# come into place when all are made.
package_build() {
	local arch=$1 kind=$2 new libraries stamp
	script qemu build "$arch"
	libraries=$(script sysroot runtime "$arch")/usr/lib/$(arch_triplet "$arch")
	stamp="$kind $(package_stamp "$arch")"
	if stamp_is "$PACKAGES/$arch.stamp" "$stamp" &&
		compgen -G "$PACKAGES/qemu-system-arm-armkvm_*_$arch.deb" >/dev/null; then
		return
	fi
	rm -f "$PACKAGES/$arch.stamp"
	new=$(fresh_dir "$PACKAGES/work-$arch")
	mkdir "$new/armkvm"
	package_tree "$arch" "$new/armkvm"
	run "package-$arch" env -C "$new/armkvm" ARMKVM_VERSION="$(armkvm_version)" ARMKVM_LIBRARIES="$libraries" \
		DEB_BUILD_OPTIONS="parallel=${ARMKVM_JOBS:-$(nproc)} nocheck noautodbgsym" \
		dpkg-buildpackage --host-arch "$arch" --build="$kind" --no-check-builddeps --unsigned-source --unsigned-changes
	rm -f "$PACKAGES"/*_"$arch".deb
	if [[ $kind == binary ]]; then rm -f "$PACKAGES"/*_all.deb; fi
	mv "$new"/*.deb "$PACKAGES/"
	rm -rf "$new"
	stamp_set "$PACKAGES/$arch.stamp" "$stamp"
}

main() {
	local hosts=(armhf arm64) arch kind=binary check=
	while (($#)); do
		case $1 in
		--host | --host=*)
			if [[ $1 == --host ]]; then
				(($# > 1)) || usage_error "--host needs a value" "./configure-wrapper.sh package"
				shift
			fi
			case ${1#--host=} in
			armhf | arm64) hosts=("${1#--host=}") ;;
			all) ;;
			*) usage_error "'${1#--host=}' is no host of packages: take armhf, arm64 or all" "./configure-wrapper.sh package" ;;
			esac
			;;
		--check) check=1 ;;
		--help | -h)
			sed -n '4,15s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
			return
			;;
		*) usage_error "package does not know '$1'" "./configure-wrapper.sh package" ;;
		esac
		shift
	done
	if [[ -n $check ]]; then return; fi
	ui_lock build
	ui_plan $((1 + ${#hosts[@]}))
	stage "packages that the build needs"
	deps_install base package "${hosts[@]}"
	SOURCE_DATE_EPOCH=$(package_date)
	export SOURCE_DATE_EPOCH
	mkdir -p "$PACKAGES"
	for arch in "${hosts[@]}"; do
		stage "packages for $arch"
		package_build "$arch" "$kind"
		# The packages for all architectures once.
		kind=any
	done
	for arch in "$PACKAGES"/*.deb; do info "${arch#"$ARMKVM_TOP/"}"; done
}
main "$@"
