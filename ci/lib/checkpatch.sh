#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Prints the directory that holds the kernel's scripts/checkpatch.pl.
#
# The packages that modules are built with don't have it; the kernel's source
# package has. That is a big download (130 MB, once, into the cache) for a small
# file, but it is the archive's own copy, verified like everything else.
set -euo pipefail
TOP=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=scripts/lib/apt.sh
source "$TOP/scripts/lib/apt.sh"

DIR=$ARMKVM_BUILD/tools/checkpatch

# newest_source: the kernel's source package of this release.
newest_source() { apt_names "$(arch_native)" '^linux-source-[0-9]+\.[0-9]+$' | head -n 1; }

extract() {
	local deb=$1 new
	new=$(fresh_dir "$DIR")
	dpkg-deb --fsys-tarfile "$deb" |
		tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
		tar -xJ --strip-components=2 --wildcards -C "$new" \
			'*/scripts/checkpatch.pl' '*/scripts/spelling.txt' '*/scripts/const_structs.checkpatch'
	remove "$DIR"
	mv "$new" "$DIR"
}

main() {
	local package deb
	# Two gates ask for it, side by side.
	if [[ ! -s $DIR/checkpatch.pl ]]; then ui_lock checkpatch; fi
	if [[ ! -s $DIR/checkpatch.pl ]]; then
		package=$(newest_source)
		[[ -n $package ]] || die "the archive has no linux-source package" "./configure-wrapper.sh build --update"
		deb=$(apt_fetch "$(arch_native)" "$package")
		extract "$deb"
	fi
	printf '%s\n' "$DIR"
}
main "$@"
