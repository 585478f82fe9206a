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

# machine NAME PATTERN PATH: what apt_check_machine, asked twice, says once on a machine of
# $SCRATCH/os-release whose programs are in PATH; its status is in STATUS.
machine() {
	local name=$1 pattern=$2 said
	STATUS=0
	# shellcheck disable=SC2016 # the inner shell expands it
	env -u ARMKVM_MACHINE_CHECKED ARMKVM_OS_RELEASE="$SCRATCH/os-release" bash -c 'source "$1/scripts/lib/apt.sh"; PATH=$2
		apt_check_machine; apt_check_machine; apt_codename' - "$TOP" "$3" >"$SCRATCH/out" 2>&1 || STATUS=$?
	said=$(grep -c '^armkvm: [we]' "$SCRATCH/out") || true
	if ((said == 1)) && grep -q -e "$pattern" "$SCRATCH/out"; then
		pass "$name"
	else
		fail "$name" "$said messages: $(tr '\n' ' ' <"$SCRATCH/out")"
	fi
}

printf 'ID=mint\nPRETTY_NAME="Peppermint 5"\nVERSION_CODENAME=buster\n' >"$SCRATCH/os-release"
machine 'another distribution with apt is told so, and tried' 'warning: this is Peppermint 5' "$PATH"
if ((STATUS == 0)) && grep -qx trixie "$SCRATCH/out"; then
	pass 'it goes the way of Debian 13'
else
	fail 'it goes the way of Debian 13' "status $STATUS: $(tail -n 1 "$SCRATCH/out")"
fi
mkdir -p "$SCRATCH/bin"
for program in sed tr grep cat df awk; do ln -sf "$(command -v "$program")" "$SCRATCH/bin/"; done
machine 'one without apt and dpkg is refused by name' 'error: this machine (Peppermint 5) has no apt-get' "$SCRATCH/bin"
if ((STATUS)) && ! grep -qx trixie "$SCRATCH/out"; then
	pass 'and nothing is done there'
else
	fail 'and nothing is done there' "it went on"
fi
cases_end
