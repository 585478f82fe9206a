#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Can the test find what it is for? Each of seeds/*.patch puts a fault into a copy of core/; the
# test is built with it and has to end in that fault.
#
#   [MMU_SEED=NAME] run-seeds.sh OUT CFLAGS...   OUT: of mmu.mk, with the objects of the true core/
#
# Case lines: `PASS finds NAME (...)`, `FAIL finds NAME: why`.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
kmod=$here/../..
out=$1
shift
runs=${MMU_SEED_RUNS:-400}

# build NAME PATCH HOST: seed/NAME/test-mmu; what the patch leaves alone is linked as it is.
build() {
	local dir=$out/seed/$1 host=$3 object name source headers
	headers=$(grep -c '^+++ .*\.h$' "$2" || true)
	headers=${headers#0}
	local -a objects=() flags=()
	rm -rf -- "$dir"
	mkdir -p "$dir"
	cp -R "$kmod/core" "$kmod/host" "$kmod/compat" "$dir/"
	patch -s -f -p1 -d "$dir" <"$2" >&2 || return 1
	while IFS= read -r object; do
		flags=()
		if [[ $host == arm64 ]]; then flags=(-DHOST_ARM64); fi
		name=${object#"$out/$host/"}
		name=${name%.o}
		# an object whose source has gone since
		[[ $name == test/* || -e $kmod/core/$name.c ]] || continue
		if [[ $name == test/world ]] || { [[ ! $headers ]] &&
			{ [[ $name == test/* ]] || cmp -s "$kmod/core/$name.c" "$dir/core/$name.c"; }; }; then
			objects+=("$object")
			continue
		fi
		mkdir -p "$dir/$(dirname -- "$name")"
		source=$dir/core/$name.c
		if [[ $name == test/* ]]; then
			source=$here/${name#test/}.c
			flags+=(-DCOUNT_BLOCKS)
		else
			flags+=(-fsanitize-coverage=trace-pc)
		fi
		${CC:-cc} -I "$dir/core" "${COMMON[@]}" "${flags[@]}" -c "$source" -o "$dir/$name.o" ||
			return 1
		objects+=("$dir/$name.o")
	done < <(find "$out/$host" -name '*.o')
	${CC:-cc} "${COMMON[@]}" "${objects[@]}" -o "$dir/test-mmu"
}

# try NAME: one case line.
try() {
	local patch=$here/seeds/$1.patch host finds what status=0
	host=$(sed -n 's/^host: //p' "$patch")
	finds=$(sed -n 's/^finds: //p' "$patch")
	if ! build "$1" "$patch" "$host" >"$out/seed-$1.log" 2>&1; then
		echo "FAIL finds $1: it can't be built, see $out/seed-$1.log"
		return 1
	fi
	# in a shell of its own, which says nothing of an abort
	(
		exec 2>/dev/null
		timeout "${MMU_SEED_TIMEOUT:-240}" "$out/seed/$1/test-mmu" 1 "$runs" 30000 \
			>"$out/seed-$1.log" 2>&1
	) || status=$?
	rm -rf -- "$out/seed/$1"
	what=$(tr '\r' '\n' <"$out/seed-$1.log" |
		grep -m 1 -oE 'FAULT.*|(AddressSanitizer|runtime error): [^/(]*' || true)
	if ((status == 0)); then
		echo "FAIL finds $1: $runs runs found nothing"
	elif [[ ! $what =~ $finds ]]; then
		echo "FAIL finds $1: it ended otherwise: ${what:-$(tail -n 1 "$out/seed-$1.log")}"
	else
		echo "PASS finds $1 ($what)"
		return
	fi
	return 1
}

COMMON=("$@")
if [[ -n ${MMU_SEED:-} ]]; then
	try "$MMU_SEED"
	exit
fi
for patch in "$here"/seeds/*.patch; do basename -- "$patch" .patch; done |
	xargs -P "$(nproc)" -I{} env MMU_SEED={} "$0" "$out" "$@"
