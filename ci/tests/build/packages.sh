#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Debian packages: that they can be made, what is in them, lintian, and that no file
# is also one of the distribution's QEMU packages.
# test-cost: 60
# test-timeout: 900
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/cases.sh"

PACKAGES=$BUILD/packages
VERSION=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' "$TOP/kmod/dkms.conf")
ARCHES=(armhf arm64)

# deb NAME ARCH: the package's file.
deb() { compgen -G "$PACKAGES/$1_*_$2.deb"; }

# files DEB: what it holds besides directories, a name a line.
files() { dpkg-deb --fsys-tarfile "$1" | tar -t | sed -n 's/^\.//; /[^/]$/p' | sort; }

# holds NAME DEB FILE...: every FILE is in it.
holds() {
	local name=$1 deb=$2
	shift 2
	files "$deb" >"$SCRATCH/files"
	printf '%s\n' "$@" | grep -vxFf "$SCRATCH/files" >"$SCRATCH/missing" || true
	expect_empty "$name" "not in it" "$SCRATCH/missing"
}

contents() {
	local arch
	holds 'armkvm-dkms: content' "$(deb armkvm-dkms all)" "/usr/src/armkvm-$VERSION"/{dkms.conf,Kbuild,Makefile,core/main.c,include/uapi/linux/armkvm.h} \
		/etc/kernel/{postinst.d,header_postinst.d}/dkms-armkvm \
		/usr/lib/modules-load.d/armkvm.conf /usr/share/man/man4/armkvm.4.gz \
		/usr/share/doc/armkvm-dkms/{copyright,changelog.gz,changelog.Debian.gz,examples/modprobe.conf}
	expect 'armkvm-dkms: udev rule' grep -qE '^(/usr)?/lib/udev/rules.d/60-armkvm.rules$' "$SCRATCH/files"
	for arch in "${ARCHES[@]}"; do
		holds "qemu-system-arm-armkvm ($arch): content" "$(deb qemu-system-arm-armkvm "$arch")" /usr/bin/{qemu-system-arm-armkvm,armkvm,armkvm-ok} \
			/usr/share/man/man1/{qemu-system-arm-armkvm,armkvm,armkvm-ok}.1.gz \
			/usr/share/doc/qemu-system-arm-armkvm/{copyright,changelog.gz,changelog.Debian.gz,examples/boot-guest}
	done
}

# fields: one version, and a dependency for each library.
fields() {
	local file arch name
	for file in "$PACKAGES"/*.deb; do
		dpkg-deb -f "$file" Version | grep -vE "^${VERSION//./\\.}-1\\+deb[0-9]+\$" || true
	done >"$SCRATCH/versions"
	expect_empty 'one version' "not $VERSION" "$SCRATCH/versions"
	for arch in "${ARCHES[@]}"; do
		file=$(deb qemu-system-arm-armkvm "$arch")
		dpkg-deb -f "$file" Depends >"$SCRATCH/depends"
		for name in libc6 libglib2.0-0 libpixman-1-0 libslirp0 libfdt1 ipxe-qemu qemu-system-data; do
			grep -qE "(^| )$name(t64)?( |,|\$)" "$SCRATCH/depends" || echo "$name"
		done >"$SCRATCH/missing"
		expect_empty "qemu-system-arm-armkvm ($arch): dependencies" "missing" "$SCRATCH/missing"
		dpkg-deb -x "$file" "$SCRATCH/$arch"
		for name in armkvm armkvm-ok; do
			expect "$name ($arch): its version" test "$("$SCRATCH/$arch/usr/bin/$name" --version)" = "$name $VERSION"
		done
		readelf -d "$SCRATCH/$arch/usr/bin/qemu-system-arm-armkvm" | grep -E 'RPATH|RUNPATH' >"$SCRATCH/path" || true
		expect_empty "qemu-system-arm-armkvm ($arch): no library directory of this machine" "found" "$SCRATCH/path"
	done
}

# conflicts: files that a package of the distribution's QEMU has, too.
conflicts() {
	local arch list file
	for arch in "${ARCHES[@]}"; do
		if ! list=$("$TOP/scripts/debs.sh" files "$arch" qemu-system-arm qemu-system-common qemu-system-data ipxe-qemu 2>"$SCRATCH/log"); then
			fail "no file of the distribution's QEMU ($arch)" "its packages can't be had: $(tail -n 1 "$SCRATCH/log")"
			continue
		fi
		for file in $list; do files "$file"; done | sort -u >"$SCRATCH/theirs"
		if ! grep -qx /usr/bin/qemu-system-arm "$SCRATCH/theirs"; then
			fail "no file of the distribution's QEMU ($arch)" "the packages looked at hold no /usr/bin/qemu-system-arm"
			continue
		fi
		for file in "$(deb qemu-system-arm-armkvm "$arch")" "$(deb armkvm-dkms all)" "$(deb armkvm all)"; do files "$file"; done | sort -u |
			comm -12 - "$SCRATCH/theirs" >"$SCRATCH/both"
		expect_empty "no file of the distribution's QEMU ($arch)" "in both" "$SCRATCH/both"
	done
}

architectures() { dpkg --print-foreign-architectures; }

before=$(architectures)
expect 'package' "$TOP/configure-wrapper.sh" package
if [[ $(architectures) == "$before" ]]; then
	pass "the machine's dpkg architectures are as before"
else
	fail "the machine's dpkg architectures are as before" "now: $(architectures | tr '\n' ' ')"
fi
if [[ -z $(deb armkvm-dkms all) || -z $(deb armkvm all) || -z $(deb qemu-system-arm-armkvm armhf) || -z $(deb qemu-system-arm-armkvm arm64) ]]; then
	fail 'four packages' "there are: $(cd "$PACKAGES" && echo ./*)"
	cases_end
fi
contents
fields
conflicts
for file in "$PACKAGES"/*.deb; do
	# Lintian's own complaint of running as root goes to standard error.
	lintian --fail-on error,warning "$file" >"$SCRATCH/lintian" 2>/dev/null || echo "status $?" >>"$SCRATCH/lintian"
	expect_empty "lintian ${file##*/}" "it says" "$SCRATCH/lintian"
done
for page in "$TOP"/packaging/man/*; do
	MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null | head -n 3 >"$SCRATCH/man" || true
	expect_empty "man page ${page##*/}" "warnings" "$SCRATCH/man"
done
cases_end
