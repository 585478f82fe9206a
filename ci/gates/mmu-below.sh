#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The shadow MMU (kmod/core/mmu/) is below what uses it: none of its files includes one of
# core/engine/ or of a host's world switch, itself or by another header of ours. So it can be
# built, read and tested alone (kmod/tests/mmu/).
# test-cost: 1
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/cases.sh"

# What a host gives the shadow MMU by name is below it, too.
HOSTS=(host/arm host/arm64)

# includes_of FILE: what it includes, with quotes or as <host_...>, one a line.
includes_of() {
	sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]+("([^"]+)"|<(host_[^>]+)>).*/\2\3/p' "$1"
}

# upward KMOD: each chain of includes from KMOD/core/mmu/ that ends above it, one a line; the
# number of files that were read into $SCRATCH/read.
upward() {
	local kmod=$1 file chain name dir host
	local -a queue=()
	local -A seen=()
	for file in "$kmod"/core/mmu/*.[ch]; do
		[[ -f $file ]] || continue
		seen[$file]=1
		queue+=("$file|${file#"$kmod"/}")
	done
	while ((${#queue[@]})); do
		file=${queue[0]%%|*} chain=${queue[0]#*|}
		queue=("${queue[@]:1}")
		while IFS= read -r name; do
			local -a found=()
			dir=${file%/*}
			if [[ $name == host_* && ! -f $dir/$name ]]; then
				for host in "${HOSTS[@]}"; do found+=("$kmod/$host/$name"); done
			else
				found=("$(realpath -m -s -- "$dir/$name")")
			fi
			for name in "${found[@]}"; do
				case $name in
				*/core/engine/* | */host/world.h | */host_world.h | */switch.h)
					printf '%s -> %s\n' "$chain" "${name#"$kmod"/}"
					continue
					;;
				esac
				[[ -f $name && -z ${seen[$name]:-} ]] || continue
				seen[$name]=1
				queue+=("$name|$chain -> ${name#"$kmod"/}")
			done
		done < <(includes_of "$file")
	done
	echo "${#seen[@]}" >"$SCRATCH/read"
}

upward "$TOP/kmod" >"$SCRATCH/up"
expect_empty "core/mmu/ includes nothing of what uses it" "upward" "$SCRATCH/up"
if (($(<"$SCRATCH/read") >= 20)); then
	pass "all of core/mmu/ and its headers were read"
else
	fail "all of core/mmu/ and its headers were read" "only $(<"$SCRATCH/read") files"
fi

# The gate finds what it is for: an include upward, and one by way of another header.
mkdir -p "$SCRATCH/kmod"
cp -R "$TOP/kmod/core" "$TOP/kmod/host" "$SCRATCH/kmod/"
sed -i '1a #include "../engine/engine.h"' "$SCRATCH/kmod/core/mmu/fill.c"
sed -i '1a #include "engine/engine.h"' "$SCRATCH/kmod/core/memslot.h"
sed -i '1a #include "host_world.h"' "$SCRATCH/kmod/host/arm64/host_spte.h"
upward "$SCRATCH/kmod" >"$SCRATCH/up"
for chain in 'core/mmu/fill.c -> core/engine/engine.h' 'core/memslot.h -> core/engine/engine.h' \
	'host/arm64/host_spte.h -> host/arm64/host_world.h'; do
	if grep -qF -- "$chain" "$SCRATCH/up"; then
		pass "would find $chain"
	else
		fail "would find $chain" "it says: $(head -n 1 "$SCRATCH/up")"
	fi
done
cases_end
