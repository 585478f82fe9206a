#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds the ABI's self-test programs for the emulated hosts, statically linked,
# so that they run in any host, a 32-bit one in a 64-bit host too.
#
#   scripts/abi-tests.sh [armhf|arm64]...     both unless told otherwise
#
# Results: build/abi-tests/<arch>/{selftest,ioctl-fuzz,leak-test,hammer,tenants,reg-list}.
set -euo pipefail
# shellcheck source=scripts/lib/ui.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/ui.sh"
# shellcheck source=scripts/lib/arch.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/arch.sh"

SRC=$ARMKVM_TOP/kernel-abi/tests
INC=$ARMKVM_TOP/kernel-abi/include/uapi
FLAGS=(-std=gnu11 -O2 -g0 -Wall -Wextra -Werror -static -pthread -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 "-I$INC")

# build_program ARCH COMPILER NAME SOURCE...
build_program() {
	local arch=$1 compiler=$2 name=$3 out=$ARMKVM_BUILD/abi-tests/$1
	shift 3
	run "abi-tests-$arch-$name" "$compiler" "${FLAGS[@]}" -o "$out/$name.new" "$@"
	mv -f "$out/$name.new" "$out/$name"
}

# build_arch ARCH: all programs; nothing when the sources are those of the last time.
build_arch() {
	local arch=$1 compiler stamp out=$ARMKVM_BUILD/abi-tests/$1
	compiler=$(arch_triplet "$arch")-gcc
	need_tool "$compiler" "gcc-$(arch_triplet "$arch" | tr _ -) libc6-dev-$arch-cross"
	stamp=$({
		"$compiler" --version
		printf '%s\n' "${FLAGS[@]}"
		cat "$SRC"/*.[ch] "$INC"/*/*.h "${BASH_SOURCE[0]}"
	} | sha256sum)
	if stamp_is "$out/.stamp" "$stamp"; then return 0; fi
	mkdir -p "$out"
	rm -f "$out/.stamp"
	info "ABI test programs for $arch"
	build_program "$arch" "$compiler" selftest "$SRC"/selftest*.c
	build_program "$arch" "$compiler" ioctl-fuzz "$SRC/ioctl-fuzz.c" "$SRC/fuzz-guest.c"
	build_program "$arch" "$compiler" leak-test "$SRC/leak-test.c"
	build_program "$arch" "$compiler" hammer "$SRC/hammer.c" "$SRC/launcher.c"
	build_program "$arch" "$compiler" tenants "$SRC/tenants.c" "$SRC/launcher.c"
	build_program "$arch" "$compiler" reg-list "$SRC/reg-list.c"
	stamp_set "$out/.stamp" "$stamp"
}

main() {
	local arch lock
	if [[ ${1:-} == --help || ${1:-} == -h ]]; then
		sed -n '4,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
		return
	fi
	if (($# == 0)); then set -- armhf arm64; fi
	# Test groups that run side by side all ask for the programs.
	mkdir -p "$ARMKVM_BUILD/abi-tests"
	exec {lock}>"$ARMKVM_BUILD/abi-tests/.lock"
	flock "$lock"
	for arch; do
		arch_check "$arch"
		build_arch "$arch"
	done
}
main "$@"
