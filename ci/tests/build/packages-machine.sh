#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Debian packages in complete emulated Debian machines: apt, DKMS with the kernel's
# headers, a guest of an ordinary user, upgrade under a running guest, a newer kernel and the
# start with it, a module that doesn't build, purge (ci/lib/packages-in-machine).
#
#   ARMKVM_MACHINES="arm64 armhf"    which; the default is arm64
#   ARMKVM_MACHINE_SUITE=trixie      a machine of that release; the default is the release
#                                    of this one. Packages for another release are made by
#                                    a root of that: ARMKVM_BARE=trixie:package-arm64 (or
#                                    trixie:package, for all) ARMKVM_BARE_DIR=DIR
#                                    ci/tests/build/bare-machine.sh
#   ARMKVM_PACKAGES=DIR              they are there (DIR/trixie/checkout/build/packages)
# test-tier: 2
# test-cost: 4500
# test-timeout: 10800
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/cases.sh"

PACKAGES=${ARMKVM_PACKAGES:-$BUILD/packages}
VERSION=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' "$TOP/kmod/dkms.conf")
read -ra MACHINES <<<"${ARMKVM_MACHINES:-arm64}"
RELEASE=$(bash -c 'source "$1/scripts/lib/apt.sh"; apt_codename' - "$TOP")
SUITE=${ARMKVM_MACHINE_SUITE:-$RELEASE}

# release DEB NEW DIR: armkvm-dkms as release NEW, unpacked in DIR/tree.
release() {
	rm -rf "$3/tree"
	dpkg-deb -R "$1" "$3/tree"
	mv "$3/tree/usr/src/armkvm-$VERSION" "$3/tree/usr/src/armkvm-$2"
	sed -i "s/${VERSION//./\\.}/$2/g" "$3"/tree/DEBIAN/{control,postinst,prerm,md5sums} "$3/tree/usr/src/armkvm-$2/dkms.conf"
}

# releases DIR: 0.99.1, and 0.99.2, which doesn't build.
releases() {
	local deb
	deb=$(compgen -G "$PACKAGES/armkvm-dkms_*.deb")
	mkdir -p "$1"
	release "$deb" 0.99.1 "$1"
	dpkg-deb --root-owner-group -b "$1/tree" "$1" >/dev/null
	release "$deb" 0.99.2 "$1"
	# shellcheck disable=SC2016 # make expands it
	echo '$(error this kernel is too new)' >>"$1/tree/usr/src/armkvm-0.99.2/Kbuild"
	dpkg-deb --root-owner-group -b "$1/tree" "$1" >/dev/null
	rm -rf "$1/tree"
}

# index DIR: what apt reads.
index() { (cd "$1" && dpkg-scanpackages --multiversion . >Packages 2>/dev/null); }

# repository ARCH DIR: our packages and all that they need besides the machine's own.
repository() {
	local arch=$1 dir=$2 deb names state=$1
	mkdir -p "$dir"
	cp "$PACKAGES"/armkvm*_all.deb "$PACKAGES"/qemu-system-arm-armkvm_*_"$arch".deb "$dir/"
	names=$(for deb in "$dir"/*.deb; do dpkg-deb -f "$deb" Depends; done | tr ',' '\n' |
		sed 's/^ *//; s/ .*//; /armkvm/d' | sort -u)
	if [[ $SUITE != "$RELEASE" ]]; then state=$arch@$SUITE; fi
	# shellcheck disable=SC2086 # names
	APT_EXCLUDE='' bash -c 'source "$1/scripts/lib/apt.sh"; apt_fetch_closure "${@:2}"' - "$TOP" "$state" $names patch |
		xargs cp -t "$dir/"
	index "$dir"
}

# machine ARCH
machine() {
	local arch=$1 name="$1 $SUITE" share=$SCRATCH/$1 guest log=$BUILD/logs/packages-$1-$SUITE.console
	guest=$("$TOP/scripts/guest-initramfs.sh" 6.1)
	mkdir -p "$share"
	repository "$arch" "$share/repo"
	releases "$share/upgrade"
	mkdir "$share/kernel"
	if ! "$TOP/ci/lib/debian-machine" upgrade "$arch" "$SUITE" >"$SCRATCH/kernel" 2>"$SCRATCH/log"; then
		fail "$name" "a newer kernel can't be had: $(tail -n 1 "$SCRATCH/log")"
		return
	fi
	xargs cp -t "$share/kernel" <"$SCRATCH/kernel"
	index "$share/kernel"
	cp "$guest"/{vmlinuz,initramfs.gz} "$share/"
	cp "$TOP/ci/lib/packages-in-machine" "$share/session"
	echo "$VERSION" >"$share/version"
	dpkg-deb -f "$(compgen -G "$PACKAGES/armkvm-dkms_*.deb")" Version >"$share/deb-version"
	expect "Debian machine ($name)" "$TOP/ci/lib/debian-machine" make "$arch" "$SUITE"
	if ! "$TOP/ci/lib/debian-machine" run "$arch" "$SUITE" "$share" "$log" 6000; then
		fail "$name" "the machine did not power off by itself: $(tail -n 1 "$log" | tr -d '\r')"
	fi
	# (the first line of each boot is behind the login prompt; grep ends with 1 where there is no case at all,
	# which fails below: the session has no end then)
	tr -d '\r' <"$log" | sed 's/^machine login: //' | grep -E '^(PASS|FAIL|SKIP|    \|) ' >"$SCRATCH/cases" || (($? == 1))
	relay "$name" "$SCRATCH/cases"
	if ! tr -d '\r' <"$log" | grep -qx 'session: end'; then fail "$name" "the session did not come to its end"; fi
}

case ${ARMKVM_PACKAGES:-}:$SUITE in
:"$RELEASE") expect 'package' "$TOP/configure-wrapper.sh" package ;;
:*)
	fail "packages for $SUITE" "this machine makes those of $RELEASE: name a directory by ARMKVM_PACKAGES (the head of $0 says how to make it)"
	cases_end
	;;
esac
for arch in "${MACHINES[@]}"; do machine "$arch"; done
cases_end
