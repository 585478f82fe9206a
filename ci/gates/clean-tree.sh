#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The repository holds sources only: no binaries, nothing generated, no path
# and no package archive of the machine that somebody works on, no conflict
# marks, no executable that isn't a script. What belongs to a machine is asked
# from the machine, so nothing of it stands here.
# test-cost: 3
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/cases.sh"

tracked >"$SCRATCH/files"

# grep_tracked OUT PATTERN...: fixed strings, "FILE:LINE: text" into OUT.
grep_tracked() {
	local out=$1 pattern
	shift
	: >"$out"
	for pattern; do
		(cd "$TOP" && xargs -0 grep -sHnIF -e "$pattern" -- <"$SCRATCH/files") >>"$out" || true
	done
}

# machine_paths: directories that only this machine has. Short ones that any
# machine may have (/root, /tmp, /src) say nothing.
machine_paths() {
	printf '%s\n' "$TOP" "$BUILD" "${ARMKVM_CACHE:-}"
	if [[ $HOME == /home/?* ]]; then printf '%s\n' "$HOME/"; fi
	if [[ $TOP == /*/?* && $TOP != /home/* && $TOP != /root/* && $TOP != /tmp/* && $TOP != /usr/* ]]; then
		printf '/%s/\n' "$(cut -d/ -f2 <<<"$TOP")"
	fi
}

# archive_hosts: the hosts that this machine's package managers talk to.
archive_hosts() {
	{
		cat /etc/apt/sources.list /etc/apt/sources.list.d/* /etc/pip.conf 2>/dev/null || true
		printf '%s\n' "${PIP_INDEX_URL:-}" "${GOPROXY:-}" "${npm_config_registry:-}" "${CARGO_REGISTRY_INDEX:-}"
	} | grep -v '^#' | grep -oE 'https?://[^/ ,:]+' | sed 's|.*//||' | grep -F . | sort -u
}

check_strings() { # NAME WHY STRING...
	local name=$1 why=$2
	shift 2
	grep_tracked "$SCRATCH/hits" "$@"
	expect_empty "$name" "$why" "$SCRATCH/hits"
}

mapfile -t paths < <(machine_paths | grep . | sort -u)
check_strings "no path of this machine" "found" "${paths[@]}"

mapfile -t hosts < <(archive_hosts)
if ((${#hosts[@]})); then
	check_strings "no package archive's host" "found" "${hosts[@]}"
else
	skip "no package archive's host" "this machine has no package sources to compare with"
fi

check_strings "no conflict marks" "found" '<<<<<<'"< " '>>>>>>'"> "

: >"$SCRATCH/binary"
: >"$SCRATCH/mode"
while IFS= read -r -d '' file; do
	path=$TOP/$file
	if [[ -L $path || ! -f $path || ! -s $path ]]; then continue; fi
	if ! grep -qI . "$path"; then printf '%s\n' "$file" >>"$SCRATCH/binary"; fi
	if [[ -x $path && $(head -c 2 "$path") != '#!' ]]; then printf '%s\n' "$file" >>"$SCRATCH/mode"; fi
	case $file in
	*.o | *.ko | *.mod.c | *.cpio | *.gz | *.xz | *.deb | *.dtb | *.orig | *.rej | *.pyc)
		printf '%s\n' "$file" >>"$SCRATCH/binary"
		;;
	esac
done <"$SCRATCH/files"
expect_empty "no binary or generated file" "found" "$SCRATCH/binary"
expect_empty "only scripts are executable" "found" "$SCRATCH/mode"
cases_end
