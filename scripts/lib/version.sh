# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The release. kmod/dkms.conf names it, and nothing else does: the module, QEMU and
# the packages take it from there (ci/gates/version.sh).

[[ -n ${ARMKVM_VERSION_SOURCED:-} ]] && return 0
ARMKVM_VERSION_SOURCED=1
# shellcheck source=scripts/lib/ui.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/ui.sh"

# armkvm_version: as 0.2.0.
armkvm_version() {
	local version
	version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' "$ARMKVM_TOP/kmod/dkms.conf")
	[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] ||
		die "kmod/dkms.conf names no release: PACKAGE_VERSION=\"$version\"" "git checkout -- kmod/dkms.conf"
	printf '%s\n' "$version"
}
