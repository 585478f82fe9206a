#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Which archives the private apt state derives from a machine's own sources.
# test-cost: 2
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/cases.sh"

# archives SUITE: what scripts/lib/apt.sh answers for the sources in $SCRATCH/apt.
archives() {
	ARMKVM_ETC_APT=$SCRATCH/apt ARMKVM_OS_RELEASE=$SCRATCH/os-release \
		bash -c 'source "$1/scripts/lib/apt.sh"; apt_archives "$2"' - "$TOP" "$1"
}

# same NAME SUITE EXPECTED...: the archives, in this order.
same() {
	local name=$1 suite=$2 got want
	shift 2
	want=$(printf '%s\n' "$@")
	got=$(archives "$suite")
	if [[ $got == "$want" ]]; then
		pass "$name"
	else
		fail "$name" "expected '${want//$'\n'/ }', got '${got//$'\n'/ }'"
	fi
}

setup() {
	rm -rf "$SCRATCH/apt"
	mkdir -p "$SCRATCH/apt/sources.list.d"
	echo 'VERSION_CODENAME=bookworm' >"$SCRATCH/os-release"
}

setup
cat >"$SCRATCH/apt/sources.list" <<'LIST'
# deb http://comment.invalid/debian bookworm main
deb cdrom:[Debian 12]/ bookworm main
deb [arch=amd64 signed-by=/k.gpg] http://one.invalid/debian/ bookworm main contrib # why
deb-src http://source.invalid/debian bookworm main
deb http://sec.invalid/debian-security bookworm-security main
deb http://container.invalid/linux/debian bookworm stable
LIST
same 'one-line format: the archive' bookworm http://one.invalid/debian
same 'one-line format: backports and another release come from the same archive' trixie http://one.invalid/debian
same 'one-line format: security has an archive of its own' bookworm-security http://sec.invalid/debian-security

setup
cat >"$SCRATCH/apt/sources.list.d/debian.sources" <<'LIST'
Types: deb deb-src
# a comment between fields
URIs: http://one.invalid/debian
 http://two.invalid/debian
Suites: bookworm bookworm-updates
Components: main non-free-firmware
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBGPL0BUBEADmW5NdOOHwPIJlgPu6JDcKw/NZJPR8lsD3K87ZM18gzyQZJD+w

Enabled: no
Types: deb
URIs: http://disabled.invalid/debian
Suites: bookworm
Components: main

Types: deb-src
URIs: http://source.invalid/debian
Suites: bookworm
Components: main
LIST
same 'deb822 format: several addresses, disabled and source entries' bookworm-backports \
	http://one.invalid/debian http://two.invalid/debian
same 'deb822 format: no security entry' bookworm-security

setup
printf 'deb http://vendor.invalid/debian/12/prod bookworm main\ndeb http://one.invalid/debian bookworm main\n' \
	>"$SCRATCH/apt/sources.list"
same 'a third party with the same suite name comes second' bookworm \
	http://one.invalid/debian http://vendor.invalid/debian/12/prod

setup
echo 'deb http://one.invalid/debian stable main' >"$SCRATCH/apt/sources.list"
same 'suites by their alias' bookworm http://one.invalid/debian

if ARMKVM_DEBIAN_MIRROR=http://mine.invalid/debian archives trixie | grep -qx http://mine.invalid/debian; then
	pass 'ARMKVM_DEBIAN_MIRROR overrides'
else
	fail 'ARMKVM_DEBIAN_MIRROR overrides' "it does not"
fi

echo 'VERSION_CODENAME=buster' >"$SCRATCH/os-release"
if archives bookworm >"$SCRATCH/out" 2>&1; then
	fail 'another release is refused by name' "it was accepted"
elif grep -q "buster" "$SCRATCH/out"; then
	pass 'another release is refused by name'
else
	fail 'another release is refused by name' "$(head -n 1 "$SCRATCH/out")"
fi
cases_end
