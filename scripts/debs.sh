#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Packages of any architecture into a directory, for tests and tools:
#
#   scripts/debs.sh files  ARCH PACKAGE...       prints the verified .deb files
#   scripts/debs.sh unpack ARCH DIR PACKAGE...   unpacks them into DIR
#   scripts/debs.sh closure ARCH DIR PACKAGE...  with everything they depend on
#
# DIR is made anew, or left alone when it already holds exactly this. Nothing
# is installed and no package script runs.
set -euo pipefail
# shellcheck source=scripts/lib/apt.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/apt.sh"

# unpack_into KIND ARCH DIR PACKAGE...: the stamp beside DIR is written last.
unpack_into() {
	local kind=$1 arch=$2 dir=$3 new stamp debs list
	shift 3
	stamp="$kind $arch ${APT_EXCLUDE:-} $*"
	if [[ -d $dir ]] && stamp_is "$dir.stamp" "$stamp"; then return 0; fi
	ui_lock "$(basename -- "$dir")"
	# Whoever held the lock may have made it.
	if [[ -d $dir ]] && stamp_is "$dir.stamp" "$stamp"; then return 0; fi
	list=$(apt_get "$kind" "$arch" "$@") ||
		die "packages for $arch not found: $*" "the lines above say why; for new package indexes: ./configure-wrapper.sh build --update"
	mapfile -t debs <<<"$list"
	rm -rf "$dir.stamp" "$dir"
	new=$(fresh_dir "$dir")
	apt_unpack "$new" "${debs[@]}"
	mv "$new" "$dir"
	stamp_set "$dir.stamp" "$stamp"
}

main() {
	local command=${1:-}
	case $command in
	files)
		(($# >= 3)) || usage_error "files needs ARCH PACKAGE..." scripts/debs.sh
		apt_fetch "${@:2}"
		;;
	unpack | closure)
		(($# >= 4)) || usage_error "$command needs ARCH DIR PACKAGE..." scripts/debs.sh
		if [[ $command == unpack ]]; then command=exact; fi
		unpack_into "$command" "${@:2}"
		;;
	--help | -h) sed -n '4,13s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" ;;
	*) usage_error "unknown command '$command'" scripts/debs.sh ;;
	esac
}
main "$@"
